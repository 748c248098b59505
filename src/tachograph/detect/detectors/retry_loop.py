"""The same call, made again and again."""

from collections.abc import Iterator

import numpy as np

from tachograph.detect.candidate import PERCENT, Candidate, time_lost
from tachograph.detect.excess import beyond_usual
from tachograph.detect.scene import Scene


def detect(scene: Scene) -> Iterator[Candidate]:
    """One candidate a worker that repeats calls."""
    for name, mine, lost in beyond_usual(scene.workers, "repeated"):
        looping = mine["repeated_calls"] > 0
        calls = float(np.mean(mine["repeated_calls"][looping]))
        yield Candidate(
            cause="retry_loop",
            components=(name,),
            unit=PERCENT,
            estimate=time_lost(mine, lost),
            rows=mine,
            lost=lost,
            claim="measured",
            says=f"{name} loses {{effect}} to making the same call again: {100 * looping.mean():.0f} % of its "
            f"executions do, {calls:.1f} times on average",
            fixes=(
                f"give {name} a stop rule: after the second identical call with an identical answer, change the "
                "approach or give up",
                f"return to {name} what the first call said, so that it need not ask again",
            ),
            assumptions=("an identical call a second time brings nothing that the first did not",),
            remedy={"agent": name, "part": "repeated"},
        )
