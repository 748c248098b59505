"""What reviewers say about the work of an agent."""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Scores:
    """The four dimensions of quality, 0-10; None where one could not be measured."""

    correctness: float | None
    completeness: float | None
    code_quality: float | None
    efficiency: float | None


@dataclass(frozen=True, slots=True)
class Observation:
    """One thing that a score rests on: where it is, and which tool says so by which rule."""

    dimension: str
    message: str
    file: str | None = None
    line: int | None = None
    tool: str | None = None
    rule: str | None = None


@dataclass(frozen=True, slots=True)
class QualityAssessment:
    """A review of what an execution produced; `not_measured` tells for a dimension without a score why."""

    execution_id: str | None
    agent_name: str | None
    timestamp: str
    scores: Scores
    overall_score: float | None
    reviewer: str
    feedback: str
    improvement_suggestions: list[str]
    reviewer_version: str = ""
    not_measured: dict[str, str] = field(default_factory=dict)
    evidence: list[Observation] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class QualitySummary:
    """Scores (0-10) that the work of an agent got in a window, as means over its reviewed executions; None where no
    execution got one of that dimension. `by_person` counts those that a person reviewed."""

    agent_name: str
    executions: int
    reviewed: int
    by_person: int
    overall: float | None
    scores: Scores
