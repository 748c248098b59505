"""Executions of one task that fall apart into two kinds: those that take a little of something, and those that take
much."""

from typing import Final

import numpy as np

from tachograph.detect.contrasts import FEW
from tachograph.detect.tasks import each
from tachograph.records.history import Flags, Reals, Wholes

_TWO: Final = 0.85  # of the variance that lies between two kinds; cut in two a normal hump gives 0.64, a flat one 0.75
_MUCH: Final = 3.0  # times the little
_MORE_WORK: Final = 1.5  # times as much to do, from which on it is another task that takes more


def takes_much(size: Reals, work: Reals, groups: Wholes) -> tuple[Flags, Reals]:
    """Which rows are of the kind that takes much, and what their group's other kind takes (NaN elsewhere); none where
    those that take much have more `work` to do as well."""
    much, little = np.zeros(len(size), dtype=np.bool_), np.full(len(size), np.nan)
    for _, rows in each(groups, 2 * FEW):
        values = np.log(np.maximum(size[rows], 1.0))
        border = _border(values)
        if border is None:
            continue
        above = values >= border
        sizes = [float(np.median(size[rows][some])) for some in (above, ~above)]
        if sizes[0] >= _MUCH * sizes[1] and not _is_more(above, work[rows]):
            much[rows[above]], little[rows[above]] = True, sizes[1]
    return much, little


def has_more_work(much: Flags, work: Reals, groups: Wholes) -> Flags:
    """Which rows are in a group whose rows that take `much` have more to do as well; of a few that is luck."""
    found = np.zeros(len(much), dtype=np.bool_)
    for _, rows in each(groups, 2 * FEW):
        some = much[rows]
        found[rows] = min(int(some.sum()), int((~some).sum())) >= FEW and _is_more(some, work[rows])
    return found


def _is_more(some: Flags, work: Reals) -> bool:
    return float(np.median(work[some])) > _MORE_WORK * float(np.median(work[~some]))


def _border(values: Reals) -> float | None:
    """The least of the upper values where they are best cut in two (Otsu 1979), None where they are not two kinds."""
    ordered = np.sort(values)
    counts = np.arange(FEW, len(values) - FEW + 1)
    total, sums = float(np.var(ordered)) * len(ordered), np.cumsum(ordered - ordered.mean())
    if not len(counts) or total <= 0:
        return None
    between = np.square(sums[counts - 1]) * len(ordered) / (counts * (len(ordered) - counts))
    best = int(np.argmax(between))
    below, above = ordered[counts[best] - 1 : counts[best] + 1]
    return float(above) if between[best] >= _TWO * total and above > below else None
