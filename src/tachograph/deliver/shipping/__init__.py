"""Delivering a spool to a Collector: what is pending, where it goes, and how far it came."""
