"""Metrics of the running process from its finished spans: what a span adds, what is kept, how it is read."""
