"""Recipes that run a few steps at once and begin the longest ones last, so that the others have nothing left to do."""

from collections.abc import Iterator
from typing import Final

import numpy as np

from tachograph.detect.candidate import Candidate, losing_time
from tachograph.detect.needs import limit, replayable
from tachograph.detect.scene import Scene
from tachograph.measure.replay import Change, Runs
from tachograph.measure.replay.changes import changed
from tachograph.measure.replay.forecast import REPLAY_ERROR_MAX_PCT
from tachograph.measure.replay.graph import Graph
from tachograph.measure.replay.simulator import simulate
from tachograph.records.history import Reals, Units

_MOVED: Final = 0.05  # of an execution, by which what a step holds up must be longer for it to come before another


def detect(scene: Scene) -> Iterator[Candidate]:
    """One candidate a recipe whose steps wait for a place."""
    for runs, mine, order in replayable(scene):
        places = limit(runs)
        if places is None:
            continue
        best = _longest_first(runs, order.names)
        before, after = (_durations(runs, Change(order=names, workers=places)) for names in (order.names, best))
        recorded = np.array([run.duration_ns / 1e9 for run in runs.runs])
        if best != order.names and 100 * float(np.median(np.abs(before - recorded) / recorded)) <= REPLAY_ERROR_MAX_PCT:
            step = max(best, key=lambda name: order.names.index(name) - best.index(name))
            yield _late(runs.recipe, mine, before - np.maximum(after, _begun(runs, step)), (step, best), places)


def _durations(runs: Runs, change: Change) -> Reals:
    return np.array([simulate(changed(run.graph, change), change.workers).duration / 1e9 for run in runs.runs])


def _begun(runs: Runs, step: str) -> Reals:
    """Until when (s) each execution that failed before `step` began would have run on had it begun at once, in vain; 0
    for the others."""
    took = [one.end - one.start for run in runs.runs for one in run.steps if one.name == step and not one.skipped]
    waits = {name for run in runs.runs for one in run.steps if one.name == step for name in one.after or ()}
    until = np.zeros(len(runs.runs))
    for at, run in enumerate(runs.runs):
        ends = {one.name: one.end for one in run.steps if not one.skipped}
        if not run.success and step not in ends and waits and waits <= set(ends):
            until[at] = (max(ends[name] for name in waits) + float(np.mean(took))) / 1e9
    return until


def _longest_first(runs: Runs, names: tuple[str, ...]) -> tuple[str, ...]:
    """Steps by what they hold up, the longest way to the end first (Graham 1969; the critical path rule); of those that
    hold up about as much the order stays."""
    ways: dict[str, list[float]] = {name: [] for name in names}
    for run in runs.runs:
        for name, way in _ways(run.graph).items():
            ways[name].append(way)
    unit = _MOVED * float(np.mean([run.duration_ns for run in runs.runs]))
    return tuple(sorted(names, key=lambda name: -round(float(np.mean(ways[name] or [0.0])) / unit)))


def _ways(graph: Graph) -> dict[str, float]:
    """For each step its own time and that of the longest chain of steps that need it, ns."""
    after = [0.0] * len(graph.names)
    found: dict[str, float] = {}
    for at in reversed(range(len(graph.names))):
        way = graph.works[at] + after[at]
        found[graph.names[at]] = max(way, found.get(graph.names[at], 0.0))
        for edge in graph.needs[at]:
            after[edge] = max(after[edge], way)
    return found


def _late(recipe: str, mine: Units, lost: Reals, better: tuple[str, tuple[str, ...]], places: int) -> Candidate:
    step, best = better
    return losing_time(
        mine,
        lost,
        cause="step_order",
        components=(recipe, f"{recipe}/{step}"),
        claim="simulated",
        says=f"{recipe} loses {{effect}} to idle places: it runs {places} steps at once and begins {step}, which holds "
        "up the end, after shorter ones",
        fixes=(f"list the steps of {recipe} in the order {', '.join(best)}, so that the longest begin first",),
        assumptions=("the engine takes the steps that could begin in the order in which they are listed",),
        remedy={"recipe": recipe, "order": list(best), "step": step, "workers": places},
    )
