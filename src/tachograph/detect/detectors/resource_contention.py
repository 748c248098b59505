"""Work that takes longer while the same work runs elsewhere: it shares something that there is too little of."""

from collections.abc import Iterator

import numpy as np

from tachograph.detect.candidate import PERCENT, Candidate
from tachograph.detect.contrasts import FEW
from tachograph.detect.here import PRESSURES
from tachograph.detect.scene import Scene
from tachograph.detect.siblings import pairs
from tachograph.detect.slopes import LEAST, cost, log_slope, moments, stretch
from tachograph.detect.tasks import each
from tachograph.detect.waits import before_calls, with_waits
from tachograph.detect.workers import step_names
from tachograph.detect.written import written, written_around
from tachograph.records.history import Reals, Units


def of_tools(scene: Scene) -> Iterator[Candidate]:
    """One candidate a tool that was called while another call of it was under way; a call begins when it could have."""
    tools = scene.history.tools
    before = before_calls(tools, scene.history.models, scene.workers)
    for code, rows in each(tools.codes("name"), LEAST):
        calls = tools.take(rows)
        mine = with_waits(calls, before[rows])
        counted = "" if mine is calls else ", with what it waits before it begins,"
        yield from _of(mine.words["name"].name(code), mine, written_around(mine, scene.workers), counted)


def of_units(scene: Scene) -> Iterator[Candidate]:
    """One candidate a step, command or agent that ran beside itself."""
    history = scene.history
    for units in (history.steps, history.agents, history.commands):
        names = step_names(units) if units is history.steps else units.words["name"]
        for code, rows in each(names.codes, LEAST):
            mine = units.take(rows)
            yield from _of(names.name(code), mine, written(mine))


def of_siblings(scene: Scene) -> Iterator[Candidate]:
    """One candidate a pair of steps of a recipe that now begin together and now do not."""
    steps = scene.history.steps
    names = step_names(steps)
    beside = Units(steps.numbers, {**steps.words, "name": names})
    for name, other, rows, together in pairs(beside, FEW):
        mine, both = beside.take(rows), together.astype(np.float64)
        fit = log_slope(mine, [both, *written(mine)])
        if fit is None:
            continue
        lost = cost(mine, fit.at(0), both)
        yield Candidate(
            cause="resource_contention",
            components=(name, other),
            unit=PERCENT,
            estimate=lost.share,
            rows=mine,
            lost=lost.lost,
            claim="observational",
            says=f"{name} loses {{effect}} when it runs beside {other}: it takes "
            f"{np.exp(fit.at(0).value) * 100 - 100:.0f} % longer than when they begin apart",
            fixes=(
                f"find what {name} and {other} share (a database, a port, a folder) and give each its own",
                f"let one wait for the other, where that costs less: tachograph what-if {name.split('/')[0]}",
            ),
            assumptions=("whether the two run at once does not depend on how hard the task is",),
            remedy={"component": name, "part": "contention", "beside": other},
        )


def _of(name: str, mine: Units, work: list[Reals], counted: str = "") -> Iterator[Candidate]:
    """`counted` says in words what is part of its time besides its spans."""
    beside = running_at_start(mine["start"], mine["end"])
    crowd = np.log1p(beside)
    if np.std(crowd) < 0.1:
        return
    pressures = [np.nan_to_num(mine[column]) for column in PRESSURES if np.nanstd(_known(mine[column])) > 0.01]
    # How many ran meanwhile is steadier for long executions than for short ones: alone it proves nothing.
    meanwhile = np.log1p(running_meanwhile(mine["start"], mine["end"]))
    stretched = stretch(mine, _forms(beside), [*pressures, *work], moments(mine), [meanwhile])
    if stretched is None:
        return
    yield Candidate(
        cause="resource_contention",
        components=(name,),
        unit=PERCENT,
        estimate=stretched.share,
        tested=stretched.surest,
        gate=stretched.p_value,
        rows=mine,
        lost=stretched.lost,
        claim="observational",
        says=f"{name}{counted} loses {{effect}} when it runs beside itself: as many as {int(beside.max())} others "
        f"of it were under way when one began, and the more there were, the longer it took",
        fixes=(
            f"limit how many executions of {name} run at once to what its resource can serve",
            f"split what {name} locks or shares, so that executions need not wait for each other",
        ),
        assumptions=("how many run at once does not depend on how hard the task is",),
        remedy={"component": name, "part": "contention"},
    )


def _known(values: Reals) -> Reals:
    return values[np.isfinite(values)] if np.isfinite(values).any() else np.zeros(1)


def running_at_start(start: Reals, end: Reals) -> Reals:
    """How many others were running when each began. Those that began later do not count: of them a long execution meets
    more because it is long."""
    began = np.searchsorted(np.sort(start), start, side="left")
    ended = np.searchsorted(np.sort(end), start, side="right")
    beside: Reals = np.maximum(began - ended, 0).astype(np.float64)
    return beside


def running_meanwhile(start: Reals, end: Reals) -> Reals:
    """How many others ran beside each on average, from its start to its end."""
    at = np.concatenate([start, end])
    order = np.argsort(at, kind="stable")
    at, change = at[order], np.concatenate([np.ones(len(start)), -np.ones(len(end))])[order]
    area = np.concatenate([[0.0], np.cumsum(np.cumsum(change)[:-1] * np.diff(at))])
    seconds = np.interp(end, at, area) - np.interp(start, at, area)
    beside: Reals = np.maximum(seconds / np.maximum(end - start, 1e-9) - 1, 0.0)
    return beside


def _forms(beside: Reals) -> list[Reals]:
    """Each other one adds as much as the work itself takes; or the first of them half of it, for who waits in a line
    meets the first one in the middle of its turn; or it is all the same how many there are."""
    return [np.log1p(beside), np.log1p(np.maximum(beside - 0.5, 0.0)), np.minimum(beside, 1.0)]
