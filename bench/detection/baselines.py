"""What is usual: rules with thresholds, the largest z-score, the last-finishing-child path; in SQL on public tables."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import duckdb

Finding = dict[str, Any]
QUERIES = Path(__file__).parent / "queries"
_SEVERITIES = ((30.0, "critical"), (15.0, "high"), (5.0, "medium"), (float("-inf"), "low"))


def rows(store: duckdb.DuckDBPyConnection, query: str) -> Iterator[dict[str, Any]]:
    """The rows of queries/`query`.sql by column."""
    answer = store.execute((QUERIES / f"{query}.sql").read_text(encoding="utf-8"))
    columns = [column[0] for column in answer.description or ()]
    for row in answer.fetchall():
        yield dict(zip(columns, row, strict=True))


def thresholds(store: duckdb.DuckDBPyConnection) -> list[Finding]:
    """Rules as dashboards have them: a figure over a line, whatever the reason; each row of the query is one."""
    return [_finding(row["cause"], [row["component"]], row["weight"]) for row in rows(store, "thresholds")]


def max_z(store: duckdb.DuckDBPyConnection) -> list[Finding]:
    """What stands out by more than two standard deviations among its like, in any figure."""
    found = [row for row in rows(store, "max_z") if row["z"] is not None and row["z"] > 2]
    return [_finding(row["cause"], [row["component"]], 10 * (row["z"] - 1.5)) for row in found]


def last_child(store: duckdb.DuckDBPyConnection) -> list[Finding]:
    """Steps that hold most of the last-finishing-child path; and, by medians, what steps side by side would gain."""
    heavy = [_finding("step_order", [row["component"]], row["weight"]) for row in rows(store, "last_child")]
    pairs = [
        _finding("unnecessary_sequential_dependency", [row["recipe"], row["first"], row["second"]], row["weight"])
        for row in rows(store, "medians")
    ]
    return heavy + pairs


BASELINES: dict[str, Callable[[duckdb.DuckDBPyConnection], list[Finding]]] = {
    "thresholds": thresholds,
    "max-z": max_z,
    "last child + medians": last_child,
}


def judge(store: Path) -> dict[str, list[Finding]]:
    """What each baseline says, most important first."""
    with duckdb.connect(str(store), read_only=True) as connection:
        found = {name: baseline(connection) for name, baseline in BASELINES.items()}
    return {name: sorted(some, key=lambda each: -each["priority_score"]) for name, some in found.items()}


def _finding(cause: str, components: list[str], weight: float) -> Finding:
    from detection.faults import CATEGORY

    severity = next(name for least, name in _SEVERITIES if weight >= least)
    return {
        "category": CATEGORY[cause],
        "cause": cause,
        "affected_components": components,
        "severity": severity,
        "priority_score": min(max(weight, 0.0), 100.0),
        "effect": {"value": weight, "unit": "percent", "ci": None},
    }
