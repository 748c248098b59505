"""How telemetry leaves the process: the spool that survives a kill, and exporters that cannot hold up the exit."""
