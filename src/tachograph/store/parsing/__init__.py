"""From files to typed rows: what a line says and what a span means, without any database."""
