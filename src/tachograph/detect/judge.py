"""All candidates judged beside each other: which are real, how large they are, and what matters most."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from tachograph.detect.candidate import Candidate
from tachograph.detect.detectors import PHASES, Detector
from tachograph.detect.explained import without
from tachograph.detect.judged import FALSE_SHARE, Judged
from tachograph.detect.promising import promising
from tachograph.detect.publish import published
from tachograph.detect.scene import Scene
from tachograph.detect.workers import workers
from tachograph.measure.inference import Estimated, interval, p_value, q_values, selected
from tachograph.measure.replay import Runs
from tachograph.records import BottleneckDetection, NotEnoughData
from tachograph.records.history import History

_DISCARDED: Final = 0.5  # p-values above it, of what is not even estimated to cost the least worth while


@dataclass(frozen=True, slots=True)
class Findings:
    """What was found, what matters most first, and what could not be judged yet."""

    bottlenecks: list[BottleneckDetection]
    insufficient: list[NotEnoughData]


def judge(history: History, runs: Sequence[Runs] = ()) -> Findings:
    """The bottlenecks of a history. What one phase explains is taken out before the next one looks."""
    scene, candidates = Scene(history, workers(history), tuple(runs)), list[Candidate]()
    for detectors in PHASES:
        found = _proposed(detectors, scene)
        candidates += found
        accepted = {id(one.candidate) for one in _judged(candidates) if one.accepted}
        scene = without(scene, [one for one in found if id(one) in accepted])
    judged = _judged(candidates)
    return Findings(published(history, [one for one in judged if one.accepted]), promising(judged))


def _proposed(detectors: Sequence[Detector], scene: Scene) -> list[Candidate]:
    return [replace(found, detector=name) for name, detect in detectors for found in detect(scene) if _sound(found)]


def _sound(candidate: Candidate) -> bool:
    return bool(np.isfinite(candidate.estimate.value) and np.isfinite(candidate.estimate.error))


def _judged(candidates: list[Candidate]) -> list[Judged]:
    """Each with the q-value of the claim that it costs more than what is usual where nothing is wrong."""
    if not candidates:
        return []
    p = np.array([_p(one) for one in candidates])
    q = q_values(p, _DISCARDED)
    cut = _DISCARDED * FALSE_SHARE * max(int(np.sum(q <= FALSE_SHARE)), 1) / max(int(np.sum(p <= _DISCARDED)), 1)
    return [_sized(one, float(value), cut) for one, value in zip(candidates, q, strict=True)]


def _p(candidate: Candidate) -> float:
    """1 for what is not even estimated to cost the least worth while."""
    if candidate.estimate.value < candidate.least:
        return 1.0
    chance = p_value(candidate.tested or candidate.estimate, candidate.bar)
    return max(candidate.gate, chance if candidate.chance is None else candidate.chance)


def _sized(candidate: Candidate, q_value: float, cut: float) -> Judged:
    """The size of a candidate, given that it passed the bar that all had to pass. Nothing loses more than all of it."""
    if q_value > FALSE_SHARE:
        return Judged(candidate, q_value, candidate.estimate.value, (0.0, 0.0))
    value, (low, high) = _size(candidate, cut)
    return Judged(candidate, q_value, min(value, 1.0), (min(low, 1.0), min(high, 1.0)))


def _size(candidate: Candidate, cut: float) -> tuple[float, tuple[float, float]]:
    if candidate.tested is None:
        return _unflattered(candidate, cut)
    # It was not the estimate that was selected by. Where a model leaves open how much it is, it is more than what was
    # tested surely is, which has to be far above the bar: models differ most where there is least to see.
    low, high = interval(candidate.estimate)
    if low > 0 or selected(candidate.tested, _least_accepted(candidate, candidate.tested, cut))[1][0] > 0:
        low = max(low, candidate.bar)
    return candidate.estimate.value, (low, high)


def _unflattered(candidate: Candidate, cut: float) -> tuple[float, tuple[float, float]]:
    """The value and the interval of the estimate, given that it was large enough to be accepted.

    Just above the bar such intervals go far below nothing, further than those that hold for all that was accepted at
    once, so that the two are cut with each other (Andrews, Kitagawa and McCloskey 2024, "hybrid" inference). The value
    is drawn back towards what was seen the less they differ (Zhong and Prentice 2008).
    """
    seen = candidate.estimate
    value, (low, high) = selected(seen, _least_accepted(candidate, seen, cut))
    low = max(low, interval(seen, 1 - 2 * cut)[0])
    apart = seen.value - value
    value += apart * seen.error**2 / max(seen.error**2 + apart**2, 1e-24)
    return min(max(value, low), high), (low, high)


def _least_accepted(candidate: Candidate, seen: Estimated, cut: float) -> float:
    """The smallest estimate that would have been accepted at this error."""
    low, high = candidate.least, max(seen.value, candidate.least)
    for _ in range(40):
        middle = (low + high) / 2
        is_enough = p_value(replace(seen, value=middle), candidate.bar) <= cut
        low, high = (low, middle) if is_enough else (middle, high)
    return low
