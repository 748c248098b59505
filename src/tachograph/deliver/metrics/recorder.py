"""Keeps the metrics of a process: takes each finished span, and is read by OpenTelemetry's instruments."""

import os
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from threading import Lock

from opentelemetry import trace
from opentelemetry.metrics import CallbackOptions, Histogram, Meter, Observation
from opentelemetry.sdk.trace import ReadableSpan

from tachograph import vocabulary as v
from tachograph.deliver.metrics.below import Trail
from tachograph.deliver.metrics.labels import Labels
from tachograph.deliver.metrics.points import Ended, Point, points
from tachograph.deliver.metrics.tallies import LabelValues, Sums, Windows
from tachograph.guard import harmless
from tachograph.vocabulary import Metric

# Upper bounds of buckets: agents take from a tenth of a second to two hours, commands often far less.
_SECONDS = (0.1, 0.25, 0.5, 1, 2, 3, 5, 10, 20, 30, 60, 120, 300, 600, 1_200, 1_800, 3_600, 7_200)
_COMMAND_SECONDS = (0.005, 0.01, 0.025, 0.05, *_SECONDS)
_CONTEXT_TOKENS = tuple(2**power for power in range(8, 22))  # 256 to two million
BUCKETS: Mapping[str, Sequence[float]] = {
    v.AGENT_DURATION.name: _SECONDS,
    v.AGENT_CONTEXT_SIZE.name: _CONTEXT_TOKENS,
    v.RECIPE_DURATION.name: _SECONDS,
    v.RECIPE_STEP_DURATION.name: _SECONDS,
    v.CLI_DURATION.name: _COMMAND_SECONDS,
}


class Recorder:
    """Does nothing, at no cost, until `start` gives it a meter.

    Counters and gauges are kept here and read when they are exported; histograms are OpenTelemetry's own.
    Calls count once, for the agent whose name they bear. `dropped` tells how many spans the spool has lost;
    None where there is no spool.
    """

    def __init__(self) -> None:
        self.dropped: Callable[[], int] | None = None
        self._started = False
        self._lock = Lock()
        self._trail = Trail()
        self._labels = Labels()
        self._sums = {metric.name: Sums() for metric in v.METRICS if metric.kind == v.COUNTER}
        self._windows = {metric.name: Windows() for metric in v.METRICS if metric.kind == v.GAUGE}
        self._histograms: dict[str, Histogram] = {}

    def start(self, meter: Meter) -> None:
        """Make the instruments, and count from now on."""
        for metric in v.METRICS:
            _MAKERS[metric.kind](self, meter, metric)
        self._started = True
        if hasattr(os, "register_at_fork"):
            os.register_at_fork(after_in_child=self._renew_lock)

    def _renew_lock(self) -> None:
        self._lock = Lock()  # a thread that did not come along into the child may have held the old one

    @harmless
    def record(self, span: ReadableSpan) -> None:
        """Count a finished span, which carries its inherited attributes."""
        if not self._started:
            return
        ended = Ended.of(span)
        with self._lock:
            ended.below = self._trail.end(span, ended.reports)
            durations = [taken for taken in map(partial(self._take, span), points(ended)) if taken]
        for point in durations:
            self._measure(span, point)

    def _take(self, span: ReadableSpan, point: Point) -> Point | None:
        """Keep the point, or give it back with its final labels where it belongs to a histogram."""
        metric, labels = point.metric, self._labels.of(point.metric.labels, point.labels)
        if metric.kind == v.HISTOGRAM:
            return Point(metric, labels, point.value)
        if metric.kind == v.COUNTER:
            self._sums[metric.name].add(labels, point.value)
        else:
            self._windows[metric.name].add(labels, point.value, span.end_time or 0)
        return None

    def _measure(self, span: ReadableSpan, point: Point) -> None:
        # With the span as context its trace becomes the exemplar of the bucket.
        context = trace.set_span_in_context(trace.NonRecordingSpan(span.context))
        attributes = dict(zip(point.metric.labels, point.labels, strict=True))
        self._histograms[point.metric.name].record(point.value, attributes, context)

    def _make_counter(self, meter: Meter, metric: Metric) -> None:
        read = self._read_dropped if metric is v.TELEMETRY_DROPPED else partial(self._read_sums, metric)
        meter.create_observable_counter(metric.name, [read], metric.unit, metric.description)

    def _make_gauge(self, meter: Meter, metric: Metric) -> None:
        callback = partial(self._read_windows, metric)
        meter.create_observable_gauge(metric.name, [callback], metric.unit, metric.description)

    def _make_histogram(self, meter: Meter, metric: Metric) -> None:
        self._histograms[metric.name] = meter.create_histogram(
            metric.name,
            metric.unit,
            metric.description,
            explicit_bucket_boundaries_advisory=BUCKETS[metric.name],
        )

    def _read_sums(self, metric: Metric, _: CallbackOptions) -> Iterable[Observation]:
        with self._lock:
            sums = self._sums[metric.name].read()
        return _observations(metric, sums)

    def _read_windows(self, metric: Metric, _: CallbackOptions) -> Iterable[Observation]:
        with self._lock:
            means = self._windows[metric.name].read(time.time_ns())
        return _observations(metric, means)

    def _read_dropped(self, _: CallbackOptions) -> Iterable[Observation]:
        if self.dropped is None:
            return []
        return _observations(v.TELEMETRY_DROPPED, [(("traces", "spool_write_failed"), self.dropped())])


_MAKERS = {
    v.COUNTER: Recorder._make_counter,
    v.GAUGE: Recorder._make_gauge,
    v.HISTOGRAM: Recorder._make_histogram,
}


def _observations(metric: Metric, values: Iterable[tuple[LabelValues, float]]) -> list[Observation]:
    return [Observation(value, dict(zip(metric.labels, labels, strict=True))) for labels, value in values]
