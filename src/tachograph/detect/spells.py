"""Times in which something was slow: how much longer the calls of one hour or day took than those of a good one.

What the calls of one trace have in common, or those made from one place, is no time: a trace counts once in each.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from scipy import special

from tachograph.detect.places import at_one_place
from tachograph.detect.slopes import alike_tasks
from tachograph.measure.inference import Reals, Wholes, grouped, regression, within
from tachograph.records.history import Units

_LENGTHS: Final = (600, 3_600, 21_600, 86_400)  # seconds
_A_SPELL: Final = 3  # traces on average, from which on the mean of one says something
_LEAST: Final = 8  # spells; fewer have no spread to speak of
_GOOD: Final = 0.25  # quantile of spells, which is what a call takes when all is well


@dataclass(frozen=True, slots=True)
class Spells:
    """For each call the spell it was in, and by how much (a logarithm) that was slower than a good one; and how likely
    spells differ as much by chance."""

    code: Wholes
    slower: Reals
    p_value: float


def spells(calls: Units, work: Sequence[Reals] = ()) -> Spells | None:
    """Ten minutes, hours or days, whichever tell calls apart best; None where even days are too few. `work` is how much
    each call had to do.

    How slow a spell was is shrunk towards the others by how little it tells (James and Stein 1961; the variance between
    spells by moments), so that calls which are long by chance make no spell. That they differ at all is told for as
    many lengths as were tried (Bonferroni).
    """
    left, trace = beyond_work(calls, work, [at_one_place(calls)]), calls.codes("trace_id")
    tried = [found for code in _codes(calls["start"]) if (found := _of_length(left, code, trace)) is not None]
    best = max(tried, key=lambda one: float(np.var(one.slower)), default=None)
    return None if best is None else replace(best, p_value=min(1.0, len(tried) * best.p_value))


def _of_length(left: Reals, code: Wholes, trace: Wholes) -> Spells | None:
    """Spells told by what each trace took in them, where there are enough of both."""
    _, first, part = np.unique(grouped(code, trace), return_index=True, return_inverse=True)
    means, spell = np.bincount(part, left) / np.bincount(part), code[first]
    level = levels(means, spell) if len(means) >= _A_SPELL * (int(code.max()) + 1) else None
    if level is None:
        return None
    return Spells(code, (level - float(np.quantile(level, _GOOD)))[code], _by_chance(means, spell))


def _by_chance(values: Reals, code: Wholes) -> float:
    """How likely the means of groups differ as much where there are none (analysis of variance)."""
    size = np.bincount(code)
    means = np.bincount(code, values) / size
    between, freedom = float(np.sum(size * np.square(means - values.mean()))), (len(size) - 1, len(values) - len(size))
    spread = float(np.sum(np.square(values - means[code])))
    return float(special.fdtrc(*freedom, between / freedom[0] / max(spread / freedom[1], 1e-300)))


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


def beyond_work(units: Units, work: Sequence[Reals] = (), held: Sequence[Wholes] = ()) -> Reals:
    """By how much each took longer than others of its task that had as much to do, as a logarithm; `held` are other
    groups that are compared within themselves."""
    return within(less_work(units, work, held), [alike_tasks(units), *held], units["weight"])


def less_work(units: Units, work: Sequence[Reals] = (), held: Sequence[Wholes] = ()) -> Reals:
    """The logarithm of how long each took, less what it had to do, as that shows among others of its task."""
    time, alike = np.log(np.maximum(units["duration"], 1e-6)), [alike_tasks(units), *held]
    varying = [column for column in work if len(column) and np.ptp(column) > 0]
    fit = regression(time, varying, alike, units["weight"], units.codes("trace_id")) if varying else None
    columns = np.column_stack([column - column.mean() for column in varying] or [np.zeros(len(units))])
    return time if fit is None else time - columns @ fit.coefficients


def _codes(start: Reals) -> Iterator[Wholes]:
    for length in _LENGTHS:
        values, code = np.unique(start // length, return_inverse=True)
        if len(values) >= _LEAST:
            yield np.asarray(code, dtype=np.int64).reshape(-1)
