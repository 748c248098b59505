"""What has finished below a span that is still running, as far as it decides what the span itself counts."""

from opentelemetry.sdk.trace import ReadableSpan

from tachograph.semantics.below import NOTHING, Below

MAX_RUNNING = 100_000  # spans with something to remember; beyond it the oldest is forgotten


class Trail:
    """Carries what a finished span reports up to its parents. Not safe for threads by itself.

    A span that ends after its parent comes too late for it.
    """

    def __init__(self) -> None:
        self._below: dict[int, Below] = {}

    def end(self, span: ReadableSpan, own: Below) -> Below:
        """Hand up what the span itself reports and what was below it; gives the latter."""
        below = self._below.pop(span.context.span_id, NOTHING)
        together = below.joined(own)
        if together != NOTHING and span.parent is not None and not span.parent.is_remote:
            self._hand_up(span.parent.span_id, together)
        return below

    def _hand_up(self, parent: int, reported: Below) -> None:
        if parent not in self._below and len(self._below) >= MAX_RUNNING:
            self._below.pop(next(iter(self._below)))
        self._below[parent] = self._below.get(parent, NOTHING).joined(reported)
