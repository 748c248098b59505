"""From when until when something was used: what is missing at either end of a window beyond what chance explains."""

from typing import Final

import numpy as np
from scipy import special

from tachograph.measure.inference import Flags, Wholes
from tachograph.records.history import Units

_SURELY: Final = 0.01  # that as many traces in a row have none of it by chance, were it used all the time


def came_later(units: Units, arm: Flags) -> bool:
    """Whether something was not used from the beginning on, and is mostly used late."""
    begin = units["start"]
    return bool(np.median(begin[arm]) > np.median(begin[~arm])) and _is_missing(_by_trace(units, arm))


def went(units: Units, arm: Flags) -> bool:
    """Whether something was not used until the end."""
    return _is_missing(_by_trace(units, arm)[::-1])


def _by_trace(units: Units, arm: Flags) -> Flags:
    """Whether each trace used it, in order of time: what one trace does several times is one choice."""
    _, first, of_row = np.unique(units.codes("trace_id"), return_index=True, return_inverse=True)
    used = np.bincount(of_row, weights=arm) > 0
    return np.asarray(used[np.argsort(units["start"][first], kind="stable")])


def _is_missing(used: Flags) -> bool:
    """Whether the first use comes so late that it was not there before: all of them among the rest, by chance."""
    rest: Wholes = np.array([len(used) - int(np.argmax(used)), len(used)])
    ways = special.gammaln(rest + 1) - special.gammaln(rest - int(used.sum()) + 1)
    return bool(ways[0] - ways[1] < np.log(_SURELY))
