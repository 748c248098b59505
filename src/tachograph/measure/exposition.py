"""The contract's metrics over a window of the store, as a process that lived through it would have counted them."""

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final

from tachograph import vocabulary as v
from tachograph.deliver.metrics.recorder import BUCKETS
from tachograph.measure.performance import Row
from tachograph.records import Family, Sample, Window
from tachograph.semantics import roles
from tachograph.semantics.outcome import SKIP
from tachograph.store import Store
from tachograph.vocabulary import Metric

Labels = tuple[str, ...]


def exposition(store: Store, window: Window, lost: Mapping[tuple[str, str], int]) -> list[Family]:
    """Every metric with its samples; `lost` is what telemetry was dropped, by signal and reason, of which the store
    knows nothing."""
    bounds: dict[str, Any] = {"since": window.since_ns, "until": window.until_ns}
    found: dict[Metric, list[Sample]] = {metric: [] for metric in v.METRICS}
    for metric, samples in _all(store, bounds):
        found[metric] += samples
    found[v.TELEMETRY_DROPPED] += [Sample(loss, count) for loss, count in sorted(lost.items())]
    return list(found.items())


def _all(store: Store, bounds: dict[str, Any]) -> Iterator[Family]:
    yield from _counted(store.query("metric_counts", **bounds))
    for metric, role, what in _HISTOGRAMS:
        limits = [*BUCKETS[metric.name], math.inf]
        rows = store.query("metric_buckets", role=role, what=what, bounds=limits, **bounds)
        yield metric, list(_histogram(rows, role, len(metric.labels)))
    yield from _agents(store.query("agents", only=None, **bounds))
    yield from _reviews(store.query("quality", **bounds))
    yield from _recipes(store.query("recipes", only=None, **bounds))
    yield v.AGENT_COST, list(_costs(store.query("spending", only=None, inside=False, skipped=True, **bounds)))


_HISTOGRAMS: Final = (
    (v.AGENT_DURATION, roles.AGENT, "duration"),
    (v.AGENT_CONTEXT_SIZE, roles.AGENT, "context"),
    (v.RECIPE_DURATION, roles.RECIPE, "duration"),
    (v.RECIPE_STEP_DURATION, roles.STEP, "duration"),
    (v.CLI_DURATION, roles.COMMAND, "duration"),
)


def _counted(rows: Sequence[Row]) -> Iterator[Family]:
    """Executions by outcome, errors, and the share that succeeded."""
    counters: dict[Metric, Counter[Labels]] = defaultdict(Counter)
    rates: dict[Metric, dict[Labels, list[int]]] = defaultdict(lambda: defaultdict(lambda: [0, 0]))
    for row in rows:
        metric, labels = _execution(row)
        counters[metric][labels] += row["executions"]
        if row["outcome"] == SKIP:
            continue
        if row["role"] in _RATES:
            of = rates[_RATES[row["role"]]][row["name"],]
            of[0] += row["successes"]
            of[1] += row["executions"]
        if row["role"] == roles.AGENT and row["executions"] > row["successes"]:
            counters[v.AGENT_ERRORS][row["name"], _text(row["error_type"])] += row["executions"] - row["successes"]
    for metric, of_labels in counters.items():
        yield metric, [Sample(labels, count) for labels, count in of_labels.items()]
    for metric, of_name in rates.items():
        yield metric, [Sample(labels, good / n) for labels, (good, n) in of_name.items()]


_RATES: Final = {roles.AGENT: v.AGENT_SUCCESS_RATE, roles.RECIPE: v.RECIPE_SUCCESS_RATE}


def _execution(row: Row) -> tuple[Metric, Labels]:
    name, outcome = row["name"], row["outcome"]
    if row["role"] == roles.AGENT:
        return v.AGENT_INVOCATIONS, (name, outcome, _complexity(row))
    if row["role"] == roles.STEP:
        return v.RECIPE_STEPS, (_text(row["recipe_name"]), name, outcome)
    return (v.RECIPE_EXECUTIONS if row["role"] == roles.RECIPE else v.CLI_COMMANDS), (name, outcome)


def _histogram(rows: Sequence[Row], role: str, labels: int) -> Iterator[Sample]:
    series: dict[Labels, list[Row]] = defaultdict(list)
    for row in rows:
        if role == roles.STEP:
            key: Labels = (_text(row["recipe_name"]), row["name"])
        else:
            key = (row["name"], _complexity(row))[:labels]
        series[key].append(row)
    for key, of in series.items():
        counts: Counter[float] = Counter()
        for row in of:  # several where a complexity is none that is known
            counts[row["bound"]] += row["executions"]
        totals = {(row["complexity"], row["recipe_name"]): row["total"] for row in of}
        yield Sample(key, float(sum(totals.values())), tuple(sorted(counts.items())))


def _agents(rows: Iterable[Row]) -> Iterator[Family]:
    for row in rows:
        if row["usage_known"]:
            tokens = [Sample((row["agent_name"], kind), int(row[f"{kind}_tokens"] or 0)) for kind in v.TOKEN_TYPES]
            yield v.AGENT_TOKENS, tokens


def _reviews(rows: Iterable[Row]) -> Iterator[Family]:
    for row in rows:
        scores = [(dimension, row[dimension]) for dimension in v.QUALITY_DIMENSIONS]
        yield v.AGENT_QUALITY, [Sample((row["agent_name"], name), score) for name, score in scores if score is not None]


def _recipes(rows: Iterable[Row]) -> Iterator[Family]:
    for row in rows:
        for metric, value in ((v.RECIPE_TIME_SAVED, row["time_saved"]), (v.RECIPE_SATISFACTION, row["satisfaction"])):
            if value is not None:
                yield metric, [Sample((row["recipe_name"],), value)]


def _costs(rows: Iterable[Row]) -> Iterator[Sample]:
    for row in sorted(rows, key=lambda row: (_text(row["agent_name"]), _text(row["model"]))):
        if row["agent_name"] is not None and row["cost_usd"] is not None:
            yield Sample((row["agent_name"], _text(row["model"])), row["cost_usd"])


def _complexity(row: Row) -> str:
    return row["complexity"] if row["complexity"] in v.COMPLEXITIES else v.UNKNOWN_VALUE


def _text(value: str | None) -> str:
    return value or v.UNKNOWN_VALUE
