"""The generated parts of the Collector's configurations, one module each."""
