"""Two groups of executions compared within the same tasks: how much longer one takes, how often it succeeds."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from tachograph.detect.candidate import LEAST, PERCENT, POINTS
from tachograph.detect.slopes import carried
from tachograph.measure.inference import Estimated, Flags, Wholes, regression
from tachograph.records.history import Reals, Units

FEW: Final = 8  # of either group; fewer of one kind have no spread to speak of


@dataclass(frozen=True, slots=True)
class Contrast:
    """What one group loses against the other: `lost` in seconds or successes a row, 0 outside the group, and the share
    of the time, or of the executions, of all rows that were handed in."""

    unit: str
    estimate: Estimated
    lost: Reals


def contrasts(
    units: Units,
    arm: Flags,
    groups: Sequence[Wholes],
    cluster: Wholes,
    of: Flags | None = None,
    also: Sequence[Reals] = (),
    *,
    only_both: bool = False,
) -> Iterator[Contrast]:
    """What the rows in `arm` lose against the others of the same groups, in time and in success.

    The share is that of the rows `of`, all where it is not given; `also` are amounts that explain a part of it. What
    only the rows in `arm` did loses as much, or nothing with `only_both`: who never did it may not be able to. Times
    are compared at equal success: what breaks off early is not fast, nor is slow what goes on to the end.
    """
    inside = _overlap(arm, groups)
    if min(int(arm[inside].sum()), int((~arm[inside]).sum())) < FEW:
        return
    whole = np.ones(len(units), dtype=np.bool_) if of is None else of
    both = np.isin(np.arange(len(units)), inside)
    rows, more = units.take(inside), [column[inside] for column in also if np.ptp(column[inside]) > 0]
    for unit, outcome in ((PERCENT, np.log(np.maximum(rows["duration"], 1e-6))), (POINTS, -rows["success"])):
        codes = [group[inside] for group in groups]
        ended = _failed(rows) if unit == PERCENT else []
        fit = regression(
            outcome, [arm[inside].astype(np.float64), *more, *ended], codes, rows["weight"], cluster[inside]
        )
        if fit is not None:
            yield _contrast(unit, fit.at(0), units, arm & both if only_both else arm, whole)


def _failed(rows: Units) -> list[Reals]:
    """Which rows failed, as an exposure, where enough did and enough did not to tell how long either takes.

    By what they ended with: one whose failure is explained counts as a success, and was cut short all the same.
    """
    failed = (~rows.words["outcome"].is_("success")).astype(np.float64)
    return [failed] if FEW <= float(failed.sum()) <= len(rows) - FEW else []


def _overlap(arm: Flags, groups: Sequence[Wholes]) -> Wholes:
    """Rows whose first group has some of both."""
    codes = groups[0]
    size = int(codes.max(initial=0)) + 1
    both = (np.bincount(codes[arm], minlength=size) > 0) & (np.bincount(codes[~arm], minlength=size) > 0)
    return np.flatnonzero(both[codes])


def _contrast(unit: str, gap: Estimated, units: Units, arm: Flags, whole: Flags) -> Contrast:
    weight = units["weight"] * whole
    if unit == POINTS:
        lost = np.where(arm, gap.value, 0.0)
        part = float(np.sum(weight[arm])) / float(np.sum(weight))
        return Contrast(unit, Estimated(gap.value * part, gap.error * part, gap.n, gap.clusters), lost)
    time = units["duration"]
    lost = np.where(arm, time * (1 - np.exp(-gap.value)), 0.0)
    part = float(np.sum((weight * time)[arm])) / float(np.sum(weight * time))

    def share_at(value: float) -> float:
        return part * (1 - float(np.exp(-value)))

    return Contrast(unit, carried(gap, share_at, LEAST[unit]), lost)


def traces(units: Units) -> Wholes:
    """A trace is a cluster: what happens in one execution of a recipe hangs together."""
    return units.codes("trace_id")
