"""What the analysis says: bottlenecks and recommendations, with the evidence for each."""

from dataclasses import dataclass, field
from typing import Any, Final

# Of bottlenecks and of what a recommendation is worth, mildest first.
SEVERITIES: Final = ("low", "medium", "high", "critical")


@dataclass(frozen=True, slots=True)
class Effect:
    """What a cause costs, relative to the executions of the first affected component, with its 90 % interval.

    `unit` is `percent` of the duration (above zero: slower), or `points` of the success rate (above zero: fewer
    succeed).
    """

    value: float
    unit: str
    ci: tuple[float, float]


@dataclass(frozen=True, slots=True)
class PerformanceImpact:
    """What a bottleneck costs relative to all executions of the window; delay in ms, `_pct` 0-100."""

    avg_delay_increase_ms: float
    success_rate_decrease_pct: float
    affected_executions_pct: float


@dataclass(frozen=True, slots=True)
class Evidence:
    """Where to look: the worst execution, a median one, then counter-examples; and their traces."""

    execution_ids: list[str]
    trace_ids: list[str]


@dataclass(frozen=True, slots=True)
class BottleneckDetection:
    """A cause of lost time or of failures, found in telemetry.

    `claim` is `measured`, `simulated` (by replay) or `observational`; `q_value` is the share of false findings among
    all that are at least as sure (Benjamini and Hochberg 1995); `n` the executions behind it; `remedy` the facts that
    a recommendation needs, as names and numbers.
    """

    category: str
    severity: str
    description: str
    affected_components: list[str]
    performance_impact: PerformanceImpact
    suggested_fixes: list[str]
    priority_score: float
    id: str
    detector: str
    cause: str
    claim: str
    effect: Effect
    q_value: float
    n: int
    evidence: Evidence
    assumptions: list[str]
    remedy: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class NotEnoughData:
    """What could not be judged yet: how much a cause seems to cost a component (`value`, in percent of its time or
    points of success), seen in `n` executions, and about how many `more` it takes to be sure."""

    cause: str
    component: str
    value: float
    unit: str
    n: int
    more: int


@dataclass(frozen=True, slots=True)
class ExpectedImprovement:
    """What a recommendation brings; `_pct` 0-100, above zero is better, None where nothing can be said."""

    performance_gain_pct: float | None
    success_rate_improvement_pct: float | None
    time_savings_estimate: str


@dataclass(frozen=True, slots=True)
class Prediction:
    """Predicted change of the median duration of `of`, below zero is faster, with its 90 % interval.

    `measure` says what will be held against it: `p50_duration`; `mean_duration` where the loss is in so few executions
    that the median hardly moves; or `success_rate`. `change_pct` and `interval_pct` are the prediction for that measure
    (points of success above zero are better).
    """

    p50_change_pct: float | None
    ci_pct: tuple[float, float] | None
    measure: str = "p50_duration"
    change_pct: float | None = None
    interval_pct: tuple[float, float] | None = None


@dataclass(frozen=True, slots=True)
class PerformanceRecommendation:
    """A change that is worth making, what it will bring, and how to tell whether it did.

    `priority` is the severity of what it mends, the order of a list what it is worth: hours saved a week times how sure
    that is, for an hour of effort (`effort_hours`). `role` and `component` are what it is measured on. `diff` changes
    the recipe's file (`patch -p1`, `git apply`), None where that is not known. `conflicts` says with which others it
    does not go together, `combined` what all simulated changes to the same recipe bring at once.
    """

    category: str
    priority: str
    title: str
    description: str
    expected_improvement: ExpectedImprovement
    implementation_effort: str
    implementation_steps: list[str]
    success_criteria: list[str]
    id: str
    bottleneck_ids: list[str]
    prediction: Prediction
    claim: str
    evidence: Evidence = field(default_factory=lambda: Evidence([], []))
    assumptions: list[str] = field(default_factory=list)
    effort_hours: float = 0.0
    saved_hours_per_week: float = 0.0
    score: float = 0.0
    role: str = ""
    component: str = ""
    diff: str | None = None
    conflicts: list[str] = field(default_factory=list)
    combined: Prediction | None = None


@dataclass(frozen=True, slots=True)
class Applied:
    """A recommendation that somebody carried out: what was predicted, frozen at that time.

    `raw_pct` is the prediction before it was corrected by earlier ones; `predicted_pct` and `interval_pct` are for
    `measure`, as `Prediction` has them. The window is the one in which the cause was found; `rivals` is among how many
    components it was the worst.
    """

    id: str
    applied_ns: int
    title: str
    note: str
    claim: str
    role: str
    component: str
    measure: str
    raw_pct: float
    predicted_pct: float
    low_pct: float
    high_pct: float
    rivals: int
    since_ns: int
    until_ns: int
    recommendation: str


@dataclass(frozen=True, slots=True)
class Held:
    """One prediction (before any correction) and what was measured, in the measure's percent or points."""

    claim: str
    predicted_pct: float
    measured_pct: float


# Of the interval of what was measured. Both sides together err in 2 of 100 null changes; with few executions a
# bootstrap's interval is a little short, so that it takes this much to call a null change no effect in 95 of 100.
VERIFIED_LEVEL: Final = 0.98


@dataclass(frozen=True, slots=True)
class Verification:
    """What an applied recommendation was predicted to bring and what it brought: change of the measure in percent
    (of a duration, below zero is faster; `success_rate` in points, above zero is better), with the interval of what was
    measured, which holds the truth with a chance of `VERIFIED_LEVEL`.

    `verdict` is `confirmed`, `weaker`, `none`, `worse`, or says how many executions more it takes. `baseline` says
    what it was held against, `n_before` and `n_after` are the executions of both sides.
    """

    id: str
    title: str
    predicted_pct: float | None
    measured_pct: float | None
    ci_pct: tuple[float, float] | None
    verdict: str
    measure: str = "p50_duration"
    claim: str = ""
    baseline: str = ""
    n_before: int = 0
    n_after: int = 0


@dataclass(frozen=True, slots=True)
class Difference:
    """What one component contributed to the change between two windows.

    `effect_ms` is added to an execution (above zero: slower), `effect_pp` to the share of executions in which it did
    not fail (below zero: it fails more often); `share_pct` its part of the whole change.
    """

    component: str
    kind: str
    effect_ms: float
    effect_pp: float
    share_pct: float
    q_value: float
    evidence: Evidence
