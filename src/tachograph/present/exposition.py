"""Metrics in Prometheus' text format."""

import math
from collections.abc import Iterable, Sequence

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.metrics_core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
)
from prometheus_client.metrics_core import (
    Metric as Exposed,
)
from prometheus_client.registry import Collector

from tachograph import vocabulary as v
from tachograph.records import Family, Sample
from tachograph.vocabulary import Metric

_LONGEST = 256  # characters of a label's value


def prometheus(families: Sequence[Family]) -> str:
    """The metrics that have samples, with help and type."""
    registry = CollectorRegistry()
    registry.register(_Given([_family(metric, samples) for metric, samples in families if samples]))
    return generate_latest(registry).decode()


class _Given(Collector):
    def __init__(self, families: list[Exposed]) -> None:
        self._families = families

    def collect(self) -> Iterable[Exposed]:
        return self._families


def _family(metric: Metric, samples: Sequence[Sample]) -> Exposed:
    name, labels = metric.prometheus_name, metric.labels
    if metric.kind == v.HISTOGRAM:
        histogram = HistogramMetricFamily(name, metric.description, labels=labels)
        for sample in samples:
            buckets = [("+Inf" if math.isinf(bound) else str(float(bound)), count) for bound, count in sample.buckets]
            histogram.add_metric(_clean(sample.labels), buckets, sample.value)
        return histogram
    family = CounterMetricFamily if metric.kind == v.COUNTER else GaugeMetricFamily
    made = family(name, metric.description, labels=labels)
    for sample in samples:
        made.add_metric(_clean(sample.labels), sample.value)
    return made


def _clean(labels: Sequence[str]) -> list[str]:
    return [label[:_LONGEST].encode("utf-8", "replace").decode() for label in labels]
