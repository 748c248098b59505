"""Earlier predictions held against what was measured, which corrects the next ones.

For each kind of claim the ratio of measured to predicted, drawn towards 1 as if four predictions had come exactly true:

    ratio = (4 + sum of measured / predicted) / (4 + how many)

each single ratio bounded to -0.5 to 2, so that one odd week does not decide. It is the mean of a normal posterior whose
prior weighs as much as four observations. A prediction and its interval are multiplied by it.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from tachograph.records import Held

_PRIOR: Final = 4.0
_LOW, _HIGH = -0.5, 2.0


@dataclass(frozen=True, slots=True)
class Calibration:
    """What predictions of each claim have to be multiplied by."""

    ratios: dict[str, float] = field(default_factory=dict)
    counts: dict[str, int] = field(default_factory=dict)

    def ratio(self, claim: str) -> float:
        """1 where nothing was measured yet."""
        return self.ratios.get(claim, 1.0)


def calibrated(table: Sequence[Held]) -> Calibration:
    """The correction that a table of predictions and measurements asks for."""
    found: dict[str, list[float]] = {}
    for row in table:
        if row.predicted_pct:
            ratio = row.measured_pct / row.predicted_pct
            found.setdefault(row.claim, []).append(min(max(ratio, _LOW), _HIGH))
    ratios = {claim: (_PRIOR + sum(of)) / (_PRIOR + len(of)) for claim, of in found.items()}
    return Calibration(ratios, {claim: len(of) for claim, of in found.items()})
