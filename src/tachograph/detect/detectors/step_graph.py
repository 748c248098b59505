"""Recipes whose steps wait without need: run one after the other, or in an order that finds failures late."""

from collections import Counter
from collections.abc import Iterator
from itertools import combinations
from typing import Any, Final

import numpy as np

from tachograph.detect.candidate import Candidate, losing_time
from tachograph.detect.contrasts import FEW
from tachograph.detect.needs import Order, Pair, limit, replayable
from tachograph.detect.scene import Scene
from tachograph.measure.replay import Change, Contention, Run, Runs
from tachograph.measure.replay.changes import changed
from tachograph.measure.replay.contention import NONE, estimate
from tachograph.measure.replay.graph import Graph
from tachograph.measure.replay.simulator import simulate
from tachograph.records.history import Reals, Units

_SCREENED: Final = 300  # executions that pairs of steps are tried on
_WORTH: Final = 0.01  # of the time, that a pair must gain to be named
_TELLS: Final = 0.9  # of the executions in which something has to hold


def unnecessary_sequential_dependency(scene: Scene) -> Iterator[Candidate]:
    """One candidate a recipe of which some steps could run at the same time."""
    for runs, mine, order in replayable(scene):
        contention = estimate([run.graph for run in runs.runs], [run.task for run in runs.runs], list(order.names))
        places = limit(runs)
        pairs = _worth_pairs(runs, order, contention, places)
        if not pairs:
            continue
        lost = _gain(runs, [_as_needed(run.graph, order) for run in runs.runs], contention, places)
        yield _serial(runs.recipe, mine, lost, pairs, order, contention)


def step_order(scene: Scene) -> Iterator[Candidate]:
    """One candidate a recipe of which a step that often fails could come earlier."""
    for runs, mine, order in replayable(scene):
        if not all(run.graph.sequential for run in runs.runs):
            yield from _beside_others(runs, mine, order)
            continue
        best = _failing_first(runs, order)
        moved = [name for name, old in zip(best, order.names, strict=True) if name != old]
        if not moved:
            continue
        change = Change(order=best)
        lost = _gain(runs, [changed(run.graph, change) for run in runs.runs], NONE)
        if (lost > 0).any():
            yield _in_order(runs.recipe, mine, lost, moved[0], best)


def _as_needed(graph: Graph, order: Order) -> Graph:
    """The graph in which each step waits for what it needs and for nothing else."""
    made = graph.copy()
    for at, name in enumerate(made.names):
        before = [edge for edge in range(at) if (made.names[edge], name) in order.needed or made.names[edge] == name]
        made.needs[at], made.orders[at] = tuple(before), ()
    return made


def _gain(runs: Runs, graphs: list[Graph], contention: Contention, places: int | None = None) -> Reals:
    """Seconds by which each execution would have been shorter."""
    after = [simulate(graph, places, contention).duration for graph in graphs]
    return np.array([(run.duration_ns - time) / 1e9 for run, time in zip(runs.runs, after, strict=True)])


def _worth_pairs(runs: Runs, order: Order, contention: Contention, places: int | None) -> list[tuple[float, Pair]]:
    """Pairs of steps that ran one after the other without need, with the share of time that each would gain alone."""
    stride = max(1, len(runs.runs) // _SCREENED)
    some = Runs(runs.recipe, runs.runs[::stride], runs.total)
    total = sum(run.duration_ns for run in some.runs) / 1e9
    free = [pair for pair in combinations(order.names, 2) if pair not in order.needed and _in_turn(some, pair)]
    found = []
    for pair in free:
        graphs = [changed(run.graph, Change(parallel=(pair,))) for run in some.runs]
        found.append((float(_gain(some, graphs, contention, places).sum()) / total, pair))
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
            f"{second} may begin before anybody knows whether {first} succeeds",
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


def _late(
    recipe: str, mine: Units, lost: Reals, check: str, *fixes: str, remedy: dict[str, Any], though: str = ""
) -> Candidate:
    return losing_time(
        mine,
        lost,
        cause="step_order",
        components=(recipe, f"{recipe}/{check}"),
        claim="simulated",
        says=f"{recipe} loses {{effect}} to work that is thrown away when {check} fails after it{though}",
        fixes=fixes,
        assumptions=("whether a step fails does not depend on when it runs",),
        remedy={"recipe": recipe, **remedy},
    )


def _in_order(recipe: str, mine: Units, lost: Reals, check: str, best: tuple[str, ...]) -> Candidate:
    fix = f"run the steps of {recipe} in the order {', '.join(best)}: {check} fails often and needs nothing later"
    return _late(recipe, mine, lost, check, fix, remedy={"order": list(best), "step": check})


def _beside_others(runs: Runs, mine: Units, order: Order) -> Iterator[Candidate]:
    """Where steps run beside each other: the step whose failures came latest after all that it needs had ended.

    What succeeds is not counted: whether it could run beside others is another question.
    """
    found = []
    for name in order.names:
        held_up = [_held_up(run, name, order) for run in runs.runs]
        lost = np.array([seconds for seconds, _ in held_up])
        if (lost > 0).sum() >= FEW:
            after = Counter(last for seconds, last in held_up if seconds > 0)
            found.append((lost, name, after.most_common(1)[0][0]))
    if found:
        yield _late_beside(runs.recipe, mine, *max(found, key=lambda one: float(one[0].sum())))


def _held_up(run: Run, name: str, order: Order) -> tuple[float, str]:
    """Seconds for which a step that then ended the execution had not begun though all that it needs had ended, and the
    last of that; 0 where it did not."""
    steps = [step for step in run.steps if not step.skipped]
    mine = [step for step in steps if step.name == name]
    if run.success or not mine or mine[-1].ok or any(step.start >= mine[-1].end for step in steps):
        return 0.0, ""
    needed = [step for step in steps if (step.name, name) in order.needed and step.start < mine[0].start]
    last = max(needed, key=lambda step: step.end, default=None)
    ready = min(step.start for step in steps) if last is None else last.end
    return max(mine[0].start - ready, 0) / 1e9, "" if last is None else last.name


def _late_beside(recipe: str, mine: Units, lost: Reals, check: str, after: str) -> Candidate:
    when = f"when {after} has ended" if after else "at once"
    return _late(
        recipe,
        mine,
        lost,
        check,
        f"let {check} begin {when} in {recipe}: it often fails, and needs nothing that comes later",
        f"stop {recipe} when {check} fails",
        remedy={"check": check, "after": after},
        though=f", though it could begin {when}",
    )
