"""Preparing the context takes longer than it takes others, or than it mostly takes."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np

from tachograph.detect.candidate import PERCENT, Candidate, between, time_lost
from tachograph.detect.excess import by_worker
from tachograph.detect.kinds import has_more_work
from tachograph.detect.reading import calls, uncached
from tachograph.detect.scene import Scene
from tachograph.detect.tasks import far_out, medians, of_others, tasks, usual
from tachograph.measure.inference import grouped
from tachograph.records.history import Reals, Units

_SLOW: Final = 2.0  # times what others take at the same complexity
_ONE_OTHER: Final = 3.0  # times what a single other one takes, which may have less to prepare


@dataclass(frozen=True, slots=True)
class _Lost:
    """Seconds that preparing loses, those of them that it surely does, and in words how that is known."""

    likely: Reals
    surely: Reals
    why: str
    assumption: str = "the rest of the execution does not get slower when the context is there sooner"


def detect(scene: Scene) -> Iterator[Candidate]:
    """One candidate a worker that prepares contexts."""
    prepared = scene.workers.take(np.nan_to_num(scene.workers["context"]) > 0)
    several, single = (_fair(prepared, others) for others in (2, 1))
    for name, rows in by_worker(prepared):
        mine = prepared.take(rows)
        yield _candidate(name, mine, _lost(mine, several[rows], single[rows]))


def _fair(prepared: Units, others: int) -> Reals:
    """What others take at the same complexity, and in proportion more for a context that is larger than theirs."""
    owner, hard = prepared.codes("worker"), prepared.codes("complexity") + 1
    size = _size(prepared)
    larger = medians(size, grouped(owner, hard), 1) / of_others(size, owner, hard, others)
    return of_others(prepared["context"], owner, hard, others) * np.fmax(larger, 1.0)


def _size(prepared: Units) -> Reals:
    """Tokens of each context: as it was handed over, else as the first model read it; NaN where neither is known."""
    size = np.where(
        np.isfinite(prepared["context_size"]), prepared["context_size"], uncached(prepared) / calls(prepared)
    )
    return np.where(size > 0, size, np.nan)


def _candidate(name: str, mine: Units, lost: _Lost) -> Candidate:
    likely, surely = time_lost(mine, lost.likely), time_lost(mine, lost.surely)
    is_sure = lost.surely is lost.likely
    return Candidate(
        cause="slow_context_preparation",
        components=(name,),
        unit=PERCENT,
        estimate=likely if is_sure else between(surely, likely),
        tested=None if is_sure else surely,
        rows=mine,
        lost=(lost.likely + lost.surely) / 2,
        claim="measured" if is_sure else "observational",
        says=f"{name} loses {{effect}} to preparing its context: {lost.why}",
        fixes=(
            f"cache or index what prepare_context of {name} reads again each time",
            f"measure the parts of prepare_context in {name} and run the independent ones together",
        ),
        assumptions=(lost.assumption,),
        remedy={"agent": name, "part": "context"},
    )


def _lost(mine: Units, several: Reals, single: Reals) -> _Lost:
    """Seconds beyond what others take where there are others that are faster, else beyond what it mostly takes."""
    spent = mine["context"]
    ratio = _ratio(spent, several)
    if ratio >= _SLOW:
        late = spent - _everywhere(several)
        return _Lost(late, late, f"{_median(spent)}, {ratio:.1f} times what other agents take")
    ratio = 1.0 if np.isfinite(several).any() else _ratio(spent, single)
    if ratio >= _ONE_OTHER:
        return _beyond_one(spent, _everywhere(single), ratio)
    return _beyond_usual(mine)


def _beyond_one(spent: Reals, other: Reals, ratio: float) -> _Lost:
    return _Lost(
        spent - other,
        spent - _ONE_OTHER * other,
        f"{_median(spent)}, {ratio:.1f} times what the only other agent takes; that it needs no "
        f"more than {_ONE_OTHER:.0f} times as long is all that this says",
        "the context is of no other kind than that of the only other agent",
    )


def _beyond_usual(mine: Units) -> _Lost:
    """What takes long now and then; where that is for contexts that are larger, they are the cause."""
    spent, groups = mine["context"], tasks(mine)
    late = far_out(spent, groups)
    late &= ~has_more_work(late, np.nan_to_num(_size(mine)), groups)
    lost = np.where(late, spent - usual(spent, groups), 0.0)
    often = f"{100 * late.mean():.0f} % of the times"
    return _Lost(lost, lost, f"{often} it takes {_median(spent[late])} instead of {_median(spent[~late])}")


def _ratio(spent: Reals, others: Reals) -> float:
    return float(np.nanmedian(spent / others)) if np.isfinite(others).any() else 1.0


def _everywhere(others: Reals) -> Reals:
    """At tasks that nobody else does it would take what it takes others elsewhere."""
    return np.where(np.isfinite(others), others, np.nanmean(others))


def _median(seconds: Reals) -> str:
    return f"{np.median(seconds):.2g} s" if len(seconds) else "no longer"
