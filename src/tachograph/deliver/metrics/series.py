"""What is kept of each metric between two readings: one cell for each combination of label values."""

from bisect import bisect_left
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from typing import Generic, TypeVar

from opentelemetry import trace
from opentelemetry.metrics import Histogram
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.trace import SpanContext

WINDOW_COUNT = 1_000
WINDOW_NS = 24 * 3_600 * 10**9

LabelValues = tuple[str, ...]
Cell = TypeVar("Cell")


class Series(Generic[Cell]):
    """Cells by label values, which `clean` makes readable and few; it is asked only for what is new."""

    def __init__(self, make: Callable[[LabelValues], Cell], clean: Callable[[LabelValues], LabelValues]) -> None:
        self._make = make
        self._clean = clean
        self.cells: dict[LabelValues, Cell] = {}

    def of(self, labels: LabelValues) -> Cell:
        """The cell in which these values count."""
        return self.cells.get(labels) or self._under(self._clean(labels))

    def _under(self, labels: LabelValues) -> Cell:
        found = self.cells.get(labels)
        if found is None:
            found = self.cells[labels] = self._make(labels)
        return found


class Sum:
    """A running sum."""

    __slots__ = ("value",)

    def __init__(self, labels: LabelValues = ()) -> None:
        self.value: float = 0

    def add(self, amount: float, span: ReadableSpan) -> None:
        self.value += amount


class Recent:
    """A mean over a window: the last 1,000 observations or 24 hours, whichever is less."""

    __slots__ = ("_seen",)

    def __init__(self, labels: LabelValues = ()) -> None:
        self._seen: deque[tuple[int, float]] = deque(maxlen=WINDOW_COUNT)

    def add(self, value: float, span: ReadableSpan) -> None:
        self._seen.append((span.end_time or 0, value))

    def mean(self, now_ns: int) -> float | None:
        """The mean as of now; None where nothing was observed for 24 hours."""
        recent = [value for time_ns, value in self._seen if time_ns >= now_ns - WINDOW_NS]
        return sum(recent) / len(recent) if recent else None


class Distribution:
    """Counts by bucket, up to and with each upper bound, and the last trace in each bucket as its exemplar."""

    __slots__ = ("bounds", "counts", "exemplars", "largest", "smallest", "sum")

    def __init__(self, bounds: Sequence[float]) -> None:
        self.bounds = bounds
        self.counts = [0] * (len(bounds) + 1)
        self.sum = 0.0
        self.smallest, self.largest = float("inf"), float("-inf")
        self.exemplars: dict[int, tuple[float, int | None, SpanContext]] = {}

    def add(self, value: float, span: ReadableSpan) -> None:
        bucket = bisect_left(self.bounds, value)
        self.counts[bucket] += 1
        self.sum += value
        if value < self.smallest:
            self.smallest = value
        if value > self.largest:
            self.largest = value
        self.exemplars[bucket] = (value, span.end_time, span.context)


class Forwarded:
    """An instrument of OpenTelemetry's that counts for us, where the meter provider is the program's own."""

    def __init__(self, histogram: Histogram, attributes: Mapping[str, str]) -> None:
        self._histogram = histogram
        self._attributes = attributes

    def add(self, value: float, span: ReadableSpan) -> None:
        # With the span as context its trace becomes the exemplar of the bucket.
        context = trace.set_span_in_context(trace.NonRecordingSpan(span.context))
        self._histogram.record(value, self._attributes, context)
