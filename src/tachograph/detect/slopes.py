"""How much longer something takes for each unit of an exposure, among executions of the same task."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from scipy import optimize

from tachograph.detect.candidate import BAR, PERCENT
from tachograph.detect.candidate import LEAST as LEAST_SHARE
from tachograph.detect.tasks import tasks
from tachograph.measure.inference import Estimated, Fit, Wholes, grouped, p_value, regression
from tachograph.records.history import Reals, Units

_DAY: Final = 86_400
_HOUR: Final = 3_600
_WEEK: Final = 7  # days
_A_RUN: Final = 20  # traces that followed each other
_A_TIME: Final = 5  # units on average, from which on a day or a week can be compared with itself
_FAILS: Final = 20  # from fewer no slope of failures can be told
_CLUSTERS: Final = 20  # from fewer no spread can be told
LEAST: Final = 30  # executions; a slope from fewer is not worth having


def days(units: Units) -> Wholes:
    """The UTC day on which each unit began."""
    return (units["start"] // _DAY).astype(np.int64)


def alike(units: Units, times: Wholes | None = None) -> list[Wholes]:
    """Executions of one task by one worker on one model; and those of one time, which share its luck."""
    return [alike_tasks(units), _times(units) if times is None else times]


def alike_tasks(units: Units) -> Wholes:
    """Executions of one task by one worker on one model."""
    return grouped(tasks(units), *[units.codes(name) for name in ("name", "agent_name", "model")])


def _times(units: Units) -> Wholes:
    """The day on which each unit began; where that leaves hardly any to compare, the week, or all of the time."""
    for length in (1, _WEEK):
        times = days(units) // length
        if len(units) >= _A_TIME * len(np.unique(times)):
            return times
    return np.zeros(len(units), dtype=np.int64)


def moments(units: Units) -> Wholes:
    """The day on which each unit began; where all is of a few days, runs of traces that followed each other.

    What is slow for another reason overlaps with more of its kind: what overlaps more within a short time does not.
    """
    if len(np.unique(days(units))) >= _WEEK:
        return _times(units)
    trace = units.codes("trace_id")
    began = np.full(int(trace.max(initial=0)) + 1, np.inf)
    np.minimum.at(began, trace, units["start"])
    order = np.empty(len(began), dtype=np.int64)
    order[np.argsort(began, kind="stable")] = np.arange(len(began))
    return order[trace] // _A_RUN


def log_slope(units: Units, exposures: Sequence[Reals], times: Wholes | None = None) -> Fit | None:
    """By which factor (as a logarithm) each exposure stretches the duration, among those of one of the `times`.

    An hour is a cluster: what a host or a queue does to one execution it does to those beside it; or a day, where days
    are not compared with themselves.
    """
    clusters = _together(units)
    if len(units) < LEAST or len(np.unique(clusters)) < _CLUSTERS:
        return None
    time = np.log(np.maximum(units["duration"], 1e-6))
    return regression(time, exposures, alike(units, times), units["weight"], clusters)


def failing_slope(units: Units, exposures: Sequence[Reals]) -> Fit | None:
    """By how much (a share of the executions) each exposure raises how often one fails; as `log_slope` for time."""
    clusters, fails = _together(units), int(np.sum(units["success"] == 0))
    if fails < _FAILS or len(units) < LEAST or len(np.unique(clusters)) < _CLUSTERS:
        return None
    return regression(-units["success"], exposures, alike(units), units["weight"], clusters)


def _together(units: Units) -> Wholes:
    by_day = len(np.unique(days(units)))
    hours = (units["start"] // _HOUR).astype(np.int64)
    if len(units) < _A_TIME * by_day:
        return days(units) if by_day >= _CLUSTERS else units.codes("trace_id")
    return hours if len(np.unique(hours)) >= _CLUSTERS else units.codes("trace_id")


@dataclass(frozen=True, slots=True)
class Stretch:
    """The seconds of each unit that an exposure cost, and their share of all time; of several forms that it may have
    the one that is surest, and how likely any of them would be as sure by chance."""

    lost: Reals
    share: Estimated
    surest: Estimated
    p_value: float


def stretch(
    units: Units,
    forms: Sequence[Reals],
    also: Sequence[Reals],
    times: Wholes | None = None,
    untested: Sequence[Reals] = (),
) -> Stretch | None:
    """What an exposure has cost, given that it costs nothing at 0 and that its effect may have any of several forms.

    `also` are other exposures. The forms are averaged by how well each fits (Akaike weights), and how they differ is
    part of the error (Burnham and Anderson 2002, eq. 4.9). Whether it costs anything is told by the surest of them, for
    as many as there are (Bonferroni), but by no `untested` one, which says only how much.
    """
    fits = [(form, log_slope(units, [form, *also], times)) for form in (*forms, *untested)]
    known = [(form, fit) for form, fit in fits if fit is not None]
    count = sum(fit is not None for _, fit in fits[: len(forms)])  # of those that are tested, which come first
    if not count:
        return None
    support = _support([fit for _, fit in known], len(np.unique(_together(units))))
    costs = [cost(units, fit.at(0), form) for form, fit in known]
    value = float(sum(part * one.share.value for part, one in zip(support, costs, strict=True)))
    apart = [float(np.hypot(one.share.error, one.share.value - value)) for one in costs]
    error = float(sum(part * each for part, each in zip(support, apart, strict=True)))
    lost = np.sum([part * one.lost for part, one in zip(support, costs, strict=True)], axis=0)
    surest = min(costs[:count], key=lambda one: one.p_value)
    share = Estimated(value, error, len(units), min(one.share.clusters for one in costs))
    return Stretch(lost, share, surest.share, _together_p([one.p_value for one in costs[:count]]))


def _together_p(p: Sequence[float]) -> float:
    """How likely it is by chance that any of several is as sure as it is: half of the weight on the first, which is the
    plainest (weighted Bonferroni: Holm 1979)."""
    others = 2 * (len(p) - 1) * min(p[1:], default=1.0)
    return min(1.0, 2 * p[0] if len(p) > 1 else p[0], others if len(p) > 1 else 1.0)


def _support(fits: Sequence[Fit], clusters: int) -> Reals:
    """How likely each form is, relative to the others; a cluster counts as one observation."""
    squares = np.array([fit.squares for fit in fits])
    likely = np.exp(-clusters / 2 * np.log(squares / squares.min()))
    return np.asarray(likely / likely.sum())


def cost(units: Units, slope: Estimated, exposure: Reals) -> Stretch:
    """What `slope` (a logarithm for each unit of exposure) has cost."""
    time, weight = units["duration"], units["weight"]
    total = float(np.sum(weight * time))

    def share_at(value: float) -> float:
        return float(np.sum(weight * time * (1 - np.exp(-value * exposure)))) / total

    share = carried(slope, share_at, LEAST_SHARE[PERCENT])
    return Stretch(time * (1 - np.exp(-slope.value * exposure)), share, share, p_value(share, BAR[PERCENT]))


def carried(slope: Estimated, share_at: Callable[[float], float], least: float) -> Estimated:
    """The share of time that follows from a slope, with an error that keeps how surely it is more than `least`.

    A share cannot exceed 1, so that near 1 it hardly moves with the slope, and an error carried over by the derivative
    would be far too small. The distance to `least` is as many errors here as it is on the scale of the slope.
    """
    value, step = share_at(slope.value), max(slope.error, 1e-9)
    steep = abs(share_at(slope.value + step) - share_at(slope.value - step)) / 2
    error = steep
    if value > least and share_at(0.0) < least:
        bar = float(optimize.brentq(lambda at: share_at(at) - least, 0.0, slope.value, xtol=1e-6))
        error = max(steep, (value - least) * slope.error / max(slope.value - bar, 1e-9))
    return Estimated(value, error, slope.n, slope.clusters)
