"""What looks like a bottleneck and cannot be told from luck yet: about how many executions more it takes."""

import math
from collections.abc import Sequence
from typing import Final

from scipy import special

from tachograph.detect.candidate import Candidate
from tachograph.detect.judged import FALSE_SHARE, Judged
from tachograph.records import NotEnoughData

_SHOWN: Final = 5
_LARGE: Final = 2.0  # times the least worth while, from which on it is worth waiting for
_ENDLESS: Final = 20  # times as many executions as there are; then it is not a matter of waiting
_BAR: Final = float(special.ndtri(0.999))  # standard errors that a finding among many mostly takes


def promising(judged: Sequence[Judged]) -> list[NotEnoughData]:
    """The largest of those that were not accepted, the nearest to an answer first, one a component."""
    accepted = {one.candidate.components[0] for one in judged if one.accepted}
    found: dict[str, NotEnoughData] = {}
    for one in sorted((one for one in judged if not one.accepted), key=lambda one: one.q_value):
        component = one.candidate.components[0]
        more = _more(one)
        if more and component not in accepted:
            found.setdefault(component, _lacking(one.candidate, more))
    return sorted(found.values(), key=lambda one: one.more / one.n)[:_SHOWN]


def _lacking(candidate: Candidate, more: int) -> NotEnoughData:
    seen = round(100 * candidate.estimate.value, 1)
    return NotEnoughData(candidate.cause, candidate.components[0], seen, candidate.unit, len(candidate.rows), more)


def _more(one: Judged) -> int:
    """Executions until an effect of this size would be sure, for errors shrink with the root of their number; 0 where
    it is too small to wait for, too far away, or something else that has to hold does not."""
    estimate, least = one.candidate.tested or one.candidate.estimate, one.candidate.least
    if estimate.value < _LARGE * least or estimate.error <= 0 or one.candidate.gate > FALSE_SHARE:
        return 0
    n = len(one.candidate.rows)
    needed = n * (_BAR * estimate.error / (estimate.value - least)) ** 2
    return math.ceil(needed - n) if n < needed < _ENDLESS * n else 0
