"""Everything the report shows about a window, gathered."""

import time
from typing import Any

from tachograph.measure import costs, performance
from tachograph.measure.errors import errors
from tachograph.measure.graphs import graphs
from tachograph.measure.kpis import kpis
from tachograph.measure.reconciling import explained, reconciliation
from tachograph.measure.tools import tools
from tachograph.records import Day, QualitySummary, Report, Scores, Slow, Window
from tachograph.store import Store


def report(store: Store, window: Window, *, members: bool = True) -> Report:
    """Key figures, performance of agents, recipes and commands, failures and slowest executions of a window.

    Without `members` the spans of error patterns are not listed.
    """
    bounds: dict[str, Any] = {"since": window.since_ns, "until": window.until_ns}
    return Report(
        created_ns=time.time_ns(),
        window=window,
        kpis=kpis(store, window),
        agents=performance.agents(store, window),
        recipes=performance.recipes(store, window),
        slowest=[_slow(row) for row in store.query("slowest", **bounds)],
        cost=costs.summary(store, window),
        tools=tools(store, window),
        errors=errors(store, window, members=members),
        days=_days(store.query("daily", **bounds)),
        graphs=graphs(store, window),
        quality=[_quality(row) for row in store.query("quality", **bounds)],
        reconciled=explained(reconciliation(store, window)),
        not_included=("bottlenecks", "recommendations"),
    )


def _slow(row: performance.Row) -> Slow:
    return Slow(row["role"], row["name"], row["duration_ns"] / 1e6, row["outcome"], row["trace_id"])


def _quality(row: performance.Row) -> QualitySummary:
    scores = Scores(row["correctness"], row["completeness"], row["code_quality"], row["efficiency"])
    return QualitySummary(
        row["agent_name"], row["executions"], row["reviewed"], row["by_person"], row["overall"], scores
    )


def _days(rows: list[performance.Row]) -> dict[str, list[Day]]:
    days: dict[str, list[Day]] = {}
    for row in rows:
        n = row["executions"]
        days.setdefault(row["role"], []).append(Day(row["date"], n, row["successes"] / n, row["seconds"] / n))
    return days
