"""An OTLP/HTTP receiver that needs no Collector: what programs send goes into the spool, line by line."""
