"""Spans of time that figures are about."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Window:
    """A span of time, nanoseconds since the epoch; the end is not part of it."""

    since_ns: int
    until_ns: int

    def before(self) -> "Window":
        """The window of the same length that ends where this one begins."""
        return Window(2 * self.since_ns - self.until_ns, self.since_ns)
