"""Seconds that something adds to a call, be it long or short."""

from collections.abc import Iterator
from typing import Final

import numpy as np

from tachograph.detect.reading import of_size
from tachograph.measure.inference import Estimated, Flags, Wholes, regression
from tachograph.records.history import Reals, Units

TOKENS: Final = ("input_tokens", "cache_read_tokens", "output_tokens")


def seconds_added(calls: Units, arm: Flags, alike: Wholes) -> Estimated | None:
    """What a way that is longer adds to each call of an arm, against the others that are alike and read as much."""
    read, exposure = np.nan_to_num(calls["input_tokens"]), arm.astype(np.float64)
    weight = calls["weight"] / np.square(of_size(calls["duration"], read))
    for parts in _work(calls, read):
        varying = [part for part in parts if np.ptp(part) > 0]
        fit = regression(calls["duration"], [exposure, *varying], [alike], weight, calls.codes("trace_id"))
        if fit is not None:
            return fit.at(0)
    return None


def _work(calls: Units, read: Reals) -> Iterator[list[Reals]]:
    """What models read and wrote; with less of it where one follows from the other, as in conversations that grow by
    what was answered."""
    cached, written = (np.nan_to_num(calls[name]) for name in TOKENS[1:])
    yield [read, np.square(read), cached, written]
    yield [read, cached, written]
    yield [read, written]


def share_added(calls: Units, added: Estimated) -> Estimated:
    """Their share of the time of the calls that they are added to."""
    mean = float(np.average(calls["duration"], weights=calls["weight"]))
    return Estimated(added.value / mean, added.error / mean, added.n, added.clusters)
