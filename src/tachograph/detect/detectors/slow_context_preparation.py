"""Preparing the context takes longer than it takes others, or than it mostly takes."""

from collections.abc import Iterator
from typing import Final

import numpy as np

from tachograph.detect.candidate import Candidate, losing_time
from tachograph.detect.excess import by_worker
from tachograph.detect.scene import Scene
from tachograph.detect.tasks import far_out, of_others, tasks, usual
from tachograph.records.history import Reals, Units

_SLOW: Final = 2.0  # times what others take at the same complexity


def detect(scene: Scene) -> Iterator[Candidate]:
    """One candidate a worker that prepares contexts."""
    prepared = scene.workers.take(np.nan_to_num(scene.workers["context"]) > 0)
    others = of_others(prepared["context"], prepared.codes("worker"), prepared.codes("complexity") + 1)
    for name, rows in by_worker(prepared):
        mine = prepared.take(rows)
        lost, why = _lost(mine, others[rows])
        yield losing_time(
            mine,
            lost,
            cause="slow_context_preparation",
            components=(name,),
            claim="measured",
            says=f"{name} loses {{effect}} to preparing its context: {why}",
            fixes=(
                f"cache or index what prepare_context of {name} reads again each time",
                f"measure the parts of prepare_context in {name} and run the independent ones together",
            ),
            assumptions=("the rest of the execution does not get slower when the context is there sooner",),
            remedy={"agent": name, "part": "context"},
        )


def _lost(mine: Units, others: Reals) -> tuple[Reals, str]:
    """Seconds beyond what others take where there are others that are faster, else beyond its own median."""
    spent = mine["context"]
    ratio = float(np.nanmedian(spent / others)) if np.isfinite(others).any() else 1.0
    if ratio >= _SLOW:
        # At tasks that nobody else does it would take what it takes others elsewhere.
        return spent - np.where(
            np.isfinite(others), others, np.nanmean(others)
        ), f"{_median(spent)}, {ratio:.1f} times what other agents take"
    groups = tasks(mine)
    late = far_out(spent, groups)
    lost = np.where(late, spent - usual(spent, groups), 0.0)
    return lost, f"{100 * late.mean():.0f} % of the times it takes {_median(spent[late])} instead of {_median(spent[~late])}"


def _median(seconds: Reals) -> str:
    return f"{np.median(seconds):.2g} s" if len(seconds) else "no longer"
