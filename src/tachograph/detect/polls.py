"""Calls that ask again and again whether something is done: the same one, each after a pause, and nothing between."""

from typing import Final

import numpy as np

from tachograph.detect.workers import joined, summed
from tachograph.records.history import Reals, Units

_PAUSE: Final = 1.0  # seconds, and at least as long as the call itself took; else nobody waited for anything


def polls(workers: Units, tools: Units, models: Units) -> Reals:
    """How many calls of each worker ask again, after a pause, what the same call before them had answered."""
    calls = joined([tools, models])
    calls = calls.take(np.lexsort((calls["start"], calls.codes("parent_id"))))
    asked, maker, name = calls["again"] > 0, calls.codes("parent_id"), calls.codes("name")
    pause = calls["start"][1:] - calls["end"][:-1]
    same = (maker[1:] == maker[:-1]) & (name[1:] == name[:-1]) & (calls["success"][:-1] > 0)
    asked[1:] &= same & (pause >= np.maximum(calls["duration"][:-1], _PAUSE))
    return summed(workers, calls, asked.astype(np.float64))
