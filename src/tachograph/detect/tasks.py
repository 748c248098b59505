"""Like is compared with like: which executions did the same task, and who else did it."""

from collections.abc import Iterator
from itertools import pairwise
from typing import Final

import numpy as np

from tachograph.detect.mostly import mostly
from tachograph.measure.inference import grouped
from tachograph.records.history import Flags, Reals, Units, Wholes

_FEW: Final = 5  # a median of fewer says little


def tasks(units: Units) -> Wholes:
    """A code for each task: recipe, step, class and complexity, as far as they are known."""
    return grouped(*[units.codes(name) for name in ("recipe_name", "step_name", "task_class", "complexity")])


def each(codes: Wholes, least: int = 1) -> Iterator[tuple[int, Wholes]]:
    """Each code with the rows that have it, where there are at least so many; rows without one are left out."""
    order = np.argsort(codes, kind="stable")
    values, starts = np.unique(codes[order], return_index=True)
    borders = [*starts.tolist(), len(order)]
    for value, (since, until) in zip(values.tolist(), pairwise(borders), strict=True):
        if value >= 0 and until - since >= least:
            yield value, order[since:until]


def medians(values: Reals, groups: Wholes, least: int = _FEW) -> Reals:
    """For each row the median of the known values of its group, NaN where there are too few."""
    found = np.full(len(values), np.nan)
    for _, rows in each(groups):
        known = values[rows][np.isfinite(values[rows])]
        if len(known) >= least:
            found[rows] = np.median(known)
    return found


def means(values: Reals, groups: Wholes) -> Reals:
    """For each row the mean of the known values of its group, NaN where there is none."""
    known = np.isfinite(values)
    size = np.bincount(groups[known], minlength=int(groups.max(initial=0)) + 1)
    sums = np.bincount(groups[known], weights=values[known], minlength=len(size))
    of_group: Reals = np.divide(sums, size, out=np.full(len(size), np.nan), where=size > 0)
    return of_group[groups]


def of_others(values: Reals, owner: Wholes, groups: Wholes, others: int = 2) -> Reals:
    """For each row the median over the other owners' medians in its group, NaN where fewer than `others` have one.

    The median of medians, so that neither a busy owner nor one odd one decides what is usual.
    """
    found = np.full(len(values), np.nan)
    for _, rows in each(groups):
        own = {code: values[rows][owner[rows] == code] for code in np.unique(owner[rows])}
        middle = {code: float(np.median(of)) for code, of in own.items() if _enough(of)}
        for code in own:
            usual = [value for other, value in middle.items() if other != code]
            if len(usual) >= others:
                found[rows[owner[rows] == code]] = np.median(usual)
    return found


def _enough(values: Reals) -> bool:
    return int(np.isfinite(values).sum()) >= _FEW and bool(np.isfinite(values).all())


def usual(values: Reals, groups: Wholes) -> Reals:
    """For each row what most of its group take, NaN where there are too few."""
    return np.exp(_mostly(values, groups)[0])


def far_out(values: Reals, groups: Wholes) -> Flags:
    """What lies far above what most of its group take: over twice, and beyond what the spread of these explains.

    The spread is that of the logarithms; three of it is the usual bar.
    """
    centre, spread = _mostly(values, groups)
    return np.asarray(_logarithms(values) - centre > np.maximum(np.log(2), 3 * np.nan_to_num(spread)))


def _mostly(values: Reals, groups: Wholes) -> tuple[Reals, Reals]:
    """For each row centre and spread of the logarithms of the most of its group."""
    logs, centre, spread = _logarithms(values), np.full(len(values), np.nan), np.full(len(values), np.nan)
    for _, rows in each(groups):
        known = logs[rows][np.isfinite(logs[rows])]
        if len(known) >= _FEW:
            centre[rows], spread[rows] = mostly(known)
    return centre, spread


def _logarithms(values: Reals) -> Reals:
    return np.log(values, out=np.full(len(values), np.nan), where=values > 0)
