"""A made-up day of a busy agency, as Prometheus would have scraped it from a Collector: every metric of the product."""

import itertools
from collections.abc import Iterator, Mapping

from tachograph import vocabulary as v
from tachograph.deliver.metrics.recorder import BUCKETS
from tachograph.vocabulary import Metric

STEP = 60  # seconds between scrapes
VALUES: Mapping[str, tuple[str, ...]] = {
    "agent_name": ("coder", "tester"),
    "recipe_name": ("fix_bug", "release"),
    "step_name": ("reproduce", "fix"),
    "command": ("app build", "app test"),
    "outcome": ("success", "failure", "skip"),
    "task_complexity": ("simple", "complex"),
    "token_type": v.TOKEN_TYPES,
    "model": ("large",),
    "quality_dimension": ("correctness", "overall"),
    "error_type": ("timeout",),
    "component": ("step fix", "chat large"),
    "signal": ("spans",),
    "reason": ("spool_write_failed",),
}
_PER_STEP = {
    v.TOKENS_WEIGHED.name: 1000.0,
    v.AGENT_TOKENS.name: 1000.0,
    v.QUALITY_POINTS.name: 8.0,
    v.SATISFACTION_POINTS.name: 4.0,
    v.TIME_USED.name: 0.4,
}
_OWN = ("receiver_accepted_spans", "receiver_refused_spans", "exporter_sent_spans", "exporter_send_failed_spans")


def open_metrics(end: int, hours: int) -> Iterator[str]:
    """The lines of an OpenMetrics file of so many hours up to `end`, in seconds since 1970."""
    times = range(end - hours * 3_600, end + 1, STEP)
    for metric in (*v.METRICS, *v.COLLECTED):
        if metric.kind == v.COUNTER:
            yield from _counter(metric, times)
        elif metric.kind == v.HISTOGRAM:
            yield from _histogram(metric, times)
    yield from _about_itself(times)
    yield "# EOF"


def _labels(metric: Metric) -> Iterator[str]:
    for values in itertools.product(*(VALUES[label] for label in metric.labels)):
        yield ",".join(f'{label}="{value}"' for label, value in zip(metric.labels, values, strict=True))


def _counter(metric: Metric, times: range) -> Iterator[str]:
    family = metric.prometheus_name.removesuffix("_total")
    yield f"# TYPE {family} counter"
    for labels in _labels(metric):
        growth = _PER_STEP.get(metric.name, 0.1 if 'outcome="failure"' in labels else 1.0)
        yield from (f"{family}_total{{{labels}}} {growth * number:g} {time}" for number, time in enumerate(times))


def _histogram(metric: Metric, times: range) -> Iterator[str]:
    """One observation a step, of the fourth bucket's upper bound."""
    name, bounds = metric.prometheus_name, BUCKETS[metric.name]
    yield f"# TYPE {name} histogram"
    for labels in _labels(metric):
        for bound in (*bounds, float("inf")):
            reached = bound >= bounds[3]
            le = "+Inf" if bound == float("inf") else str(float(bound))
            for number, time in enumerate(times):
                yield f'{name}_bucket{{{labels},le="{le}"}} {number * reached} {time}'
        yield from (f"{name}_sum{{{labels}}} {number * bounds[3]:g} {time}" for number, time in enumerate(times))
        yield from (f"{name}_count{{{labels}}} {number} {time}" for number, time in enumerate(times))


def _about_itself(times: range) -> Iterator[str]:
    yield "# TYPE up gauge"
    for job in ("dev_agency", "otelcol"):
        yield from (f'up{{job="{job}",instance="localhost"}} 1 {time}' for time in times)
    for base in _OWN:
        yield f"# TYPE otelcol_{base} counter"
        label = base.split("_")[0]
        yield from (f'otelcol_{base}_total{{{label}="otlp"}} {number} {time}' for number, time in enumerate(times))
    for name, value in (("exporter_queue_size", 1), ("exporter_queue_capacity", 10), ("process_memory_rss", 1e8)):
        yield f"# TYPE otelcol_{name} gauge"
        yield from (f'otelcol_{name}{{exporter="otlp",data_type="traces"}} {value:g} {time}' for time in times)
