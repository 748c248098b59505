"""Which steps run at the same time: groups out of pairs, and what each step of a recipe's file then waits for."""

from collections.abc import Iterable, Mapping, Sequence
from itertools import combinations
from typing import Final

import numpy as np

from tachograph.measure.replay import Change, Runs, replay

Group = tuple[str, ...]

_SCREENED: Final = 200  # executions that candidates are compared on
_SIMPLER: Final = 0.01  # of the time, that a further group has to gain


def together(runs: Runs, pairs: Sequence[Sequence[str]]) -> tuple[Group, ...]:
    """The groups of steps, each of which may run beside all others of its group, that gain most, one by one."""
    order = list(runs.steps)
    free = {frozenset(pair) for pair in pairs if set(pair) <= set(order)}
    candidates = sorted(_cliques(free), key=lambda group: (-len(group), group))
    groups: tuple[Group, ...] = ()
    best = _median(runs, groups)
    while candidates:
        tried = [(_median(runs, _sorted((*groups, group), order)), group) for group in candidates]
        time, group = min(tried, key=lambda one: (one[0], -len(one[1])))
        if time > best * (1 - _SIMPLER):
            break
        best, groups = time, _sorted((*groups, tuple(sorted(group, key=order.index))), order)
        candidates = [other for other in candidates if not set(other) & set(group)]
    return groups


def _sorted(groups: Iterable[Group], order: Sequence[str]) -> tuple[Group, ...]:
    """The latest first: a group that is moved earlier then takes those with it that wait for it."""
    return tuple(sorted(groups, key=lambda group: -min(order.index(name) for name in group)))


def _cliques(free: set[frozenset[str]]) -> list[Group]:
    """Pairs, and larger groups of which all pairs are free."""
    names = sorted({name for pair in free for name in pair})
    found: list[Group] = [tuple(sorted(pair)) for pair in free]
    layer = set(found)
    while layer:
        layer = {
            tuple(sorted((*group, name)))
            for group in layer
            for name in names
            if name not in group and all(frozenset((name, other)) in free for other in group)
        }
        found += layer
        if len(found) > 2_000:  # a recipe with so many free steps is decided by its largest groups
            break
    return found


def _median(runs: Runs, groups: tuple[Group, ...]) -> float:
    stride = max(1, len(runs.runs) // _SCREENED)
    change = Change(parallel=groups)
    return float(np.median([replay(run, change) for run in runs.runs[::stride]]))


def waits_after(depends: Mapping[str, list[str]], groups: Sequence[Group]) -> dict[str, list[str]]:
    """What each step waits for once the steps of each group start when the first of them could.

    What came after one of them still comes after all that it came after before.
    """
    waits = {name: list(names) for name, names in depends.items()}
    for group in groups:
        members = [name for name in waits if name in group]
        if len(members) < 2:
            continue
        tangled = {pair for pair in combinations(members, 2) if _reaches(waits, *pair) or _reaches(waits, *pair[::-1])}
        if tangled:
            _freed(waits, members)
    return waits


def _freed(waits: dict[str, list[str]], members: Sequence[str]) -> None:
    before = {name: list(names) for name, names in waits.items()}
    begin = [name for name in before[members[0]] if name not in members]
    for member in members[1:]:
        own = [name for name in before[member] if name not in members]
        waits[member] = list(dict.fromkeys([*own, *([] if own else begin)]))
        lost = [name for name in before[member] if name not in waits[member]]
        for later, names in waits.items():
            if later not in members and member in names and lost:
                waits[later] = [*dict.fromkeys([*lost, *names])]


def _reaches(waits: Mapping[str, list[str]], start: str, goal: str) -> bool:
    left, seen = [start], set[str]()
    while left:
        name = left.pop()
        if name == goal:
            return True
        seen.add(name)
        left += [other for other in waits.get(name, []) if other not in seen]
    return False
