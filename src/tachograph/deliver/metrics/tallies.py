"""What is kept between two readings: sums by label values, and windows over the latest observations."""

from collections import defaultdict, deque
from collections.abc import Iterator

WINDOW_COUNT = 1_000
WINDOW_NS = 24 * 3_600 * 10**9

LabelValues = tuple[str, ...]


class Sums:
    """Running sums, one for each combination of label values."""

    def __init__(self) -> None:
        self._sums: defaultdict[LabelValues, float] = defaultdict(int)

    def add(self, labels: LabelValues, amount: float) -> None:
        self._sums[labels] += amount

    def read(self) -> list[tuple[LabelValues, float]]:
        """Every sum so far."""
        return list(self._sums.items())


class Windows:
    """Means over a window for each combination of label values: the last 1,000 observations or 24 hours,
    whichever is less. Where nothing was observed for 24 hours there is no mean."""

    def __init__(self) -> None:
        self._seen: defaultdict[LabelValues, deque[tuple[int, float]]] = defaultdict(lambda: deque(maxlen=WINDOW_COUNT))

    def add(self, labels: LabelValues, value: float, time_ns: int) -> None:
        self._seen[labels].append((time_ns, value))

    def read(self, now_ns: int) -> list[tuple[LabelValues, float]]:
        """The mean of each window as of now."""
        return list(self._means(now_ns - WINDOW_NS))

    def _means(self, since_ns: int) -> Iterator[tuple[LabelValues, float]]:
        for labels, seen in self._seen.items():
            recent = [value for time_ns, value in seen if time_ns >= since_ns]
            if recent:
                yield labels, sum(recent) / len(recent)
