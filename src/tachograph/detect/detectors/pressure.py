"""Work that takes longer while the host is short of CPU or memory."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Final

import numpy as np

from tachograph.detect.candidate import BAR, PERCENT, POINTS, Candidate
from tachograph.detect.excess import by_worker
from tachograph.detect.here import seconds_here
from tachograph.detect.scene import Scene
from tachograph.detect.slopes import LEAST, cost, failing_slope, log_slope, stretch
from tachograph.detect.tasks import each
from tachograph.detect.written import written, written_around
from tachograph.measure.inference import Fit, p_value
from tachograph.records.history import Flags, Reals, Units

_CAUSES: Final = {
    "cpu_pressure": ("cpu_pressure", "CPU", "run fewer executions at once, or give the host more cores"),
    "memory_pressure": ("memory_pressure", "memory", "give the host more memory, or cap what the work may use"),
    "cpu_steal": ("cpu_pressure", "CPU (taken by the hypervisor)", "move to a host that does not share its cores"),
}
_KILLING: Final = ("memory_pressure",)
_STEEP: Final = 4.0  # times that full pressure adds to what the work takes, where it adds seconds
_KNEES: Final = (0.5, 0.8)  # quantiles of pressure from which on it may begin to matter


def of_tools(scene: Scene) -> Iterator[Candidate]:
    """One candidate a tool and kind of pressure that varied."""
    tools = scene.history.tools
    for code, rows in each(tools.codes("name"), LEAST):
        mine = tools.take(rows[_is_known(tools.take(rows))])
        yield from _of(tools.words["name"].name(code), mine, written_around(mine, scene.workers))
        yield from _failing(tools.words["name"].name(code), mine, tuple(_CAUSES))


def of_workers(scene: Scene) -> Iterator[Candidate]:
    """One candidate a worker and kind of pressure that varied: of the time that it spends on its host."""
    here = seconds_here(scene.workers, scene.history.tools)
    agents = frozenset(scene.history.agents.words["name"].names)
    for name, rows in by_worker(scene.workers, LEAST):
        rows = rows[_is_known(scene.workers.take(rows))]
        mine = scene.workers.take(rows)
        own = Units({**mine.numbers, "duration": here[rows]}, mine.words)
        yield from (_of_all(one, mine) for one in _of(name, own, written(mine)))
        # An agent thinks elsewhere, but is killed here.
        yield from _failing(name, mine, _KILLING if name in agents else tuple(_CAUSES))


def _is_known(units: Units) -> Flags:
    """Whether the host told its state meanwhile."""
    return np.asarray(np.any([np.isfinite(units[column]) for column in _CAUSES], axis=0))


def _of_all(one: Candidate, mine: Units) -> Candidate:
    """Relative to all time of a worker, of which a part was looked at."""
    part = float(np.sum(one.rows["weight"] * one.rows["duration"]) / np.sum(mine["weight"] * mine["duration"]))
    scaled = [
        estimate and replace(estimate, value=estimate.value * part, error=estimate.error * part)
        for estimate in (one.estimate, one.tested)
    ]
    return replace(one, estimate=scaled[0] or one.estimate, tested=scaled[1], rows=mine)


def _failing(name: str, mine: Units, wanted: tuple[str, ...]) -> Iterator[Candidate]:
    """What fails more often under pressure: killed for want of memory, timed out for want of CPU."""
    exposures, fit = _best_fitting(mine)
    for place, column in enumerate(exposures):
        if column not in wanted or fit is None:
            continue
        (cause, what, fix), exposure = _CAUSES[column], exposures[column]
        slope, mean = fit.at(place), float(np.average(exposure, weights=mine["weight"]))
        estimate = replace(slope, value=slope.value * mean, error=slope.error * mean)
        yield Candidate(
            cause=cause,
            components=(name,),
            unit=POINTS,
            estimate=estimate,
            gate=min(1.0, (1 + len(_KNEES)) * p_value(estimate, BAR[POINTS])),
            rows=mine,
            lost=slope.value * exposure,
            claim="observational",
            says=f"{name} loses {{effect}} while the host is short of {what}; within the same task and time each 0.1 "
            f"of pressure makes {10 * slope.value:.0f} % more of its executions fail",
            fixes=(fix, f"keep {name} away from the busiest hours of its host"),
            assumptions=("what is pressed does not also get harder tasks of the same class and complexity",),
            remedy={"agent": name, "part": column},
        )


def _best_fitting(mine: Units) -> tuple[dict[str, Reals], Fit | None]:
    """Pressures with what they make fail: that begins at some level, of those tried at the one that fits best."""
    exposures = {column: np.nan_to_num(mine[column]) for column in _CAUSES if _varies(mine[column])}
    tried = [(above, failing_slope(mine, list(above.values()))) for above in _from_levels(exposures) if exposures]
    return min(tried, key=lambda one: np.inf if one[1] is None else one[1].squares, default=({}, None))


def _of(name: str, mine: Units, work: list[Reals]) -> Iterator[Candidate]:
    exposures = {column: np.nan_to_num(mine[column]) for column in _CAUSES if _varies(mine[column])}
    fit = log_slope(mine, [*exposures.values(), *work]) if exposures else None
    if fit is None:
        return
    for place, (column, exposure) in enumerate(exposures.items()):
        others = [values for other, values in exposures.items() if other != column]
        stretched = stretch(mine, _forms(exposure), [*others, *work])
        if stretched is None:
            continue
        cause, what, fix = _CAUSES[column]
        yield Candidate(
            cause=cause,
            components=(name,),
            unit=PERCENT,
            estimate=stretched.share,
            tested=cost(mine, fit.at(place), exposure).share,
            rows=mine,
            lost=stretched.lost,
            claim="observational",
            says=f"{name} loses {{effect}} while the host is short of {what}; within the same task and day it takes "
            f"{np.exp(fit.at(place).value * 0.1) * 100 - 100:.0f} % longer for each 0.1 of pressure",
            fixes=(fix, f"keep {name} away from the busiest hours of its host"),
            assumptions=("what is pressed does not also get harder tasks of the same class and complexity",),
            remedy={"agent": name, "part": column},
        )


def _varies(values: Reals) -> bool:
    known = values[np.isfinite(values)]
    return len(known) >= LEAST and bool(np.std(known) > 0.01)


def _from_levels(exposures: Mapping[str, Reals]) -> Iterator[dict[str, Reals]]:
    """Pressures as they are, and only what is above a usual or a rare one."""
    yield dict(exposures)
    for knee in _KNEES:
        yield {column: np.maximum(one - np.quantile(one, knee), 0.0) for column, one in exposures.items()}


def _forms(pressure: Reals) -> list[Reals]:
    """From nothing on, or from as much as there mostly or rarely is; each time as a factor for each bit of pressure, or
    as seconds for each bit of it."""
    above = [np.maximum(pressure - knee, 0.0) for knee in (0.0, *np.quantile(pressure, _KNEES))]
    return [form for part in above for form in (part, np.log1p(_STEEP * part))]
