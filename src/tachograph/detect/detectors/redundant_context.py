"""Context that was there before: read again though it had been read, or sent again without a cache to spare it."""

from collections.abc import Iterator

import numpy as np

from tachograph.detect import sent_again
from tachograph.detect.candidate import PERCENT, Candidate, time_lost
from tachograph.detect.excess import by_worker, shares, usual
from tachograph.detect.multiplied import multiplied
from tachograph.detect.reading import Reading
from tachograph.detect.scene import Scene
from tachograph.measure.inference import Estimated
from tachograph.records.history import Reals, Units


def detect(scene: Scene) -> Iterator[Candidate]:
    """One candidate a worker that reads or sends something again."""
    read_again = shares(scene.workers, "reread")
    sent, needless = sent_again.shares(scene.workers), sent_again.needlessly(scene.workers)
    reading = Reading(scene)
    for name, rows in by_worker(scene.workers):
        mine = scene.workers.take(rows)
        spent = np.nan_to_num(mine["reread"])
        again = float(np.mean(np.nan_to_num(mine["reread_calls"])))
        if spent.any():
            spent = spent - usual(read_again, name) * mine["duration"]
        seconds, error = _sending(reading, mine, needless[rows])
        if not spent.any() and not seconds.any():
            continue
        lost, whole = multiplied(mine, spent, [_new_calls(mine)]) if spent.any() else (spent, time_lost(mine, spent))
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
            f"it had read, and sends {100 * sent[name]:.0f} % of its input again without a cache",
            fixes=(
                f"keep what {name} has read in the conversation, or answer the second identical read from a cache",
                "put what stays the same first in the prompt, so that the provider's prefix cache can serve it",
            ),
            assumptions=("what was read or sent before has not changed since",),
            remedy={"agent": name, "part": "redundant", "rereads": float(again), "resent_share": sent[name]},
        )


def _new_calls(mine: Units) -> Reals:
    """How many calls of tools were no repetition: who has more to do takes longer, and has more to read again."""
    again: Reals = np.nan_to_num(mine["repeated_calls"]) + np.nan_to_num(mine["reread_calls"])
    return np.nan_to_num(mine["tool_calls"]) - again


def _sending(reading: Reading, mine: Units, tokens: Reals) -> tuple[Reals, float]:
    """Seconds for reading what was sent again beyond what is usual, and the error of their share."""
    spared = reading.spared(mine, tokens, again=True) if tokens.any() else None
    return (np.zeros(len(mine)), 0.0) if spared is None else (spared.seconds, spared.share.error)
