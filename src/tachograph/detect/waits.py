"""Calls of tools with what lies between them and what their maker did before: some wait for a place there."""

from typing import Final

import numpy as np

from tachograph.detect.workers import home, joined
from tachograph.records.history import Reals, Units, Wholes

_SPEAK_OF: Final = 0.05  # of the time of a tool's calls, below which what lies before them is no wait
_PLACE: Final = "place"


def with_waits(calls: Units, before: Reals) -> Units:
    """Calls that begin when they could have, where what lies before them is worth speaking of."""
    weight = calls["weight"]
    if np.sum(weight * before) < _SPEAK_OF * np.sum(weight * calls["duration"]):
        return calls
    columns = {"start": calls["start"] - before, "duration": calls["duration"] + before}
    return Units({**calls.numbers, **columns}, calls.words)


def before_calls(tools: Units, models: Units, workers: Units) -> Reals:
    """Seconds between each call of a tool and the end of what its maker did before, or its maker's own begin; 0 for
    calls of nobody."""
    found = np.zeros(len(tools))
    calls = joined([_placed(tools, np.arange(len(tools))), _placed(models, np.full(len(models), -1))])
    at = home(workers, calls)
    calls, at = calls.take(at >= 0), at[at >= 0]
    if not len(calls):
        return found
    order = np.lexsort((calls["start"], at))
    ready = np.empty(len(calls))
    ready[order] = _ready(workers["start"][at[order]], calls["end"][order], at[order])
    before, place = np.maximum(calls["start"] - ready, 0.0), calls[_PLACE].astype(np.int64)
    found[place[place >= 0]] = before[place >= 0]
    return found


def _placed(calls: Units, place: Wholes) -> Units:
    return Units({**calls.numbers, _PLACE: place.astype(np.float64)}, calls.words)


def _ready(begun: Reals, end: Reals, maker: Wholes) -> Reals:
    """For each call, in order of makers and starts, when the last of the earlier ones of its maker had ended."""
    is_first = np.concatenate([[True], maker[1:] != maker[:-1]])
    earlier = np.where(is_first, begun, np.concatenate([end[:1], end[:-1]]))
    # All makers after each other on one line of time, so that none is ready before its own begin.
    apart = np.cumsum(is_first) * (max(end.max(), begun.max()) - begun.min() + 1.0)
    return np.asarray(np.maximum.accumulate(earlier - begun.min() + apart) - apart + begun.min())
