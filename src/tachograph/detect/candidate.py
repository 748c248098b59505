"""What a detector proposes: a cause, what it costs with its standard error, and the rows that show it."""

from dataclasses import dataclass, field, replace
from typing import Any, Final

import numpy as np

from tachograph.measure.inference import Estimated, share
from tachograph.records.history import Reals, Units

PERCENT: Final = "percent"
POINTS: Final = "points"

_NINE_TENTHS: Final = 1.645  # standard errors to either side of a normal interval
# A loss below these shares of the time, or of the executions, is not worth anybody's attention.
LEAST: Final = {PERCENT: 0.05, POINTS: 0.03}
# What it must surely be more than: everybody retries now and then, and no two agents are quite alike.
BAR: Final = {unit: least / 2 for unit, least in LEAST.items()}


@dataclass(frozen=True, slots=True)
class Candidate:
    """A possible bottleneck, before it is judged beside all others.

    `estimate` is the share of the time of `rows` that is lost (PERCENT) or of their successes (POINTS), 0-1; `lost` the
    same a row, in seconds or successes. `rows` are the executions of the first component. `says` has a place for
    `{effect}`.
    """

    cause: str
    components: tuple[str, ...]
    unit: str
    estimate: Estimated
    rows: Units
    lost: Reals
    claim: str
    says: str
    fixes: tuple[str, ...]
    assumptions: tuple[str, ...] = ()
    remedy: dict[str, Any] = field(default_factory=dict)
    detector: str = ""
    subject: str = ""  # who it is about, where that is not the first component
    tested: Estimated | None = None  # what is tested, where that is surer than what is estimated
    gate: float = 0.0  # the p-value of something else that has to hold as well
    chance: float | None = None  # the p-value of costing more than the bar, where it is known exactly

    @property
    def least(self) -> float:
        """What it must cost to be worth anybody's attention."""
        return LEAST[self.unit]

    @property
    def bar(self) -> float:
        """What it must surely cost more than."""
        return BAR[self.unit]


def time_lost(rows: Units, lost: Reals) -> Estimated:
    """The share of the time of some units that is lost, a trace being a cluster."""
    return share(lost, rows["duration"], rows["weight"], rows.codes("trace_id"))


def losing_time(rows: Units, lost: Reals, **told: Any) -> Candidate:
    """A candidate whose loss is time that stands in the spans; `told` are the other fields."""
    return Candidate(unit=PERCENT, estimate=time_lost(rows, lost), rows=rows, lost=lost, **told)


def between(low: Estimated, high: Estimated) -> Estimated:
    """The middle of two estimates, with an interval of nine tenths that reaches from one to the other at least."""
    half = (high.value - low.value) / 2
    error = float(np.hypot(half / _NINE_TENTHS, max(low.error, high.error)))
    return replace(low, value=low.value + half, error=error)
