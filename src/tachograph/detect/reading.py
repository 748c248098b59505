"""What it costs a worker to have its model read one more token of input."""

from typing import Final

import numpy as np

from tachograph.measure.inference import Estimated, Wholes, grouped, regression
from tachograph.records.history import Reals, Units

_LEAST: Final = 30


def calls(units: Units) -> Reals:
    """Model calls of each unit, at least 1."""
    return np.maximum(np.nan_to_num(units["model_calls"]), 1.0)


def uncached(units: Units) -> Reals:
    """Input tokens that each unit's models read for themselves, NaN where usage is unknown."""
    tokens = units["input_tokens"]
    return np.where(np.nan_to_num(units["model_calls"]) > 0, tokens, np.nan)


def seconds_per_token(units: Units) -> Estimated | None:
    """Seconds for each uncached input token, other things equal: output, number of calls, model, class and complexity.

    Weighted by 1 / time squared, for long executions scatter in proportion to their length.
    """
    tokens = uncached(units)
    known = np.isfinite(tokens) & (units["model_time"] > 0)
    if known.sum() < _LEAST:
        return None
    mine = units.take(known)
    time = mine["model_time"]
    groups = grouped(*[mine.codes(name) for name in ("model", "task_class", "complexity", "step_name")])
    weight = mine["weight"] / np.square(_typical(time, groups))
    exposures = [tokens[known], *[x for x in (mine["output_tokens"], mine["model_calls"]) if np.std(x) > 0]]
    fit = regression(time, exposures, [groups], weight, mine.codes("trace_id"))
    return None if fit is None else fit.at(0)


def _typical(time: Reals, groups: Wholes) -> Reals:
    """The mean time of each group: weights must not depend on a row's own luck."""
    size = np.bincount(groups)
    return np.maximum(np.bincount(groups, weights=time) / np.maximum(size, 1), 1e-6)[groups]


def cost_of(units: Units, tokens: Reals, slope: Estimated) -> tuple[Reals, Estimated]:
    """The seconds that some tokens of each unit cost, and their share of all time with the error of both factors."""
    seconds = tokens * slope.value
    weight, total = units["weight"], float(np.sum(units["weight"] * units["duration"]))
    value = float(np.sum(weight * seconds)) / total
    by_slope = abs(float(np.sum(weight * tokens))) / total * slope.error
    return seconds, Estimated(value, by_slope, len(units), slope.clusters)
