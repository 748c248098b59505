"""The seven key figures: target, current value with interval and n, and the trend against the window before."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from tachograph.measure import statistics
from tachograph.measure.statistics import Estimate, Interval
from tachograph.records import Kpi, Trend, Window
from tachograph.semantics import roles
from tachograph.store import Store

# Below this many observations in either window a 95 % interval is wider than most changes that matter:
# Wilson's for a rate of 90 % with n = 10 spans 40 points.
ENOUGH = 10

_Measured = tuple[Estimate, str]  # the estimate and a detail to show beside it


@dataclass(frozen=True, slots=True)
class _Figure:
    category: str
    name: str
    target: float
    comparison: str
    unit: str
    measure: Callable[[Store, Window], _Measured]
    difference: Callable[[Estimate, Estimate], Interval | None]


def kpis(store: Store, window: Window) -> list[Kpi]:
    """All key figures over a window, each compared with the window of the same length before."""
    return [_kpi(figure, store, window) for figure in FIGURES]


def _kpi(figure: _Figure, store: Store, window: Window) -> Kpi:
    now, detail = figure.measure(store, window)
    before, _ = figure.measure(store, window.before())
    trend = _trend(figure, now, before)
    return Kpi(
        figure.category,
        figure.name,
        figure.target,
        figure.comparison,
        figure.unit,
        now.value,
        now.ci,
        now.n,
        trend,
        detail,
    )


def _trend(figure: _Figure, now: Estimate, before: Estimate) -> Trend:
    ci = figure.difference(now, before)
    if now.value is None or before.value is None or ci is None:
        return Trend(None, None, "not enough data")
    change = now.value - before.value
    if min(now.n, before.n) < ENOUGH:
        return Trend(change, ci, "not enough data")
    if ci[0] <= 0 <= ci[1]:
        return Trend(change, ci, "steady")
    improved = (change > 0) == (figure.comparison == ">")
    return Trend(change, ci, "better" if improved else "worse")


def _row(store: Store, query: str, window: Window, **parameters: Any) -> dict[str, Any]:
    return store.query(query, since=window.since_ns, until=window.until_ns, **parameters)[0]


def _success_rate(role: str) -> Callable[[Store, Window], _Measured]:
    def measure(store: Store, window: Window) -> _Measured:
        row = _row(store, "kpi_executions", window, role=role)
        return statistics.proportion(row["successes"], row["n"]), f"{row['successes']} of {row['n']}"

    return measure


def _response_time(store: Store, window: Window) -> _Measured:
    row = _row(store, "kpi_executions", window, role=roles.AGENT)
    detail = f"p50 {row['p50']:.3g} s, p95 {row['p95']:.3g} s" if row["n"] else ""
    return statistics.mean(row["n"], row["total"] or 0.0, row["squares"] or 0.0), detail


def _token_efficiency(store: Store, window: Window) -> _Measured:
    row = {key: value or 0 for key, value in _row(store, "kpi_tokens", window).items()}
    sums = (row["total"], row["wasted"], row["total_squares"], row["wasted_squares"], row["products"])
    wasted = statistics.ratio_of_sums(row["n"], *sums)
    if wasted.value is None:
        return wasted, ""
    ci = (max(0.0, 1 - wasted.ci[1]), min(1.0, 1 - wasted.ci[0])) if wasted.ci else None
    efficiency = Estimate(1 - wasted.value, ci, wasted.n, wasted.variance, wasted.freedom)
    return efficiency, f"{int(row['wasted']):,} of {int(row['total']):,} tokens wasted"


def _time_saved(store: Store, window: Window) -> _Measured:
    row = _row(store, "kpi_time_saved", window)
    base = "measured on people" if row["measured"] == row["n"] else "recipes' estimates"
    if 0 < row["measured"] < row["n"]:
        base = f"measured on people for {row['measured']} of {row['n']}, else recipes' estimates"
    return statistics.mean(row["n"], row["total"] or 0.0, row["squares"] or 0.0), base if row["n"] else ""


def _adoption(store: Store, window: Window) -> _Measured:
    row = _row(store, "kpi_adoption", window)
    return statistics.proportion(row["successes"], row["n"]), f"{row['successes']} of {row['n']} users"


def _error_rate(store: Store, window: Window) -> _Measured:
    row = _row(store, "kpi_executions", window, role=roles.COMMAND)
    failed = row["n"] - row["successes"]
    return statistics.proportion(failed, row["n"]), f"{failed} of {row['n']}"


_RATES = statistics.difference_of_proportions
_MEANS = statistics.difference_of_means

FIGURES = (
    _Figure("Agent", "success rate", 0.95, ">", "ratio", _success_rate(roles.AGENT), _RATES),
    _Figure("Agent", "average response time", 3.0, "<", "s", _response_time, _MEANS),
    _Figure("Agent", "token efficiency", 0.8, ">", "ratio", _token_efficiency, _MEANS),
    _Figure("Recipe", "success rate", 0.9, ">", "ratio", _success_rate(roles.RECIPE), _RATES),
    _Figure("Recipe", "time savings", 0.5, ">", "ratio", _time_saved, _MEANS),
    _Figure("Tool", "CLI adoption", 0.8, ">", "ratio", _adoption, _RATES),
    _Figure("Tool", "error rate", 0.05, "<", "ratio", _error_rate, _RATES),
)
