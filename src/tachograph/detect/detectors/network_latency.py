"""Waiting for a network: calls that were refused or failed at the server, and the waits before they were made again."""

from collections.abc import Iterator

import numpy as np

from tachograph.detect.candidate import PERCENT, Candidate, time_lost
from tachograph.detect.excess import beyond_usual
from tachograph.detect.scene import Scene
from tachograph.records.history import Reals, Units


def detect(scene: Scene) -> Iterator[Candidate]:
    """One candidate a worker whose calls are refused."""
    for name, mine, lost in beyond_usual(scene.workers, "blocked"):
        where = _most_lost(mine, lost)
        refused = mine["blocked_calls"] > 0
        yield Candidate(
            cause="network_latency",
            components=(name, *where),
            unit=PERCENT,
            estimate=time_lost(mine, lost),
            rows=mine,
            lost=lost,
            claim="measured",
            says=f"{name} loses {{effect}} waiting for calls that were refused (429) or failed at the server (5xx), in "
            f"{100 * refused.mean():.0f} % of its executions{', mostly at ' + where[0] if where else ''}",
            fixes=(
                f"raise the quota of, or spread the load over more than, {where[0] if where else 'the endpoint'}",
                "send fewer calls at once, and wait as long as Retry-After says instead of longer each time",
            ),
            assumptions=("without the refusals the first attempt would have brought the result",),
            remedy={"agent": name, "part": "blocked", "server": where[0] if where else None},
        )


def _most_lost(mine: Units, lost: Reals) -> tuple[str, ...]:
    """The server, then the model, whose executions lose most."""
    found = []
    for column in ("server", "model"):
        words = mine.words[column]
        known = words.codes >= 0
        if known.any():
            sums = np.bincount(words.codes[known], weights=np.maximum(lost[known], 0), minlength=len(words.names))
            found.append(words.names[int(np.argmax(sums))])
    return tuple(found)
