"""Work that takes longer while the host is short of CPU or memory."""

from collections.abc import Iterator
from typing import Final

import numpy as np

from tachograph.detect.candidate import PERCENT, Candidate
from tachograph.detect.excess import by_worker
from tachograph.detect.scene import Scene
from tachograph.detect.slopes import LEAST, log_slope, stretch
from tachograph.detect.tasks import each
from tachograph.records.history import Reals, Units

_CAUSES: Final = {
    "cpu_pressure": ("cpu_pressure", "CPU", "run fewer executions at once, or give the host more cores"),
    "memory_pressure": ("memory_pressure", "memory", "give the host more memory, or cap what the work may use"),
    "cpu_steal": ("cpu_pressure", "CPU (taken by the hypervisor)", "move to a host that does not share its cores"),
}
_CALM: Final = 10  # the percentile of pressure that counts as calm


def of_tools(scene: Scene) -> Iterator[Candidate]:
    """One candidate a tool and kind of pressure that varied."""
    tools = scene.history.tools
    for code, rows in each(tools.codes("name"), LEAST):
        yield from _of(tools.words["name"].name(code), _known(tools.take(rows)))


def of_workers(scene: Scene) -> Iterator[Candidate]:
    """One candidate a worker and kind of pressure that varied."""
    for name, rows in by_worker(scene.workers, LEAST):
        yield from _of(name, _known(scene.workers.take(rows)))


def _known(units: Units) -> Units:
    """Those during which the host told its state."""
    known = np.any([np.isfinite(units[column]) for column in _CAUSES], axis=0)
    return units.take(np.flatnonzero(known))


def _of(name: str, mine: Units) -> Iterator[Candidate]:
    exposures = {column: _above_calm(mine[column]) for column in _CAUSES if _varies(mine[column])}
    fit = log_slope(mine, list(exposures.values())) if exposures else None
    if fit is None:
        return
    for place, (column, exposure) in enumerate(exposures.items()):
        cost = stretch(mine, fit.at(place), exposure)
        cause, what, fix = _CAUSES[column]
        yield Candidate(
            cause=cause,
            components=(name,),
            unit=PERCENT,
            estimate=cost.share,
            rows=mine,
            lost=cost.lost,
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


def _above_calm(values: Reals) -> Reals:
    """Pressure above what is calm; unknown is taken for calm."""
    calm = float(np.nanpercentile(values, _CALM))
    return np.maximum(np.nan_to_num(values, nan=calm) - calm, 0.0)
