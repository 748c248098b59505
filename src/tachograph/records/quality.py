"""What reviewers say about the work of an agent."""

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Scores:
    """The four dimensions of quality, 0-10; None where one could not be measured."""

    correctness: float | None
    completeness: float | None
    code_quality: float | None
    efficiency: float | None


@dataclass(frozen=True, slots=True)
class Observation:
    """One thing that a score rests on: where it is, and which tool says so by which rule.

    `severity` is `high`, `medium`, `low`, or `note` for what costs no points.
    """

    dimension: str
    message: str
    file: str | None = None
    line: int | None = None
    tool: str | None = None
    rule: str | None = None
    severity: str = "note"


@dataclass(frozen=True, slots=True)
class Cost:
    """Where the time of an assessment went, in seconds: with the tools and the runs of tests, and beside them."""

    seconds: float
    tools_seconds: float
    own_seconds: float


@dataclass(frozen=True, slots=True)
class QualityByReviewer:
    """The mean overall score (0-10) that one kind of reviewer gave, of one version, and of how many executions.

    Scores of different versions of a reviewer were made by different rules.
    """

    reviewer: str
    version: str | None
    count: int
    avg_quality_score: float


@dataclass(frozen=True, slots=True)
class ReviewDifference:
    """By how much automated scores of one dimension lie above a person's of the same executions (0-10): the mean, its
    95 % interval where there are at least two, and the number of executions."""

    dimension: str
    mean: float
    ci: tuple[float, float] | None
    n: int


@dataclass(frozen=True, slots=True)
class QualityAssessment:
    """A review of what an execution produced; `not_measured` tells for a dimension without a score why.

    `weights` are those of the overall score, in percent, over the dimensions that were measured. `subject` says what
    was judged and how its code was run, `human` holds a person's scores of the same execution, where there are any, and
    `difference` what the automated ones lie above them.
    """

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
    weights: dict[str, float] = field(default_factory=dict)
    subject: dict[str, Any] = field(default_factory=dict)
    tools: dict[str, str] = field(default_factory=dict)
    cost: Cost | None = None
    human: dict[str, float] = field(default_factory=dict)
    difference: dict[str, float] = field(default_factory=dict)


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
