"""The error of the package."""


class TimebookError(ValueError):
    """A time sheet that cannot be read, with the number of the line when it is known."""

    def __init__(self, reason: str, line: int | None = None) -> None:
        """Keep the reason and the number of the line."""
        super().__init__(reason if line is None else f"line {line}: {reason}")
        self.line = line
