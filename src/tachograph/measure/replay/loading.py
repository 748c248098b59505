"""The recorded executions of a recipe, from the store."""

import json
from collections import defaultdict
from collections.abc import Iterable
from typing import Any, Final

from tachograph.measure.replay.runs import Attempt, Run, Runs, Step, build
from tachograph.records import Window
from tachograph.semantics import roles
from tachograph.semantics.outcome import SUCCESS
from tachograph.store import Store, statements

RUNS_MAX: Final = 5_000  # of a recipe, chosen by outcome and duration so that they stand for all
_SKIP: Final = "skip"

Row = dict[str, Any]


def load_runs(store: Store, recipe: str, window: Window, most: int = RUNS_MAX) -> Runs:
    """The executions of a recipe that started in the window; without runs where there is none.

    Of more than `most` a sample: by outcome and decile of duration, each with the weight of those it stands for.
    """
    bounds: dict[str, Any] = {"since": window.since_ns, "until": window.until_ns}
    found = store.query(statements.REPLAY_RUNS, recipe=recipe, cap=most, **bounds)
    below: defaultdict[str, list[Row]] = defaultdict(list)
    for row in store.query(statements.REPLAY_STEPS, traces=[row["trace_id"] for row in found]):
        below[row["recipe_span_id"]].append(row)
    runs = [_run(row, below[row["span_id"]]) for row in found]
    return build(recipe, runs, found[0]["total"] if found else 0)


def recipes(store: Store, window: Window) -> list[str]:
    """The names of the recipes that ran in the window, the most used first."""
    rows = store.query(statements.RECIPES, only=None, since=window.since_ns, until=window.until_ns)
    return [row["recipe_name"] for row in rows]


def _run(row: Row, below: list[Row]) -> Run:
    zero = row["start_ns"]
    by_id = {unit["span_id"]: unit for unit in below}
    outermost = [unit for unit in below if unit["role"] == roles.STEP and _step_above(unit, by_id) is None]
    attempts: defaultdict[str, list[Attempt]] = defaultdict(list)
    for unit in below:
        above = _step_above(unit, by_id) if unit["role"] == roles.AGENT else None
        if above is not None and unit["parent_id"] == above:
            attempts[above].append(_attempt(unit, zero))
    return Run(
        execution_id=row["execution_id"],
        trace_id=row["trace_id"],
        start_ns=zero,
        duration_ns=row["duration_ns"],
        success=row["success"],
        steps=tuple(_step(unit, zero, attempts[unit["span_id"]]) for unit in outermost),
        task=f"{row['task_class'] or ''}/{row['complexity'] or ''}",
        weight=row["weight"],
        partial=row["partial"],
    )


def _step_above(unit: Row, by_id: dict[str, Row]) -> str | None:
    """The nearest step around a unit of the same recipe execution."""
    above = by_id.get(unit["parent_id"])
    while above is not None and above["role"] != roles.STEP:
        above = by_id.get(above["parent_id"])
    return None if above is None else str(above["span_id"])


def _attempt(unit: Row, zero: int) -> Attempt:
    return Attempt(
        unit["name"], unit["start_ns"] - zero, unit["end_ns"] - zero, unit["success"], unit["input_tokens"],
        unit["context_size"], unit["model_ns"], unit["context_ns"] or 0,
    )  # fmt: skip


def _step(unit: Row, zero: int, attempts: list[Attempt]) -> Step:
    took = unit["end_ns"] - unit["start_ns"]
    return Step(
        name=unit["name"],
        start=unit["start_ns"] - zero,
        end=unit["end_ns"] - zero,
        ok=unit["outcome"] == SUCCESS,
        skipped=unit["outcome"] == _SKIP,
        after=None if unit["depends_on"] is None else tuple(json.loads(unit["depends_on"])),
        span_id=unit["span_id"],
        links=tuple(link["span_id"] for link in json.loads(unit["links"] or "[]")),
        reads=_files(unit["reads"]),
        writes=_files(unit["writes"]),
        attempts=tuple(sorted(attempts, key=lambda attempt: attempt.start)),
        waiting_ns=unit["model_ns"] + unit["blocked_ns"],
        cpu=unit["cpu_time_s"] * 1e9 / took if unit["cpu_time_s"] is not None and took else None,
        cores=unit["cpu_count"],
        cpu_pressure=unit["cpu_pressure"],
    )


def _files(text: str | None) -> frozenset[str]:
    names: Iterable[str] = json.loads(text) if text else ()
    return frozenset(names)
