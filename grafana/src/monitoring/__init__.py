"""Dashboards, recording rules and alert rules of the product, as code; `python -m monitoring` writes the files."""
