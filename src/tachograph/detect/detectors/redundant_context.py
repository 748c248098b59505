"""Context that was there before: read again though it had been read, or sent again without a cache to spare it."""

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from tachograph.detect import sent_again
from tachograph.detect.candidate import PERCENT, Candidate, between, time_lost
from tachograph.detect.conversations import Conversations
from tachograph.detect.excess import by_worker, shares, usual
from tachograph.detect.made_again import made_again
from tachograph.detect.reading import Reading
from tachograph.detect.scene import Scene
from tachograph.measure.inference import Estimated
from tachograph.records.history import Reals, Units


def detect(scene: Scene) -> Iterator[Candidate]:
    """One candidate a worker that reads or sends something again."""
    read_again = shares(scene.workers, "reread")
    sent, needless = sent_again.shares(scene.workers), sent_again.needlessly(scene.workers)
    talks, reading = Conversations.of(scene), Reading(scene)
    for name, rows in by_worker(scene.workers):
        mine = scene.workers.take(rows)
        spent = np.nan_to_num(mine["reread"])
        if spent.any():
            spent = spent - usual(read_again, name) * mine["duration"]
        seconds, error = _sending(reading, mine, needless[rows])
        if not spent.any() and not seconds.any():
            continue
        # A turn after which only the same was called again was taken to ask for that, or for something else as well.
        doubtful = np.clip(spent, 0.0, talks.idle(rows)) if spent.any() else np.zeros(len(mine))
        found = made_again(talks, reading, mine, rows, spent, doubtful)
        more = time_lost(mine, seconds).value
        direct = time_lost(mine, spent + seconds)
        again = float(np.mean(np.nan_to_num(mine["reread_calls"]))) if spent.any() else 0.0
        share = sent[name] if seconds.any() else 0.0
        yield Candidate(
            cause="redundant_context",
            components=(name,),
            unit=PERCENT,
            estimate=between(_with(found.least, more, error), _with(found.most, more, error)),
            tested=_with(direct, 0.0, error),
            rows=mine,
            lost=spent - doubtful / 2 + found.on_top + seconds,
            claim="observational",
            says=f"{name} loses {{effect}} to context that it had before: it " + _what(again, share, talks.tell_caches),
            fixes=tuple(_fixes(name, again, share)),
            assumptions=tuple(_assumptions(doubtful, share > 0 and not talks.tell_caches)),
            remedy={"agent": name, "part": "redundant", "rereads": again, "resent_share": share},
        )


def _with(estimate: Estimated, more: float, error: float) -> Estimated:
    return replace(estimate, value=min(estimate.value + more, 1.0), error=float(np.hypot(estimate.error, error)))


def _what(again: float, share: float, tell_caches: bool) -> str:
    """In words what is read and what is sent again, as far as either is."""
    read = [f"reads {again:.1f} times an execution what it had read"] if again else []
    where = " without a cache" if tell_caches else ""
    return ", and ".join([*read, *([f"sends {100 * share:.0f} % of its input again{where}"] if share else [])])


def _fixes(name: str, again: float, share: float) -> Iterator[str]:
    if again:
        yield f"keep what {name} has read in the conversation, or answer the second identical read from a cache"
    if share:
        yield "put what stays the same first in the prompt, so that the provider's prefix cache can serve it"


def _assumptions(doubtful: Reals, is_untold: bool) -> Iterator[str]:
    yield "what was read or sent before has not changed since"
    if doubtful.any():
        yield "whether turns of the model after which it only read again were taken for that alone is open"
    if is_untold:
        yield "input of which nothing is told was read from no cache"


def _sending(reading: Reading, mine: Units, tokens: Reals) -> tuple[Reals, float]:
    """Seconds for reading what was sent again beyond what is usual, and the error of their share."""
    spared = reading.spared(mine, tokens, again=True) if tokens.any() else None
    return (np.zeros(len(mine)), 0.0) if spared is None else (spared.seconds, spared.share.error)
