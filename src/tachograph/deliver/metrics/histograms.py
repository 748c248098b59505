"""Adds our distributions to what OpenTelemetry's readers have collected, as histograms like any other."""

import time
from collections import defaultdict
from typing import Any, NamedTuple

from opentelemetry.sdk.metrics import Exemplar
from opentelemetry.sdk.metrics.export import (
    AggregationTemporality,
    Histogram,
    HistogramDataPoint,
    Metric,
    MetricExporter,
    MetricExportResult,
    MetricsData,
    ResourceMetrics,
    ScopeMetrics,
)

from tachograph import vocabulary as v
from tachograph.deliver.metrics.recorder import Recorder
from tachograph.deliver.metrics.series import Distribution, LabelValues

_SCOPE = "tachograph"
_CUMULATIVE, _DELTA = AggregationTemporality.CUMULATIVE, AggregationTemporality.DELTA


class _Before(NamedTuple):
    """What had been counted when a reader read last, and when that was."""

    time_ns: int
    counts: list[int]
    sum: float


class Histograms:
    """The distributions of a recorder as one reader sees them: all there is, or what has come since it read last."""

    def __init__(self, recorder: Recorder, is_delta: bool = False) -> None:
        self._recorder = recorder
        self._is_delta = is_delta
        self._before: dict[tuple[str, LabelValues], _Before] = {}

    def added_to(self, data: MetricsData) -> MetricsData:
        """The same with our histograms, in the scope of our other metrics."""
        added = self._metrics()
        return MetricsData([_with_scope(resource, added) for resource in data.resource_metrics]) if added else data

    def _metrics(self) -> list[Metric]:
        now = time.time_ns()
        points: defaultdict[v.Metric, list[HistogramDataPoint]] = defaultdict(list)
        for metric, labels, distribution in self._recorder.distributions():
            points[metric].extend(self._points(metric, labels, distribution, now))
        temporality = _DELTA if self._is_delta else _CUMULATIVE
        return [
            Metric(metric.name, metric.description, metric.unit, Histogram(of, temporality))
            for metric, of in points.items()
        ]

    def _points(self, metric: v.Metric, labels: LabelValues, now_is: Distribution, now: int) -> list[Any]:
        start, counts, total = self._recorder.since_ns, list(now_is.counts), now_is.sum
        if self._is_delta:
            before = self._before.get((metric.name, labels), _Before(start, [0] * len(counts), 0))
            self._before[metric.name, labels] = _Before(now, counts, total)
            start, total = before.time_ns, total - before.sum
            counts = [later - earlier for later, earlier in zip(counts, before.counts, strict=True)]
        if not any(counts):
            return []
        smallest: Any = None if self._is_delta else now_is.smallest  # the format allows for none
        largest: Any = None if self._is_delta else now_is.largest
        attributes = dict(zip(metric.labels, labels, strict=True))
        exemplars = _exemplars(now_is, start)
        return [
            HistogramDataPoint(
                attributes, start, now, sum(counts), total, counts, now_is.bounds, smallest, largest, exemplars
            )
        ]


class FilledExporter(MetricExporter):
    """Passes on what was collected, with our histograms."""

    def __init__(self, exporter: MetricExporter, histograms: Histograms, temporality: Any, aggregation: Any) -> None:
        super().__init__(temporality, aggregation)
        self._exporter = exporter
        self._histograms = histograms

    def export(self, metrics_data: MetricsData, timeout_millis: float = 10_000, **kwargs: Any) -> MetricExportResult:
        filled = self._histograms.added_to(metrics_data)
        return self._exporter.export(filled, timeout_millis=timeout_millis, **kwargs)

    def force_flush(self, timeout_millis: float = 10_000) -> bool:
        return self._exporter.force_flush(timeout_millis)

    def shutdown(self, timeout_millis: float = 30_000, **kwargs: Any) -> None:
        self._exporter.shutdown(timeout_millis, **kwargs)


def _exemplars(distribution: Distribution, since_ns: int) -> list[Exemplar]:
    return [
        Exemplar({}, value, time_ns or 0, context.span_id, context.trace_id)
        for value, time_ns, context in distribution.exemplars.values()
        if context.trace_flags.sampled and (time_ns or 0) >= since_ns
    ]


def _with_scope(resource: ResourceMetrics, added: list[Metric]) -> ResourceMetrics:
    scopes = [
        ScopeMetrics(scope.scope, [*scope.metrics, *added], scope.schema_url) if scope.scope.name == _SCOPE else scope
        for scope in resource.scope_metrics
    ]
    return ResourceMetrics(resource.resource, scopes, resource.schema_url)
