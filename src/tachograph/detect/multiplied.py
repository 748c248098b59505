"""What something costs beyond its own time: a repeated call also makes the conversation longer."""

import math
from collections.abc import Sequence
from typing import Final

import numpy as np
from scipy import special

from tachograph.detect.candidate import time_lost
from tachograph.detect.tasks import tasks
from tachograph.measure.inference import Estimated, grouped, regression, within
from tachograph.records.history import Reals, Units

_PRIOR: Final = (1.0, 0.5)  # a second of it costs about a second, and rarely more than two
_LEAST: Final = 30


def multiplied(mine: Units, lost: Reals, work: Sequence[Reals] = ()) -> tuple[Reals, Estimated]:
    """Lost seconds times the factor by which executions of the same task get longer for each of them, and their share.

    `work` is how much each had to do. The factor is a regression's, drawn towards 1 as far as it is uncertain (a normal
    prior) and not below it, for what was spent is gone in any case; its remaining uncertainty is part of the error.
    """
    factor, spread = _factor(mine, lost, work)
    seen = time_lost(mine, lost * factor)
    error = float(np.hypot(seen.error, seen.value / factor * spread))
    return lost * factor, Estimated(seen.value, error, seen.n, seen.clusters)


def _factor(mine: Units, lost: Reals, work: Sequence[Reals]) -> tuple[float, float]:
    middle, width = _PRIOR
    if len(mine) < _LEAST or not np.any(lost):
        return middle, width
    group = grouped(tasks(mine), mine.codes("name"))
    size = np.bincount(group)
    typical = (np.bincount(group, weights=mine["duration"]) / np.maximum(size, 1))[group]
    weight = mine["weight"] / np.square(np.maximum(typical, 1e-6))
    varying = [column for column in work if np.ptp(within(column, [group], weight)) > 0]
    fit = regression(mine["duration"], [lost, *varying], [group], weight, mine.codes("trace_id"))
    if fit is None or fit.at(0).error <= 0:
        return middle, width
    seen = fit.at(0)
    precision = 1 / width**2 + 1 / seen.error**2
    value = (middle / width**2 + seen.value / seen.error**2) / precision
    return _at_least_one(value, precision**-0.5)


def _at_least_one(mean: float, error: float) -> tuple[float, float]:
    """Mean and standard deviation of a normal distribution cut off below 1 (Johnson, Kotz and Balakrishnan 1994,
    §10.1)."""
    cut = (1 - mean) / error
    hazard = math.exp(-cut * cut / 2 - float(special.log_ndtr(-cut))) / math.sqrt(2 * math.pi)
    return mean + error * hazard, error * math.sqrt(max(0.0, 1 + cut * hazard - hazard**2))
