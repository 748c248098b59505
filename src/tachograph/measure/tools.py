"""Usage of command-line commands: how often, by whom, how well, with which options, and what follows what."""

from typing import Any

from tachograph.measure.performance import Row, grouped, milliseconds, per
from tachograph.records import Feature, Sequence, ToolUsage, Window
from tachograph.store import Store


def tools(store: Store, window: Window, name: str | None = None) -> list[ToolUsage]:
    """One record a command, the most used first; `name` picks one."""
    bounds: dict[str, Any] = {"since": window.since_ns, "until": window.until_ns}
    rows = store.query("tools", only=name, **bounds)
    if not rows:
        return []
    features = grouped(store.query("tool_features", only=name, **bounds), "command")
    sequences = grouped(store.query("tool_sequences", only=name, **bounds), "command")
    abandoned = {row["command"]: row["sessions"] for row in store.query("tool_abandoned", **bounds)}
    return [
        _tool(row, features[row["command"]], sequences[row["command"]], abandoned.get(row["command"], 0))
        for row in rows
    ]


def _tool(row: Row, features: list[Row], sequences: list[Row], abandoned: int) -> ToolUsage:
    n, successes = row["executions"], row["successes"]
    return ToolUsage(
        command=row["command"],
        count=n,
        users=row["users"],
        sessions=row["sessions"],
        success_rate=per(successes, n),
        error_rate=per(n - successes, n),
        p50_ms=milliseconds(row["p50_ns"], 1),
        p95_ms=milliseconds(row["p95_ns"], 1),
        adoption=per(row["users"], row["seen"]),
        features=[_feature(feature, row["users"]) for feature in features],
        sequences=[_sequence(sequence) for sequence in sequences],
        abandoned=abandoned,
    )


def _feature(row: Row, users: int) -> Feature:
    """Adoption of an option is among those who use its command."""
    return Feature(row["option"], row["users"], per(row["users"], users), row["executions"])


def _sequence(row: Row) -> Sequence:
    commands = [name for name in (row["command"], row["second"], row["third"]) if name is not None]
    n = row["executions"]
    return Sequence(commands, n, per(row["successes"], n), milliseconds(row["gap_ns"], 1))
