"""Times in which something was slow: how much longer the calls of one hour or day took than those of a good one."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from tachograph.detect.slopes import alike_tasks
from tachograph.measure.inference import Reals, Wholes, regression, within
from tachograph.records.history import Units

_LENGTHS: Final = (600, 3_600, 21_600, 86_400)  # seconds
_A_SPELL: Final = 3  # calls on average, from which on the mean of one says something
_LEAST: Final = 8  # spells; fewer have no spread to speak of
_GOOD: Final = 0.25  # quantile of spells, which is what a call takes when all is well


@dataclass(frozen=True, slots=True)
class Spells:
    """For each call the spell it was in, and by how much (a logarithm) that was slower than a good one."""

    code: Wholes
    slower: Reals


def spells(calls: Units, work: Sequence[Reals] = ()) -> Spells | None:
    """Ten minutes, hours or days, whichever tell calls apart best; None where even days are too few. `work` is how much
    each call had to do.

    How slow a spell was is shrunk towards the others by how little it tells (James and Stein 1961; the variance between
    spells by moments), so that calls which are long by chance make no spell.
    """
    left = beyond_work(calls, work)
    tried = [(code, levels(left, code)) for code in _codes(calls["start"])]
    found = [_above_good(code, level) for code, level in tried if level is not None]
    return max(found, key=lambda one: float(np.var(one.slower)), default=None)


def _above_good(code: Wholes, level: Reals) -> Spells:
    return Spells(code, (level - float(np.quantile(level, _GOOD)))[code])


def levels(left: Reals, code: Wholes) -> Reals | None:
    """What the values of each spell have in common, shrunk; None where that cannot be told from their spread."""
    size = np.bincount(code)
    means = np.bincount(code, left) / size
    freedom = len(left) - len(size)
    if freedom < _LEAST:
        return None
    spread = float(np.sum(np.square(left - means[code]))) / freedom
    between = max(float(np.var(means, ddof=1)) - spread * float(np.mean(1 / size)), 0.0)
    level: Reals = means * between / (between + spread / size) if between > 0 else np.zeros(len(size))
    return level


def beyond_work(units: Units, work: Sequence[Reals] = ()) -> Reals:
    """By how much each took longer than others of its task that had as much to do, as a logarithm."""
    return within(less_work(units, work), [alike_tasks(units)], units["weight"])


def less_work(units: Units, work: Sequence[Reals] = ()) -> Reals:
    """The logarithm of how long each took, less what it had to do, as that shows among others of its task."""
    time, alike = np.log(np.maximum(units["duration"], 1e-6)), [alike_tasks(units)]
    varying = [column for column in work if len(column) and np.ptp(column) > 0]
    fit = regression(time, varying, alike, units["weight"], units.codes("trace_id")) if varying else None
    columns = np.column_stack([column - column.mean() for column in varying] or [np.zeros(len(units))])
    return time if fit is None else time - columns @ fit.coefficients


def _codes(start: Reals) -> Iterator[Wholes]:
    for length in _LENGTHS:
        values, code = np.unique(start // length, return_inverse=True)
        if len(start) >= _A_SPELL * len(values) and len(values) >= _LEAST:
            yield np.asarray(code, dtype=np.int64).reshape(-1)
