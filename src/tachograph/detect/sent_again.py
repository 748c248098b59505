"""Input that a worker sends again without a cache to spare it, beyond what others do."""

from typing import Final

import numpy as np

from tachograph.detect.excess import by_worker
from tachograph.records.history import Reals, Units

_UNUSUAL: Final = 0.15  # of its input that a worker sends again beyond what others do


def shares(workers: Units) -> dict[str, float]:
    """The share of all input of each worker that had been sent before and was not read from a cache."""
    return {name: _share(workers.take(rows)) for name, rows in by_worker(workers)}


def needlessly(workers: Units) -> Reals:
    """Tokens of each execution that its worker sends again beyond what is usual; 0 where it does not stand out."""
    found, of_all = np.zeros(len(workers)), shares(workers)
    for name, rows in by_worker(workers):
        others = [share for other, share in of_all.items() if other != name]
        beyond = of_all[name] - (float(np.median(others)) if others else of_all[name])
        if beyond >= _UNUSUAL:
            found[rows] = np.nan_to_num(workers["resent_tokens"][rows]) * (beyond / of_all[name])
    return found


def _share(units: Units) -> float:
    whole = float(np.sum(_input(units) * units["weight"]))
    return float(np.sum(np.nan_to_num(units["resent_tokens"]) * units["weight"])) / whole if whole else 0.0


def _input(units: Units) -> Reals:
    parts = ("input_tokens", "cache_read_tokens", "cache_write_tokens")
    total: Reals = np.sum([np.nan_to_num(units[name]) for name in parts], axis=0)
    return total
