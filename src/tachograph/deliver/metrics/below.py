"""What has finished below a span that is still running, as far as it decides what the span itself counts."""

from typing import NamedTuple

from opentelemetry.sdk.trace import ReadableSpan

MAX_RUNNING = 100_000  # spans with something to remember; beyond it the oldest is forgotten


class Below(NamedTuple):
    """Whether anything below reported usage or cost, for then a total further up is no new one; and the largest
    context that was prepared, -1 where none was."""

    usage: bool = False
    cost: bool = False
    context_size: int = -1

    def joined(self, other: "Below") -> "Below":
        """This and the other together."""
        return Below(self.usage or other.usage, self.cost or other.cost, max(self.context_size, other.context_size))


NOTHING = Below()


class Trail:
    """Carries what a finished span reports up to its parents. Not safe for threads by itself.

    A span that ends after its parent comes too late for it.
    """

    def __init__(self) -> None:
        self._below: dict[int, Below] = {}

    def end(self, span: ReadableSpan, own: Below) -> Below:
        """Hand up what the span itself reports and what was below it; gives the latter."""
        below = self._below.pop(span.context.span_id, NOTHING)
        together = own if below is NOTHING else below.joined(own)
        if together is not NOTHING and span.parent is not None and not span.parent.is_remote:
            self._hand_up(span.parent.span_id, together)
        return below

    def _hand_up(self, parent: int, reported: Below) -> None:
        if parent not in self._below and len(self._below) >= MAX_RUNNING:
            self._below.pop(next(iter(self._below)))
        self._below[parent] = self._below.get(parent, NOTHING).joined(reported)
