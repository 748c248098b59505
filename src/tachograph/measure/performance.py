"""Performance of agents and recipes in the specification's shapes, from rows that the store summed up."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

from tachograph import vocabulary as v
from tachograph.measure import costs, reviews
from tachograph.measure.conditions import Conditions, conditions
from tachograph.records import (
    AgentPerformanceMetrics,
    ComplexityPerformance,
    PeriodPerformance,
    RecipePerformanceMetrics,
    StepPerformance,
    TokenTotals,
    Window,
)
from tachograph.semantics import roles
from tachograph.store import Store

_COMMON = 10  # error types listed an agent or step
_GRAINS = ("daily", "weekly", "monthly")

Row = dict[str, Any]


def agents(store: Store, window: Window, name: str | None = None) -> list[AgentPerformanceMetrics]:
    """One record an agent, the most used first; `name` picks one."""
    bounds: dict[str, Any] = {"since": window.since_ns, "until": window.until_ns}
    errors = grouped(store.query("errors_by_name", role=roles.AGENT, **bounds), "name")
    classes = grouped(store.query("agents_by_complexity", only=name, **bounds), "agent_name")
    trends = grouped(store.query("agents_trends", only=name, **bounds), "agent_name")
    rows = store.query("agents", only=name, **bounds)
    found = conditions(store, window, roles.AGENT, name)
    scored = reviews.by_reviewer(store, window, name)
    apart = reviews.differences(store, window, name)
    spent = grouped(costs.rows(store, window, name), "agent_name")
    return [
        replace(
            _agent(row, errors[at], classes[at], trends[at], found[at]),
            quality_by_reviewer=scored[at],
            review_differences=apart[at],
            wasted_cost_usd=costs.known_sum(by["wasted_cost_usd"] for by in spent[at]),
            unpriced_calls=sum(by["unpriced_calls"] for by in spent[at]),
            cost_by_model=costs.by_model(spent[at]),
        )
        for row in rows
        for at in [row["agent_name"]]
    ]


def _agent(
    row: Row, errors: list[Row], classes: list[Row], trends: list[Row], by_condition: Conditions
) -> AgentPerformanceMetrics:
    n, successes = row["executions"], row["successes"]
    tokens = TokenTotals(**{kind: int(row[f"{kind}_tokens"] or 0) for kind in (*v.TOKEN_TYPES, "wasted")})
    used = tokens.input + tokens.cache_read + tokens.cache_write + tokens.output
    return AgentPerformanceMetrics(
        agent_name=row["agent_name"],
        total_invocations=n,
        successful_invocations=successes,
        success_rate=per(successes, n),
        avg_duration_ms=milliseconds(row["duration_ns"], n),
        avg_tokens_used=per(used, n) if row["usage_known"] else None,
        avg_context_size=row["context_size"],
        avg_quality_score=row["quality"],
        common_error_types=_common(errors),
        performance_by_complexity={c["complexity"]: _complexity(c) for c in _in_order(classes)},
        trends={grain: [_period(p) for p in trends if p["grain"] == grain] for grain in _GRAINS},
        p50_duration_ms=milliseconds(row["p50_ns"], 1),
        p95_duration_ms=milliseconds(row["p95_ns"], 1),
        cost_usd=row["cost_usd"],
        cost_per_success_usd=None if row["cost_usd"] is None else per(row["cost_usd"], successes),
        tokens=tokens,
        by_condition=by_condition,
    )


def _in_order(classes: list[Row]) -> list[Row]:
    return sorted(classes, key=lambda row: v.COMPLEXITIES.index(row["complexity"]))


def _complexity(row: Row) -> ComplexityPerformance:
    n = row["executions"]
    rate, duration = per(row["successes"], n), milliseconds(row["duration_ns"], n)
    return {"count": n, "avg_duration": duration, "success_rate": rate, "avg_quality": row["quality"]}


def _period(row: Row) -> PeriodPerformance:
    n = row["executions"]
    return {
        "date": row["date"],
        "success_rate": per(row["successes"], n),
        "avg_duration": milliseconds(row["duration_ns"], n),
        "invocation_count": n,
    }


def recipes(store: Store, window: Window, name: str | None = None) -> list[RecipePerformanceMetrics]:
    """One record a recipe, the most used first; `name` picks one."""
    bounds: dict[str, Any] = {"since": window.since_ns, "until": window.until_ns}
    errors = grouped(store.query("errors_by_name", role=roles.STEP, **bounds), "recipe_name")
    steps = grouped(store.query("recipe_steps", only=name, **bounds), "recipe_name")
    rows = store.query("recipes", only=name, **bounds)
    return [_recipe(row, steps[row["recipe_name"]], errors[row["recipe_name"]]) for row in rows]


def _recipe(row: Row, steps: list[Row], errors: list[Row]) -> RecipePerformanceMetrics:
    n, successes = row["executions"], row["successes"]
    failures = grouped(errors, "name")
    saved = row["time_saved"]
    return RecipePerformanceMetrics(
        recipe_name=row["recipe_name"],
        total_executions=n,
        successful_executions=successes,
        success_rate=per(successes, n),
        avg_duration_ms=milliseconds(row["duration_ns"], n),
        avg_steps_completed=row["steps_completed"],
        avg_time_savings_pct=None if saved is None else 100 * saved,
        avg_user_satisfaction=row["satisfaction"],
        step_performance={step["step_name"]: _step(step, failures[step["step_name"]]) for step in steps},
        dependency_impact={
            "avg_dependency_resolution_time": milliseconds(row["dependency_ns"], 1),
            "circular_dependency_errors": int(row["circular_errors"] or 0),
        },
        p50_duration_ms=milliseconds(row["p50_ns"], 1),
        p95_duration_ms=milliseconds(row["p95_ns"], 1),
        time_savings_base=None if saved is None else "measured" if row["time_saved_measured"] else "estimated",
        cost_usd=row["cost_usd"],
        cost_per_success_usd=None if row["cost_usd"] is None else per(row["cost_usd"], successes),
        wasted_cost_usd=row["wasted_cost_usd"],
        unpriced_calls=int(row["unpriced_calls"] or 0),
    )


def _step(row: Row, failures: list[Row]) -> StepPerformance:
    n = row["executions"]
    return {
        "success_rate": per(row["successes"], n),
        "avg_duration": milliseconds(row["duration_ns"], n),
        "common_failures": _common(failures),
    }


def _common(errors: Iterable[Row]) -> list[str]:
    """The most frequent error types; rows come most frequent first, one a recipe that the name occurs in."""
    counts: dict[str, int] = defaultdict(int)
    for row in errors:
        counts[row["error_type"]] += row["executions"]
    return sorted(counts, key=lambda kind: (-counts[kind], kind))[:_COMMON]


def grouped(rows: Sequence[Row], key: str) -> defaultdict[str, list[Row]]:
    """Rows by the value of a column."""
    groups: defaultdict[str, list[Row]] = defaultdict(list)
    for row in rows:
        groups[row[key]].append(row)
    return groups


def per(amount: float, n: int) -> float | None:
    """A mean or rate; None over nothing."""
    return amount / n if n else None


def milliseconds(nanoseconds: float | None, n: int) -> float | None:
    """The mean over n in ms; None where unknown or over nothing."""
    return None if nanoseconds is None or not n else float(nanoseconds) / n / 1e6
