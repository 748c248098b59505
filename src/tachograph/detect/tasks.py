"""Like is compared with like: which executions did the same task, and who else did it."""

from collections.abc import Iterator
from itertools import pairwise
from typing import Final

import numpy as np

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


def far_out(values: Reals, groups: Wholes) -> Flags:
    """What lies far above its group's median: over twice, and beyond what the group's own spread explains.

    The spread is that of the logarithms, from the median absolute deviation; three of it is the usual bar.
    """
    middle = medians(values, groups)
    with np.errstate(divide="ignore", invalid="ignore"):
        distance = np.log(values / middle)
    distance[~np.isfinite(distance)] = np.nan
    spread = 1.4826 * medians(np.abs(distance), groups)
    return np.asarray(distance > np.maximum(np.log(2), 3 * np.nan_to_num(spread)))
