"""Which step of a recipe needs which, and how many run at once at most: from what they declare, share and did."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Final

import numpy as np

from tachograph.detect.contrasts import FEW
from tachograph.detect.scene import Scene
from tachograph.measure.replay import Run, Runs, Step, conflicts, replay_error
from tachograph.measure.replay.forecast import REPLAY_ERROR_MAX_PCT
from tachograph.records.history import Units

_SEEN: Final = 300  # executions that are looked at for a limit of places
_HELD: Final = 0.02  # of an execution, that a step which could begin was held up
_FULL: Final = 0.9  # of the places that are taken meanwhile, where it is for want of a place

Pair = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Order:
    """What is known of a recipe's steps: which must come before which, and which declare it though nothing flows."""

    needed: frozenset[Pair]
    refuted: frozenset[Pair]
    names: tuple[str, ...]


def replayable(scene: Scene) -> Iterator[tuple[Runs, Units, Order]]:
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


def limit(runs: Runs) -> int | None:
    """How many steps run at once at most, where that is what holds steps up: whatever a step waits for had ended, and
    yet it began only when another made place. None where they are not seen to wait for a place, or take turns."""
    executions = _ran(runs.runs[:: max(1, len(runs.runs) // _SEEN)])
    most = max((_overlap(steps) for steps in executions), default=0)
    if most < 2:
        return None
    full = [share / most for steps in executions for share in _busy_while_held(steps)]
    return most if len(full) >= FEW and float(np.mean(np.array(full) >= _FULL)) >= _FULL else None


def _overlap(steps: list[Step]) -> int:
    """The most steps that ran at the same time."""
    starts, ends = np.sort([step.start for step in steps]), np.sort([step.end for step in steps])
    running = np.searchsorted(starts, starts, side="right") - np.searchsorted(ends, starts, side="right")
    return int(running.max(initial=0))


def _busy_while_held(steps: list[Step]) -> Iterator[float]:
    """How many steps ran on average while one had all that it declares to wait for and had not begun."""
    ended: dict[str, int] = {}
    for step in steps:
        ended[step.name] = max(step.end, ended.get(step.name, 0))
    starts, ends = (np.array([getattr(step, edge) for step in steps], dtype=np.float64) for edge in ("start", "end"))
    for step in steps:
        ready = max((ended[name] for name in step.after or () if name in ended), default=-1)
        if ready >= 0 and step.start - ready > _HELD * float(ends.max()):
            beside = np.minimum(ends, step.start) - np.maximum(starts, ready)
            yield float(np.maximum(beside, 0.0).sum()) / (step.start - ready)
