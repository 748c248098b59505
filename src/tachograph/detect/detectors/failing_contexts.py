"""Contexts so large that the model refuses them, or that whoever is handed them fails more often than at the same tasks
with less."""

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Final

import numpy as np

from tachograph.detect.candidate import BAR, POINTS, Candidate
from tachograph.detect.concentration import CASES
from tachograph.detect.excess import by_worker
from tachograph.detect.scene import Scene
from tachograph.detect.slopes import failing_slope
from tachograph.detect.workers import home
from tachograph.measure.inference import as_many, share
from tachograph.records.history import Flags, Reals, Units

# How providers and their libraries say it.
_TOO_LONG: Final = re.compile(
    r"context.?(length|window|size)|(prompt|input|context) (is |was )?too (long|large)|maximum context|max.?context",
    re.I,
)
_INPUT: Final = ("input_tokens", "cache_read_tokens", "cache_write_tokens")
_LARGE: Final = 2.0  # times what it is mostly handed, from which on a context is called large


def detect(scene: Scene) -> Iterator[Candidate]:
    """One candidate a worker whose contexts are refused, or else of whose contexts some are much larger than others."""
    size, refused = _size(scene.workers, scene.history.models), _is_refused(scene.workers)
    for name, rows in by_worker(scene.workers):
        if refused[rows].sum() >= CASES:
            yield _refused(name, scene.workers.take(rows), refused[rows])
            continue
        known = rows[np.isfinite(size[rows])]
        mine, handed = scene.workers.take(known), size[known]
        if len(known) and np.ptp(handed) > 0:
            yield from _failing(name, mine, handed)


def _is_refused(workers: Units) -> Flags:
    """Which failed because, as it was said, the context was longer than the model takes."""
    said = np.zeros(len(workers), dtype=np.bool_)
    for column in ("message", "error_type"):
        words = workers.words[column]
        said |= words.among({name for name in words.names if _TOO_LONG.search(name)})
    return np.asarray(said & (workers["success"] == 0))


def _refused(name: str, mine: Units, refused: Flags) -> Candidate:
    cases, trace = np.where(refused, 1.0, 0.0), mine.codes("trace_id")
    loses = share(cases, np.ones(len(mine)), mine["weight"], trace)
    return Candidate(
        cause="oversized_context",
        components=(name,),
        unit=POINTS,
        estimate=loses,
        chance=as_many(refused, mine["weight"], trace, BAR[POINTS]),
        tested=loses,
        rows=mine,
        lost=cases,
        claim="measured",
        says=f"{name} loses {{effect}} to contexts longer than its model takes: {int(refused.sum())} of its executions "
        "ended with that error",
        fixes=(
            f"count the tokens of what {name} hands to its model, and leave out what was not used before the limit",
            f"summarise long files and old turns before {name} gets them, or give long ones to a model that takes more",
        ),
        assumptions=("executions that ended so would have succeeded with a shorter context",),
        remedy={"agent": name, "part": "context_limit"},
    )


def _size(workers: Units, models: Units) -> Reals:
    """Tokens of each context: as it was handed over, else as the first model read it; NaN where neither is known."""
    at = home(workers, models)
    calls = np.flatnonzero((at >= 0) & np.isfinite(models["input_tokens"]))
    first, read = calls[np.unique(at[calls], return_index=True)[1]], np.full(len(workers), np.nan)
    read[at[first]] = np.sum([np.nan_to_num(models[name][first]) for name in _INPUT], axis=0)
    size = np.where(np.isfinite(workers["context_size"]), workers["context_size"], read)
    return np.where(size > 0, size, np.nan)


def _failing(name: str, mine: Units, size: Reals) -> Iterator[Candidate]:
    """By how much more often the worker fails with a large context at the same tasks."""
    usual = float(np.median(size))
    large = size >= _LARGE * usual
    fit = failing_slope(mine, [large.astype(np.float64)])
    if fit is None:
        return
    gap, part = fit.at(0), float(np.average(large, weights=mine["weight"]))
    rates = [100 * float(1 - mine["success"][some].mean()) if some.any() else 0.0 for some in (large, ~large)]
    yield Candidate(
        cause="oversized_context",
        components=(name,),
        unit=POINTS,
        estimate=replace(gap, value=gap.value * part, error=gap.error * part),
        rows=mine,
        lost=np.where(large, gap.value, 0.0),
        claim="observational",
        says=f"{name} loses {{effect}} to contexts larger than it can use: at twice its usual {usual:,.0f} tokens or "
        f"more {rates[0]:.0f} % of its executions fail, else {rates[1]:.0f} %",
        fixes=(
            f"cap the context of {name} at about {usual:,.0f} tokens: rank what goes in, leave out what was not used",
            f"summarise long files and old turns before {name} gets them",
        ),
        assumptions=("tasks of the same class and complexity are as hard when they come with a larger context",),
        remedy={"agent": name, "part": "context_tokens", "cap": round(usual)},
    )
