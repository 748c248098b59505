"""What a span means, as pure functions: the same answers inside a traced process and over stored telemetry."""
