"""Recipes as graphs of their steps: what each waits for, and which of them hold a typical execution up."""

import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from itertools import groupby
from statistics import median

from tachograph.measure.performance import Row, grouped, per
from tachograph.records import GraphStep, RecipeGraph, Window
from tachograph.semantics.critical_path import Node, critical_path
from tachograph.store import Store

_LATEST = 200  # executions of a recipe that its graph is drawn from; more change no median that can be seen

Waits = dict[str, list[str]]


def graphs(store: Store, window: Window) -> list[RecipeGraph]:
    """One graph a recipe that has steps, from its latest executions, the most used first."""
    rows = store.query("recipe_graphs", since=window.since_ns, until=window.until_ns, latest=_LATEST)
    made = [graph(name, of) for name, of in grouped(rows, "recipe_name").items()]
    return sorted(made, key=lambda graph: (-graph.executions, graph.recipe_name))


def graph(name: str, rows: Sequence[Row]) -> RecipeGraph:
    """The graph of one recipe from rows of its steps, execution by execution."""
    runs = [list(run) for _, run in groupby(rows, key=lambda row: str(row["run_id"]))]
    shares, paths = _critical(runs)
    declared = _declared(rows)
    observed = _observed(runs) if any(row["step_name"] not in declared for row in rows) else {}
    steps = [
        GraphStep(
            name=step,
            depends_on={**observed, **declared}.get(step, []),
            declared=step in declared,
            executions=len(of),
            p50_duration_ms=median(row["end_ns"] - row["start_ns"] for row in of) / 1e6,
            success_rate=per(sum(row["success"] for row in of), len(of)),
            critical_share=median(shares[step]),
        )
        for step, of in _in_order(rows)
    ]
    return RecipeGraph(name, len(runs), steps, paths)


def _in_order(rows: Sequence[Row]) -> list[tuple[str, list[Row]]]:
    """Steps with their rows, by when they typically start."""
    steps = grouped(rows, "step_name")
    return sorted(
        steps.items(), key=lambda step: (median(row["start_ns"] - row["run_start_ns"] for row in step[1]), step[0])
    )


def _critical(runs: Sequence[Sequence[Row]]) -> tuple[dict[str, list[float]], list[str]]:
    """For each step its shares of executions' time on the critical path, and the path that most executions took.

    Those that failed end early, so theirs counts only where none succeeded.
    """
    shares: defaultdict[str, list[float]] = defaultdict(list)
    paths: dict[bool, Counter[tuple[str, ...]]] = {True: Counter(), False: Counter()}
    for run in runs:
        held = _held(run)
        length = max(1, run[0]["run_end_ns"] - run[0]["run_start_ns"])
        for step in {row["step_name"] for row in run}:
            shares[step].append(sum(ns for at, ns in held if at == step) / length)
        paths[run[0]["run_success"]][tuple(dict.fromkeys(step for step, _ in held))] += 1
    taken = paths[True] or paths[False]
    return shares, list(max((n, path) for path, n in taken.items())[1])


def _held(run: Sequence[Row]) -> list[tuple[str, int]]:
    """The steps that held this execution up, in order of time, each with for how long (ns)."""
    names = {row["span_id"]: row["step_name"] for row in run}
    root = Node(run[0]["run_id"], None, run[0]["run_start_ns"], run[0]["run_end_ns"])
    steps = [Node(row["span_id"], root.id, row["start_ns"], row["end_ns"]) for row in run]
    path = critical_path(root, steps)
    return [(names[at.id], at.end - at.start) for at in path if at.id in names]


def _declared(rows: Sequence[Row]) -> Waits:
    """What each step itself names, as its latest execution says."""
    return {row["step_name"]: json.loads(row["depends_on"]) for row in rows if row["depends_on"] is not None}


def _observed(runs: Sequence[Sequence[Row]]) -> Waits:
    """For each step those that ended before it started whenever both ran, without those that follow from others."""
    together: Counter[tuple[str, str]] = Counter()
    before: Counter[tuple[str, str]] = Counter()
    for run in runs:
        times = _times(run)
        for one, (_, end) in times.items():
            for other, (start, _) in times.items():
                together[one, other] += 1
                before[one, other] += end <= start and one != other
    earlier = _grouped_pairs(pair for pair, n in before.items() if n == together[pair])
    return _reduced(earlier)


def _times(run: Sequence[Row]) -> dict[str, tuple[int, int]]:
    """When each step first started and last ended, for one may be tried again."""
    steps = grouped(run, "step_name")
    return {step: (min(row["start_ns"] for row in of), max(row["end_ns"] for row in of)) for step, of in steps.items()}


def _grouped_pairs(pairs: Iterable[tuple[str, str]]) -> defaultdict[str, set[str]]:
    earlier: defaultdict[str, set[str]] = defaultdict(set)
    for one, other in pairs:
        earlier[other].add(one)
    return earlier


def _reduced(earlier: defaultdict[str, set[str]]) -> Waits:
    return {
        step: sorted(name for name in names if not any(name in earlier.get(other, ()) for other in names))
        for step, names in earlier.items()
    }
