"""Pure renderers: records in, text or JSON out."""
