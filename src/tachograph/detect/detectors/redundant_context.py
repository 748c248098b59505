"""Context that was there before: read again though it had been read, or sent again without a cache to spare it."""

from collections.abc import Iterator
from typing import Final

import numpy as np

from tachograph.detect.candidate import PERCENT, Candidate, time_lost
from tachograph.detect.excess import by_worker, shares, usual
from tachograph.detect.multiplied import multiplied
from tachograph.detect.reading import cost_of, seconds_per_token
from tachograph.detect.scene import Scene
from tachograph.measure.inference import Estimated
from tachograph.records.history import Reals, Units

_UNUSUAL: Final = 0.15  # of its input that a worker sends again beyond what others do


def detect(scene: Scene) -> Iterator[Candidate]:
    """One candidate a worker that reads or sends something again."""
    read_again = shares(scene.workers, "reread")
    sent_again = {name: _sent_again(scene.workers.take(rows)) for name, rows in by_worker(scene.workers)}
    for name, rows in by_worker(scene.workers):
        mine = scene.workers.take(rows)
        spent = np.nan_to_num(mine["reread"])
        again = float(np.mean(np.nan_to_num(mine["reread_calls"])))
        if spent.any():
            spent = spent - usual(read_again, name) * mine["duration"]
        seconds, error, sent = _sending(mine, sent_again, name)
        if not spent.any() and not seconds.any():
            continue
        lost, whole = multiplied(mine, spent) if spent.any() else (spent, time_lost(mine, spent))
        direct = time_lost(mine, spent + seconds)
        value = whole.value + time_lost(mine, seconds).value
        yield Candidate(
            cause="redundant_context",
            components=(name,),
            unit=PERCENT,
            estimate=Estimated(value, float(np.hypot(whole.error, error)), whole.n, whole.clusters),
            tested=Estimated(direct.value, float(np.hypot(direct.error, error)), direct.n, direct.clusters),
            rows=mine,
            lost=lost + seconds,
            claim="observational",
            says=f"{name} loses {{effect}} to context that it had before: it reads {again:.1f} times an execution what "
            f"it had read, and sends {100 * sent:.0f} % of its input again without a cache",
            fixes=(
                f"keep what {name} has read in the conversation, or answer the second identical read from a cache",
                "put what stays the same first in the prompt, so that the provider's prefix cache can serve it",
            ),
            assumptions=("what was read or sent before has not changed since",),
            remedy={"agent": name, "part": "redundant", "rereads": float(again), "resent_share": float(sent)},
        )


def _sent_again(units: Units) -> float:
    """The share of all input that had been sent before and was not read from a cache."""
    whole = float(np.sum(_input(units) * units["weight"]))
    return float(np.sum(np.nan_to_num(units["resent_tokens"]) * units["weight"])) / whole if whole else 0.0


def _input(units: Units) -> Reals:
    parts = ("input_tokens", "cache_read_tokens", "cache_write_tokens")
    total: Reals = np.sum([np.nan_to_num(units[name]) for name in parts], axis=0)
    return total


def _sending(mine: Units, of_all: dict[str, float], name: str) -> tuple[Reals, float, float]:
    """Seconds for reading what was sent again beyond what is usual, the error of their share, and how much is sent."""
    others = [sent for other, sent in of_all.items() if other != name]
    beyond = of_all[name] - (float(np.median(others)) if others else of_all[name])
    slope = seconds_per_token(mine) if beyond >= _UNUSUAL else None
    if slope is None:
        return np.zeros(len(mine)), 0.0, of_all[name]
    tokens = np.nan_to_num(mine["resent_tokens"]) * (beyond / of_all[name])
    seconds, cost = cost_of(mine, tokens, slope)
    return seconds, cost.error, of_all[name]
