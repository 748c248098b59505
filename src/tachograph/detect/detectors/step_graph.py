"""Recipes whose steps wait without need: run one after the other, or in an order that finds failures late."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Final

import numpy as np

from tachograph.detect.candidate import Candidate, losing_time
from tachograph.detect.contrasts import FEW
from tachograph.detect.scene import Scene
from tachograph.measure.replay import Change, Contention, Run, Runs, Step, conflicts, replay_error
from tachograph.measure.replay.changes import changed
from tachograph.measure.replay.contention import NONE, estimate
from tachograph.measure.replay.forecast import REPLAY_ERROR_MAX_PCT
from tachograph.measure.replay.graph import Graph
from tachograph.measure.replay.simulator import simulate
from tachograph.records.history import Reals, Units

_SCREENED: Final = 300  # executions that pairs of steps are tried on
_WORTH: Final = 0.01  # of the time, that a pair must gain to be named
_TELLS: Final = 0.9  # of the executions in which something has to hold

Pair = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Order:
    """What is known of a recipe's steps: which must come before which, and which declare it though nothing flows."""

    needed: frozenset[Pair]
    refuted: frozenset[Pair]
    names: tuple[str, ...]


def unnecessary_sequential_dependency(scene: Scene) -> Iterator[Candidate]:
    """One candidate a recipe of which some steps could run at the same time."""
    for runs, mine, order in _recipes(scene):
        contention = estimate([run.graph for run in runs.runs], [run.task for run in runs.runs], list(order.names))
        pairs = _worth_pairs(runs, order, contention)
        if not pairs:
            continue
        lost = _gain(runs, [_as_needed(run.graph, order) for run in runs.runs], contention)
        yield _serial(runs.recipe, mine, lost, pairs, order, contention)


def step_order(scene: Scene) -> Iterator[Candidate]:
    """One candidate a recipe, run step by step, of which a step that often fails could come earlier."""
    for runs, mine, order in _recipes(scene):
        if not all(run.graph.sequential for run in runs.runs):
            continue
        best = _failing_first(runs, order)
        moved = [name for name, old in zip(best, order.names, strict=True) if name != old]
        if not moved:
            continue
        change = Change(order=best)
        lost = _gain(runs, [changed(run.graph, change) for run in runs.runs], NONE)
        if (lost > 0).any():
            yield _late(runs.recipe, mine, lost, moved[0], best)


def _recipes(scene: Scene) -> Iterator[tuple[Runs, Units, Order]]:
    """Recipes that can be replayed, with the same executions as rows, and what is known of their steps."""
    recipes = scene.history.recipes
    words = recipes.words["execution_id"]
    row_of = {words.names[code]: row for row, code in enumerate(words.codes.tolist())}
    for runs in scene.runs:
        known = [run for run in runs.runs if run.execution_id in row_of and not run.partial]
        if len(known) < FEW or len(runs.steps) < 2 or replay_error(runs) > REPLAY_ERROR_MAX_PCT:
            continue
        rows = np.array([row_of[run.execution_id] for run in known], dtype=np.int64)
        yield Runs(runs.recipe, tuple(known), runs.total), recipes.take(rows), _order(_ran(known))


def _ran(runs: Sequence[Run]) -> list[list[Step]]:
    """The steps that each execution ran."""
    return [[step for step in run.steps if not step.skipped] for run in runs]


def _order(executions: list[list[Step]]) -> Order:
    """Which step needs which, from what they declare and which files they share.

    Where a step declares what it waits for, what it does not name (nor what that waits for) it does not need. Where
    both tell their files and share none, even a declared dependency is not needed. Else order is all that is known.
    """
    needed, refuted = set[Pair](), Counter[Pair]()
    places: dict[str, list[int]] = {}
    for steps in executions:
        after = _closure(steps)
        for place, step in enumerate(steps):
            places.setdefault(step.name, []).append(place)
        for first, second in combinations(steps, 2):
            pair = (first.name, second.name)
            told = bool(first.reads | first.writes) and bool(second.reads | second.writes)
            declared = None if second.after is None else first.name in after[second.name]
            if conflicts(first, second) or (not told and declared is not False) or first.name == second.name:
                needed.add(pair)
            elif declared:
                refuted[pair] += 1
    names = sorted(places, key=lambda name: (sum(places[name]) / len(places[name]), name))
    return Order(frozenset(needed), frozenset(pair for pair in refuted if pair not in needed), tuple(names))


def _closure(steps: list[Step]) -> dict[str, set[str]]:
    """For each step all that it waits for, directly or not, as declared."""
    after: dict[str, set[str]] = {}
    for step in steps:
        direct = set(step.after or ())
        after[step.name] = direct.union(*(after.get(name, set()) for name in direct))
    return after


def _as_needed(graph: Graph, order: Order) -> Graph:
    """The graph in which each step waits for what it needs and for nothing else."""
    made = graph.copy()
    for at, name in enumerate(made.names):
        before = [edge for edge in range(at) if (made.names[edge], name) in order.needed or made.names[edge] == name]
        made.needs[at], made.orders[at] = tuple(before), ()
    return made


def _gain(runs: Runs, graphs: list[Graph], contention: Contention) -> Reals:
    """Seconds by which each execution would have been shorter."""
    after = [simulate(graph, None, contention).duration for graph in graphs]
    return np.array([(run.duration_ns - time) / 1e9 for run, time in zip(runs.runs, after, strict=True)])


def _worth_pairs(runs: Runs, order: Order, contention: Contention) -> list[tuple[float, Pair]]:
    """Pairs of steps that ran one after the other without need, with the share of time that each would gain alone."""
    stride = max(1, len(runs.runs) // _SCREENED)
    some = Runs(runs.recipe, runs.runs[::stride], runs.total)
    total = sum(run.duration_ns for run in some.runs) / 1e9
    free = [pair for pair in combinations(order.names, 2) if pair not in order.needed and _in_turn(some, pair)]
    found = []
    for pair in free:
        graphs = [changed(run.graph, Change(parallel=(pair,))) for run in some.runs]
        found.append((float(_gain(some, graphs, contention).sum()) / total, pair))
    return sorted((one for one in found if one[0] >= _WORTH), reverse=True)


def _in_turn(runs: Runs, pair: Pair) -> bool:
    """Whether the two mostly ran one after the other."""
    times = [{step.name: step for step in run.steps if not step.skipped} for run in runs.runs]
    both = [(steps[pair[0]], steps[pair[1]]) for steps in times if pair[0] in steps and pair[1] in steps]
    apart = [one.end <= other.start or other.end <= one.start for one, other in both]
    return len(both) >= FEW and float(np.mean(apart)) >= _TELLS


def _serial(
    recipe: str, mine: Units, lost: Reals, pairs: list[tuple[float, Pair]], order: Order, contention: Contention
) -> Candidate:
    steps = list(dict.fromkeys(name for _, pair in pairs for name in pair))
    first, second = pairs[0][1]
    declared = (first, second) in order.refuted
    why = "is declared to wait for" if declared else "waits for"
    proof = "though they share no file" if declared else "though nothing says that it must"
    return losing_time(
        mine,
        lost,
        cause="unnecessary_sequential_dependency",
        components=(recipe, *(f"{recipe}/{name}" for name in steps)),
        claim="simulated",
        says=f"{recipe} loses {{effect}} to steps that wait without need: {second} {why} {first} {proof}",
        fixes=(
            f"run {' and '.join(steps[:4])} at the same time in {recipe}",
            *((f"take {first} out of depends_on of {second}",) if declared else ()),
        ),
        assumptions=(
            "steps take as long beside each other as alone"
            if contention.is_none
            else f"beside each other steps take {100 * contention.slope:.0f} % longer, as they were seen to",
            *(("the files that the steps tell are all that they share",) if declared else ()),
        ),
        remedy={"recipe": recipe, "parallel": [list(pair) for _, pair in pairs], "steps": steps, "declared": declared},
    )


def _failing_first(runs: Runs, order: Order) -> tuple[str, ...]:
    """The order that finds failures soonest: of the steps that may come next the one that fails most for its time.

    For steps that are independent of each other that is the best order (Mitten 1960, least cost testing).
    """
    rate = _failures_per_second(runs)
    left, done = list(order.names), list[str]()
    while left:
        free = [name for name in left if not any((other, name) in order.needed for other in left if other != name)]
        chosen = max(free or left[:1], key=lambda name: (rate[name], -left.index(name)))
        left.remove(chosen)
        done.append(chosen)
    return tuple(done)


def _failures_per_second(runs: Runs) -> dict[str, float]:
    failed, seconds = Counter[str](), dict.fromkeys(runs.steps, 0.0)
    for run in runs.runs:
        for step in run.steps:
            failed[step.name] += not (step.ok or step.skipped)
            seconds[step.name] += (step.end - step.start) / 1e9
    return {name: failed[name] / max(seconds[name], 1e-9) for name in runs.steps}


def _late(recipe: str, mine: Units, lost: Reals, check: str, best: tuple[str, ...]) -> Candidate:
    return losing_time(
        mine,
        lost,
        cause="step_order",
        components=(recipe, f"{recipe}/{check}"),
        claim="simulated",
        says=f"{recipe} loses {{effect}} to work that is thrown away when {check} fails after it",
        fixes=(
            f"run the steps of {recipe} in the order {', '.join(best)}: {check} fails often and needs nothing later",
        ),
        assumptions=("whether a step fails does not depend on when it runs",),
        remedy={"recipe": recipe, "order": list(best), "step": check},
    )
