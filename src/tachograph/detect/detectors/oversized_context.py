"""More context than the same work takes elsewhere, or mostly takes, and time that goes into reading it."""

from collections.abc import Callable, Iterator
from typing import Final

import numpy as np

from tachograph.detect.candidate import PERCENT, Candidate, between
from tachograph.detect.conversations import Conversations
from tachograph.detect.excess import FEW, by_worker
from tachograph.detect.kinds import has_more_work, takes_much
from tachograph.detect.reading import Reading, Spared, calls, handed_less, uncached
from tachograph.detect.rivals import is_placed
from tachograph.detect.scene import Scene
from tachograph.detect.sent_again import needlessly
from tachograph.detect.standing_out import standing_out
from tachograph.detect.tasks import each, far_out, means, medians, of_others, tasks, usual
from tachograph.measure.inference import Estimated
from tachograph.records.history import Reals, Units, Wholes

_SAME_TASK: Final = 1.5  # times the context that others use for the same task
_OTHER_TASK: Final = 3.0  # times what others use for other tasks as hard, which may need more


# What it spares executions to be handed so many tokens less at each call.
Spare = Callable[[Units, Reals], Spared | None]
_Found = tuple[Spared, Estimated | None, Reals]


def detect(scene: Scene) -> Iterator[Candidate]:
    """One candidate a worker that hands contexts to models; where these do not tell what they read, by what it was
    handed itself."""
    workers, reading = scene.workers, Reading(scene)
    reads = np.nan_to_num(uncached(workers)) > 0
    # What is only sent again, or came with what was read again, has a cause of its own.
    size = np.maximum(uncached(workers) - needlessly(workers) - _read_again(scene), 0.0) / calls(workers)
    yield from _larger(
        workers.take(reads), size[reads], lambda mine, tokens: reading.spared(mine, tokens * calls(mine))
    )
    handed = ~reads & (np.nan_to_num(workers["context_size"]) > 0)
    yield from _larger(workers.take(handed), workers["context_size"][handed], handed_less)


def _read_again(scene: Scene) -> Reals:
    """Tokens of each execution that came with what its worker had read before."""
    talks, found = Conversations.of(scene), np.zeros(len(scene.workers))
    for _, rows in by_worker(scene.workers):
        each = talks.each(rows)
        if each is not None and np.nan_to_num(scene.workers["reread"][rows]).any():
            found[rows] = talks.came(each.value)[rows]
    return found


def _larger(read: Units, size: Reals, spare: Spare) -> Iterator[Candidate]:
    owner = read.codes("worker")
    same_task = np.where(is_placed(read), of_others(size, owner, tasks(read), others=1), np.nan)
    as_hard = of_others(size, owner, read.codes("complexity") + 1)
    odd = _odd(size, owner, read.codes("complexity") + 1)
    as_hard = np.where(np.isin(owner, odd), as_hard, np.nan)
    for name, rows in by_worker(read):
        mine = read.take(rows)
        tokens, doubtful, why = _excess(size[rows], same_task[rows], as_hard[rows], mine)
        found = _spared(spare, mine, tokens, doubtful)
        if found is not None:
            yield _candidate(name, mine, found, why, _cap(size[rows], tokens))


def _candidate(name: str, mine: Units, found: _Found, why: str, cap: float) -> Candidate:
    spared, surely, seconds = found
    return Candidate(
        cause="oversized_context",
        components=(name,),
        unit=PERCENT,
        estimate=spared.share if surely is None else between(surely, spared.share),
        tested=surely,
        rows=mine,
        lost=seconds,
        claim="observational",
        says=f"{name} loses {{effect}} to reading more context than it needs: {why}; each 1,000 tokens of that "
        f"take it {spared.each_1k:.2g} s",
        fixes=(
            f"cap the context of {name} at about {cap:,.0f} tokens a call: rank what goes in, leave out what was not "
            "used",
            f"summarise long files and old turns before {name} gets them",
        ),
        assumptions=("what is beyond the usual size is not what makes the execution succeed",),
        remedy={"agent": name, "part": "context_tokens", "cap": round(cap)},
    )


def _odd(size: Reals, owner: Wholes, hard: Wholes) -> list[int]:
    """Owners whose contexts are larger than those of the others differ among each other: agents have different work."""
    levels = np.log(np.maximum(size, 1.0)) - np.log(np.maximum(medians(size, hard, 1), 1.0))
    return standing_out({code: float(np.median(levels[rows])) for code, rows in each(owner, FEW)})


def _spared(spare: Spare, mine: Units, tokens: Reals, doubtful: Reals) -> _Found | None:
    """What is spared by reading so many tokens less a call, and what surely is, where some of them are in doubt."""
    likely = spare(mine, tokens)
    if likely is None or not doubtful.any():
        return None if likely is None else (likely, None, likely.seconds)
    surely = spare(mine, tokens - doubtful)
    return None if surely is None else (likely, surely.share, (likely.seconds + surely.seconds) / 2)


def _excess(size: Reals, same_task: Reals, as_hard: Reals, mine: Units) -> tuple[Reals, Reals, str]:
    """Tokens a call beyond the usual, how many of them other work may need, and in words how that is known."""
    for theirs, bar, who in ((same_task, _SAME_TASK, "the same task"), (as_hard, _OTHER_TASK, "tasks as hard")):
        known = np.isfinite(theirs)
        ratio = float(size[known].sum() / theirs[known].sum()) if known.any() else 1.0
        if ratio >= bar:
            need = _everywhere(theirs, mine)
            doubtful = (_OTHER_TASK - 1) * need * (bar == _OTHER_TASK)
            return size - need, doubtful, f"{ratio:.1f} times what other agents read for {who}"
    groups, written = tasks(mine), np.nan_to_num(mine["output_tokens"])
    late, need, what = far_out(size, groups), usual(size, groups), "mostly"
    late &= ~has_more_work(late, written, groups)
    if not late.any():
        late, need = takes_much(size, written, groups)
        what = "otherwise"
    tokens = np.where(late, size - need, 0.0)
    why = f"in {100 * late.mean():.0f} % of its executions far more than it {what} reads for the same task"
    return tokens, np.zeros(len(size)), why


def _everywhere(usual: Reals, mine: Units) -> Reals:
    """What is usual, at tasks that nobody else does taken from the worker's other tasks as hard, else from all."""
    level = means(usual, mine.codes("complexity") + 1)
    return np.where(np.isfinite(usual), usual, np.where(np.isfinite(level), level, np.nanmean(usual)))


def _cap(size: Reals, tokens: Reals) -> float:
    """The size that contexts have without the excess."""
    return float(np.median(size - tokens))
