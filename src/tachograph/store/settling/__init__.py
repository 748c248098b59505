"""From spans to executions: trees as arrays, and what hangs under each unit summed up; no database here either."""
