"""Metrics of a window, for any way to write them down."""

from dataclasses import dataclass

from tachograph.vocabulary import Metric


@dataclass(frozen=True, slots=True)
class Sample:
    """One label set of a metric: a value, or for a histogram its sum and its cumulative counts by upper bound."""

    labels: tuple[str, ...]
    value: float
    buckets: tuple[tuple[float, int], ...] = ()


Family = tuple[Metric, list[Sample]]
