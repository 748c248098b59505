"""More context than the same work takes elsewhere, or mostly takes, and time that goes into reading it."""

from collections.abc import Iterator
from typing import Final

import numpy as np

from tachograph.detect.candidate import PERCENT, Candidate
from tachograph.detect.excess import by_worker
from tachograph.detect.reading import Reading, calls, uncached
from tachograph.detect.rivals import is_placed
from tachograph.detect.scene import Scene
from tachograph.detect.sent_again import needlessly
from tachograph.detect.tasks import far_out, means, medians, of_others, tasks
from tachograph.records.history import Reals, Units

_SAME_TASK: Final = 1.5  # times the context that others use for the same task
_SAME_COMPLEXITY: Final = 2.5  # times what others use for other tasks as hard


def detect(scene: Scene) -> Iterator[Candidate]:
    """One candidate a worker that hands contexts to models."""
    reads = np.nan_to_num(uncached(scene.workers)) > 0
    read = scene.workers.take(reads)
    # What is only sent again has a cause of its own.
    size = np.maximum(uncached(read) - needlessly(scene.workers)[reads], 0.0) / calls(read)
    owner = read.codes("worker")
    same_task = np.where(is_placed(read), of_others(size, owner, tasks(read), others=1), np.nan)
    as_hard = of_others(size, owner, read.codes("complexity") + 1)
    reading = Reading(scene)
    for name, rows in by_worker(read):
        mine = read.take(rows)
        tokens, why = _excess(size[rows], same_task[rows], as_hard[rows], mine)
        spared = reading.spared(mine, tokens * calls(mine))
        if spared is None:
            continue
        yield Candidate(
            cause="oversized_context",
            components=(name,),
            unit=PERCENT,
            estimate=spared.share,
            rows=mine,
            lost=spared.seconds,
            claim="observational",
            says=f"{name} loses {{effect}} to reading more context than it needs: {why}; each 1,000 tokens of that "
            f"take it {spared.each_1k:.2g} s",
            fixes=(
                f"cap the context of {name} at about {_cap(size[rows], tokens):,.0f} tokens a call: rank what goes in, "
                "leave out what was not used",
                f"summarise long files and old turns before {name} gets them",
            ),
            assumptions=("what is beyond the usual size is not what makes the execution succeed",),
            remedy={"agent": name, "part": "context_tokens", "cap": round(_cap(size[rows], tokens))},
        )


def _excess(size: Reals, same_task: Reals, as_hard: Reals, mine: Units) -> tuple[Reals, str]:
    """Tokens a call beyond the usual, and in words how that is known."""
    for usual, bar, who in ((same_task, _SAME_TASK, "the same task"), (as_hard, _SAME_COMPLEXITY, "tasks as hard")):
        known = np.isfinite(usual)
        ratio = float(size[known].sum() / usual[known].sum()) if known.any() else 1.0
        if ratio >= bar:
            return size - _everywhere(usual, mine), f"{ratio:.1f} times what other agents read for {who}"
    groups = tasks(mine)
    late = far_out(size, groups)
    tokens = np.where(late, size - medians(size, groups), 0.0)
    return tokens, f"in {100 * late.mean():.0f} % of its executions far more than it mostly reads for the same task"


def _everywhere(usual: Reals, mine: Units) -> Reals:
    """What is usual, at tasks that nobody else does taken from the worker's other tasks as hard, else from all."""
    level = means(usual, mine.codes("complexity") + 1)
    return np.where(np.isfinite(usual), usual, np.where(np.isfinite(level), level, np.nanmean(usual)))


def _cap(size: Reals, tokens: Reals) -> float:
    """The size that contexts have without the excess."""
    return float(np.median(size - tokens))
