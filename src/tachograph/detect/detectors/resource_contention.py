"""Work that takes longer while the same work runs elsewhere: it shares something that there is too little of."""

from collections.abc import Iterator
from typing import Final

import numpy as np

from tachograph.detect.candidate import PERCENT, Candidate
from tachograph.detect.scene import Scene
from tachograph.detect.slopes import log_slope, stretch
from tachograph.detect.tasks import each
from tachograph.records.history import Reals, Units

_PRESSURES: Final = ("cpu_pressure", "memory_pressure", "cpu_steal")


def detect(scene: Scene) -> Iterator[Candidate]:
    """One candidate a step, command or agent that ran beside itself."""
    history = scene.history
    for units, of_recipe in ((history.steps, True), (history.agents, False), (history.commands, False)):
        words = units.words["name"]
        for code, rows in each(words.codes, 30):
            mine = units.take(rows)
            yield from _of(_name(mine, words.name(code)) if of_recipe else words.name(code), mine)


def _name(steps: Units, step: str) -> str:
    recipe = steps.words["recipe_name"]
    named = np.unique(recipe.codes)
    return f"{recipe.names[named[0]]}/{step}" if len(named) == 1 and named[0] >= 0 else step


def _of(name: str, mine: Units) -> Iterator[Candidate]:
    beside = running_at_start(mine["start"], mine["end"])
    crowd = np.log1p(beside)
    if np.std(crowd) < 0.1:
        return
    pressures = [np.nan_to_num(mine[column]) for column in _PRESSURES if np.nanstd(_known(mine[column])) > 0.01]
    fit = log_slope(mine, [crowd, *pressures])
    if fit is None:
        return
    cost = stretch(mine, fit.at(0), crowd)
    yield Candidate(
        cause="resource_contention",
        components=(name,),
        unit=PERCENT,
        estimate=cost.share,
        rows=mine,
        lost=cost.lost,
        claim="observational",
        says=f"{name} loses {{effect}} when it runs beside itself (up to {int(beside.max())} others): beside one other "
        f"it takes {2 ** fit.at(0).value * 100 - 100:.0f} % longer",
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
