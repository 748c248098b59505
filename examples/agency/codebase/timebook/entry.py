"""The entry of a time sheet."""

from dataclasses import dataclass, replace
from datetime import date


@dataclass(frozen=True)
class Entry:
    """The minutes spent on one task of a project on one day."""

    day: date
    project: str
    task: str
    minutes: int

    def rounded(self, step: int) -> "Entry":
        """Return the entry with its minutes rounded up to a multiple of the step."""
        return replace(self, minutes=-(-self.minutes // step) * step)
