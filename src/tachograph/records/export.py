"""The specification's `JSONExport`: a report as other programs read it, with times in RFC 3339 (UTC)."""

from dataclasses import dataclass, field

from tachograph.records.costs import CostSummary
from tachograph.records.figures import (
    AgentPerformanceMetrics,
    Day,
    Place,
    RecipePerformanceMetrics,
    Slow,
    ToolUsage,
    Trend,
)
from tachograph.records.graphs import RecipeGraph
from tachograph.records.judgements import (
    BottleneckDetection,
    NotEnoughData,
    PerformanceRecommendation,
    Verification,
)
from tachograph.records.quality import QualitySummary


@dataclass(frozen=True, slots=True)
class TimeRange:
    """The window that figures are about; its end is not part of it."""

    start: str
    end: str


@dataclass(frozen=True, slots=True)
class ExportedKpi:
    """A key figure as `Kpi` has it; `met` is null without data."""

    category: str
    kpi: str
    target: float
    comparison: str
    unit: str
    current: float | None
    ci: tuple[float, float] | None
    n: int
    trend: Trend
    detail: str
    met: bool | None


@dataclass(frozen=True, slots=True)
class ExportedError:
    """Failures that say the same, as `ErrorPattern` has them."""

    pattern: str
    count: int
    first_seen: str
    last_seen: str
    components: list[str]
    examples: list[str]
    member_span_ids: list[str]
    recovered: int
    recipes: list[str]
    where: list[Place]
    trace_id: str


@dataclass(frozen=True, slots=True)
class Summary:
    """The key figures; which parts were not looked for, so that their lists are empty; executions by role and day;
    what model calls cost."""

    kpis: list[ExportedKpi]
    not_included: list[str] = field(default_factory=list)
    activity: dict[str, list[Day]] = field(default_factory=dict)
    cost: CostSummary = field(default_factory=CostSummary)


@dataclass(frozen=True, slots=True)
class DetailedMetrics:
    """Everything behind the key figures."""

    agents: list[AgentPerformanceMetrics]
    recipes: list[RecipePerformanceMetrics]
    tools: list[ToolUsage]
    errors: list[ExportedError]
    bottlenecks: list[BottleneckDetection]
    quality: list[QualitySummary] = field(default_factory=list)
    recipe_graphs: list[RecipeGraph] = field(default_factory=list)
    slowest: list[Slow] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class JSONExport:
    """A report on a window of time."""

    export_timestamp: str
    time_range: TimeRange
    summary: Summary
    detailed_metrics: DetailedMetrics
    recommendations: list[PerformanceRecommendation]
    verified: list[Verification] = field(default_factory=list)
    insufficient: list[NotEnoughData] = field(default_factory=list)
