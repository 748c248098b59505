"""Keeps the metrics of a process: takes each finished span, and is read by OpenTelemetry's instruments and readers."""

import os
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import partial
from threading import Lock
from typing import Any

from opentelemetry.metrics import CallbackOptions, Meter, Observation

from tachograph import vocabulary as v
from tachograph.deliver.metrics.labels import Labels
from tachograph.deliver.metrics.points import points, repeated
from tachograph.deliver.metrics.series import Distribution, Forwarded, LabelValues, Recent, Series, Sum
from tachograph.guard import tell_fault
from tachograph.semantics.ended import Ended
from tachograph.semantics.template import Template
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

    Everything is kept here: sums and means are read by observable instruments, distributions by `distributions`,
    for readers of ours to add. A call counts once, for the agent whose name it bears. `dropped` tells what the
    spool has lost, by signal and reason; None where there is no spool.
    """

    def __init__(self) -> None:
        self.dropped: Callable[[], Mapping[tuple[str, str], int]] | None = None
        self.since_ns = 0
        self._lock = Lock()
        self._labels = Labels()
        self._series: dict[str, Series[Any]] = {}
        self._since: object = None  # what stands for the cells that there are now

    def start(self, meter: Meter, reads_distributions: bool = False) -> None:
        """Make the instruments, and count from now on. Unless the readers of `meter` read our distributions,
        OpenTelemetry's histograms count in their place."""
        for metric in v.METRICS:
            clean = partial(self._labels.of, metric.labels)
            self._series[metric.name] = Series(self._maker(meter, metric, reads_distributions), clean)
        self.since_ns, self._since = time.time_ns(), object()
        if hasattr(os, "register_at_fork"):
            os.register_at_fork(after_in_child=self._begin_anew)

    def _begin_anew(self) -> None:
        """A forked child counts its own: the parent goes on counting what was before."""
        self._lock = Lock()  # a thread that did not come along into the child may have held the old one
        self.since_ns, self._since = time.time_ns(), object()
        for series in self._series.values():
            series.cells.clear()

    def record(self, ended: Ended) -> None:
        """Count a finished span, which carries its inherited attributes."""
        if not self.since_ns:
            return
        try:
            self._count(ended)
        except Exception as error:
            tell_fault(self.record, error)

    def _count(self, ended: Ended) -> None:
        span, template = ended.span, ended.template
        with self._lock:
            cells = self._known(template) if template else None
            if cells is None:
                found = points(ended)
                cells = self._cells(found)
                if template:
                    template.counted = self._since, self._cells(repeated(found) or ())
            seconds = (span.end_time - span.start_time) / 1e9
            for cell, value in cells:
                cell.add(seconds if value is None else value, span)

    def _known(self, template: Template) -> Sequence[tuple[Any, Any]] | None:
        """Where spans of this template count, if one was counted before; nowhere in common is asked for each time."""
        since, cells = template.counted or (None, None)
        return (cells or None) if since is self._since else None

    def _cells(self, found: Iterable[tuple[Metric, LabelValues, Any]]) -> list[tuple[Any, Any]]:
        return [(self._series[metric.name].of(labels), value) for metric, labels, value in found]

    def distributions(self) -> Iterator[tuple[Metric, LabelValues, Distribution]]:
        """Every distribution as it is now."""
        with self._lock:
            for metric in v.METRICS:
                series = self._series.get(metric.name) if metric.kind == v.HISTOGRAM else None
                for labels, cell in series.cells.items() if series else ():
                    yield metric, labels, cell

    def _maker(self, meter: Meter, metric: Metric, reads_distributions: bool) -> Callable[[LabelValues], Any]:
        """What makes a cell of this metric; makes its instrument, too."""
        if metric.kind == v.HISTOGRAM:
            bounds = BUCKETS[metric.name]
            return partial(_distribution, bounds) if reads_distributions else _forwarder(meter, metric, bounds)
        if metric.kind == v.COUNTER:
            read = self._read_dropped if metric is v.TELEMETRY_DROPPED else partial(self._read_sums, metric)
            meter.create_observable_counter(metric.name, [read], metric.unit, metric.description)
            return Sum
        means = partial(self._read_means, metric)
        meter.create_observable_gauge(metric.name, [means], metric.unit, metric.description)
        return Recent

    def _read_sums(self, metric: Metric, _: CallbackOptions) -> Iterable[Observation]:
        with self._lock:
            sums = [(labels, cell.value) for labels, cell in self._series[metric.name].cells.items()]
        return _observations(metric, sums)

    def _read_means(self, metric: Metric, _: CallbackOptions) -> Iterable[Observation]:
        now = time.time_ns()
        with self._lock:
            means = [(labels, cell.mean(now)) for labels, cell in self._series[metric.name].cells.items()]
        return _observations(metric, [(labels, mean) for labels, mean in means if mean is not None])

    def _read_dropped(self, _: CallbackOptions) -> Iterable[Observation]:
        if self.dropped is None:
            return []
        return _observations(v.TELEMETRY_DROPPED, list(self.dropped().items()))


def _distribution(bounds: Sequence[float], _: LabelValues) -> Distribution:
    return Distribution(bounds)


def _forwarder(meter: Meter, metric: Metric, bounds: Sequence[float]) -> Callable[[LabelValues], Forwarded]:
    histogram = meter.create_histogram(
        metric.name, metric.unit, metric.description, explicit_bucket_boundaries_advisory=bounds
    )
    return lambda labels: Forwarded(histogram, dict(zip(metric.labels, labels, strict=True)))


def _observations(metric: Metric, values: Iterable[tuple[LabelValues, float]]) -> list[Observation]:
    return [Observation(value, dict(zip(metric.labels, labels, strict=True))) for labels, value in values]
