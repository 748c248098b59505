"""Figures about a window: key figures, performance of agents, recipes and tools, patterns of errors."""

from dataclasses import dataclass, field
from typing import TypedDict

from tachograph.records.costs import CostSummary, ModelCost
from tachograph.records.graphs import RecipeGraph
from tachograph.records.judgements import (
    BottleneckDetection,
    NotEnoughData,
    PerformanceRecommendation,
    Verification,
)
from tachograph.records.quality import QualityByReviewer, QualitySummary, ReviewDifference
from tachograph.records.windows import Window


@dataclass(frozen=True, slots=True)
class Trend:
    """Change against the previous window of the same length, in the unit of its figure, with a 95 % interval.

    `verdict` is `better`, `worse`, `steady` (the interval spans zero) or `not enough data`.
    """

    change: float | None
    ci: tuple[float, float] | None
    verdict: str


@dataclass(frozen=True, slots=True)
class Kpi:
    """A key figure against its target, with its 95 % interval and the number of observations behind it."""

    category: str
    kpi: str
    target: float
    comparison: str  # how current should compare with target: ">" or "<"
    unit: str  # "ratio" (0-1) or "s"
    current: float | None
    ci: tuple[float, float] | None
    n: int
    trend: Trend
    detail: str = ""

    @property
    def met(self) -> bool | None:
        """Whether the target is reached, None without data."""
        if self.current is None:
            return None
        return self.current > self.target if self.comparison == ">" else self.current < self.target


@dataclass(frozen=True, slots=True)
class TokenTotals:
    """Tokens by type, each counted once; `wasted` is the part whose result was thrown away."""

    input: int
    cache_read: int
    cache_write: int
    output: int
    wasted: int


@dataclass(frozen=True, slots=True)
class Condition:
    """Executions that share a version, a complexity or a band of context sizes (tokens): how many succeeded."""

    value: str
    count: int
    success_rate: float | None
    ci: tuple[float, float] | None
    avg_duration_ms: float | None


class ComplexityPerformance(TypedDict):
    """An agent's executions of one complexity; mean duration in ms."""

    count: int
    avg_duration: float | None
    success_rate: float | None
    avg_quality: float | None


class PeriodPerformance(TypedDict):
    """An agent's executions in one day, week or month (UTC); mean duration in ms."""

    date: str
    success_rate: float | None
    avg_duration: float | None
    invocation_count: int


class StepPerformance(TypedDict):
    """A recipe's step; mean duration in ms."""

    success_rate: float | None
    avg_duration: float | None
    common_failures: list[str]


class DependencyImpact(TypedDict):
    """What resolving dependencies cost a recipe; the mean in ms."""

    avg_dependency_resolution_time: float | None
    circular_dependency_errors: int


@dataclass(frozen=True, slots=True)
class AgentPerformanceMetrics:
    """Performance of one agent. Rates are 0-1, durations ms, averages over nothing None; costs as in `ModelCost`."""

    agent_name: str
    total_invocations: int
    successful_invocations: int
    success_rate: float | None
    avg_duration_ms: float | None
    avg_tokens_used: float | None
    avg_context_size: float | None
    avg_quality_score: float | None
    common_error_types: list[str]
    performance_by_complexity: dict[str, ComplexityPerformance]
    trends: dict[str, list[PeriodPerformance]]
    p50_duration_ms: float | None
    p95_duration_ms: float | None
    cost_usd: float | None
    cost_per_success_usd: float | None
    tokens: TokenTotals
    by_condition: dict[str, list[Condition]]
    quality_by_reviewer: list[QualityByReviewer] = field(default_factory=list)
    review_differences: list[ReviewDifference] = field(default_factory=list)
    wasted_cost_usd: float | None = None
    unpriced_calls: int = 0
    cost_by_model: list[ModelCost] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class RecipePerformanceMetrics:
    """Performance of one recipe. Rates are 0-1, durations ms, `_pct` 0-100, averages over nothing None.

    Costs are those of all calls beneath it, otherwise as in `ModelCost`.
    """

    recipe_name: str
    total_executions: int
    successful_executions: int
    success_rate: float | None
    avg_duration_ms: float | None
    avg_steps_completed: float | None
    avg_time_savings_pct: float | None
    avg_user_satisfaction: float | None
    step_performance: dict[str, StepPerformance]
    dependency_impact: DependencyImpact
    p50_duration_ms: float | None
    p95_duration_ms: float | None
    time_savings_base: str | None  # "measured" on people's executions, or "estimated" by the recipe
    cost_usd: float | None = None
    cost_per_success_usd: float | None = None
    wasted_cost_usd: float | None = None
    unpriced_calls: int = 0


@dataclass(frozen=True, slots=True)
class Feature:
    """An option of a command; adoption is among the command's users."""

    option: str
    users: int
    adoption: float | None
    count: int


@dataclass(frozen=True, slots=True)
class Sequence:
    """Commands that followed each other in a session; the rate is the last one's, gaps lie between end and start."""

    commands: list[str]
    count: int
    success_rate: float | None
    median_gap_ms: float | None


@dataclass(frozen=True, slots=True)
class ToolUsage:
    """Usage of one command; `abandoned` counts sessions that ended with it failing."""

    command: str
    count: int
    users: int
    sessions: int
    success_rate: float | None
    error_rate: float | None
    p50_ms: float | None
    p95_ms: float | None
    adoption: float | None
    features: list[Feature]
    sequences: list[Sequence]
    abandoned: int


@dataclass(frozen=True, slots=True)
class Place:
    """Where failures began."""

    role: str
    component: str
    count: int


@dataclass(frozen=True, slots=True)
class ErrorPattern:
    """Failures that say the same, each counted once where it began; `recovered` had an execution that succeeded.

    Components come most affected first, `where` has their roles too; `trace_id` is the trace of the latest case.
    """

    pattern: str
    count: int
    first_seen_ns: int
    last_seen_ns: int
    components: list[str]
    examples: list[str]
    member_span_ids: list[str]
    recovered: int
    recipes: list[str]
    where: list[Place]
    trace_id: str


@dataclass(frozen=True, slots=True)
class Slow:
    """One of the slowest executions; duration in ms."""

    role: str
    name: str
    duration_ms: float
    outcome: str
    trace_id: str


@dataclass(frozen=True, slots=True)
class Day:
    """Executions of one role on one UTC day; mean duration in seconds."""

    date: str
    executions: int
    success_rate: float
    mean_s: float


@dataclass(frozen=True, slots=True)
class Report:
    """Everything that the report shows, for any renderer.

    `not_included` names the parts that were not looked for, so that nobody takes an empty list for good news.
    """

    created_ns: int
    window: Window
    kpis: list[Kpi]
    agents: list[AgentPerformanceMetrics]
    recipes: list[RecipePerformanceMetrics]
    slowest: list[Slow]
    tools: list[ToolUsage] = field(default_factory=list)
    errors: list[ErrorPattern] = field(default_factory=list)
    days: dict[str, list[Day]] = field(default_factory=dict)
    graphs: list[RecipeGraph] = field(default_factory=list)
    quality: list[QualitySummary] = field(default_factory=list)
    cost: CostSummary = field(default_factory=CostSummary)
    bottlenecks: list[BottleneckDetection] = field(default_factory=list)
    recommendations: list[PerformanceRecommendation] = field(default_factory=list)
    verified: list[Verification] = field(default_factory=list)
    insufficient: list[NotEnoughData] = field(default_factory=list)
    not_included: tuple[str, ...] = ()
    reconciled: str = ""  # why stated token totals differ from what is counted; empty where they do not


@dataclass(frozen=True, slots=True)
class Finding:
    """What a check of telemetry itself found: `state` is ok, warn or fail; `advice` is empty where all is well."""

    check: str
    state: str
    finding: str
    advice: str
