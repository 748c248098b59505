"""What the page says beside the figures themselves: the verdict, what changed, and where to look."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import zip_longest

from tachograph import records
from tachograph.present.html.anchors import anchor
from tachograph.present.numbers import count
from tachograph.records import (
    BottleneckDetection,
    ErrorPattern,
    Feature,
    GraphStep,
    Kpi,
    PerformanceRecommendation,
    RecipeGraph,
    Report,
    Slow,
    ToolUsage,
    Verification,
)
from tachograph.records.judgements import SEVERITIES

# Shown; the JSON has all of them, and a graph of more steps is not drawn.
ERRORS, COMMANDS, OPTIONS, SEQUENCES, RECIPES, STEPS = 50, 100, 100, 25, 40, 60


@dataclass(frozen=True, slots=True)
class Clue:
    """One place to look at: an execution, a trace, or both."""

    what: str
    execution_id: str | None
    trace_id: str | None


@dataclass(frozen=True, slots=True)
class Proof:
    """What a statement rests on; `back` is the place of the statement."""

    anchor: str
    back: str
    title: str
    clues: list[Clue]


@dataclass(frozen=True, slots=True)
class View:
    """What the templates need beside the report."""

    met: int
    known: int
    state: str
    activity: str
    missed: list[Kpi]
    severities: list[tuple[str, int]]
    bottlenecks: list[BottleneckDetection]
    remedies: dict[str, list[PerformanceRecommendation]]
    measured: dict[str, Verification]
    changes: dict[str, list[Kpi]]
    bottleneck_ids: frozenset[str]
    proofs: list[Proof]
    errors: list[ErrorPattern]
    graphs: dict[str, RecipeGraph]
    steps: dict[str, dict[str, GraphStep]]
    several_days: bool
    options: list[tuple[str, Feature]]
    sequences: list[records.Sequence]
    commands_shown: int = COMMANDS
    recipes_shown: int = RECIPES


def view(report: Report) -> View:
    """Everything that the page says about a report."""
    met = sum(kpi.met is True for kpi in report.kpis)
    known = sum(kpi.met is not None for kpi in report.kpis)
    bottlenecks = sorted(report.bottlenecks, key=_gravity)
    errors = report.errors[:ERRORS]
    return View(
        met=met,
        known=known,
        state="unknown" if not known else "good" if met == known else "bad",
        activity=_activity(report),
        missed=[kpi for kpi in report.kpis if kpi.met is False],
        severities=_severities(report.bottlenecks),
        bottlenecks=bottlenecks,
        remedies=_remedies(report.recommendations),
        measured={found.id: found for found in report.verified},
        changes=_changes(report.kpis),
        proofs=[*map(_of_bottleneck, bottlenecks), *map(_of_error, errors), *_of_slowest(report.slowest)],
        bottleneck_ids=frozenset(found.id for found in bottlenecks),
        errors=errors,
        graphs={graph.recipe_name: graph for graph in report.graphs if len(graph.steps) <= STEPS},
        steps={graph.recipe_name: {step.name: step for step in graph.steps} for graph in report.graphs},
        several_days=any(len(days) > 1 for days in report.days.values()),
        options=[(tool.command, feature) for tool in report.tools for feature in tool.features][:OPTIONS],
        sequences=_sequences(report.tools),
    )


def rate_class(value: float | None, target: float) -> str:
    """The class of a success rate: good where it reaches its target, bad where it misses it by over ten points."""
    if value is None:
        return ""
    return "good" if value > target else "fair" if value > target - 0.1 else "bad"


def _gravity(found: BottleneckDetection) -> tuple[int, float, str]:
    rank = SEVERITIES.index(found.severity) if found.severity in SEVERITIES else 0
    return -rank, -found.priority_score, found.id


def _activity(report: Report) -> str:
    runs = [(sum(day.executions for day in days), role) for role, days in sorted(report.days.items())]
    return ", ".join(f"{count(n)} {role} run{'s' if n != 1 else ''}" for n, role in runs) or "nothing recorded"


def _sequences(tools: Sequence[ToolUsage]) -> list[records.Sequence]:
    found = (sequence for tool in tools for sequence in tool.sequences)
    return sorted(found, key=lambda sequence: -sequence.count)[:SEQUENCES]


def _severities(found: Sequence[BottleneckDetection]) -> list[tuple[str, int]]:
    counts = [(name, sum(one.severity == name for one in found)) for name in reversed(SEVERITIES)]
    return [(name, n) for name, n in counts if n]


def _remedies(recommendations: Sequence[PerformanceRecommendation]) -> dict[str, list[PerformanceRecommendation]]:
    made: dict[str, list[PerformanceRecommendation]] = {}
    for recommendation in recommendations:
        for bottleneck in recommendation.bottleneck_ids:
            made.setdefault(bottleneck, []).append(recommendation)
    return made


def _changes(kpis: Sequence[Kpi]) -> dict[str, list[Kpi]]:
    verdicts = ("worse", "better", "steady", "not enough data")
    found = {verdict: [kpi for kpi in kpis if kpi.trend.verdict == verdict] for verdict in verdicts}
    return {verdict: of for verdict, of in found.items() if of}


def _of_bottleneck(found: BottleneckDetection) -> Proof:
    clues = list(_paired(found.evidence.execution_ids, found.evidence.trace_ids))
    return Proof(anchor(found.id, "proof"), anchor(found.id, "bottleneck"), found.description, clues)


def _paired(executions: Sequence[str], traces: Sequence[str]) -> Iterator[Clue]:
    """The worst first, then a median one, then counter-examples; traces beside them where there is one for each."""
    each = len(executions) == len(traces)
    for number, (execution, trace) in enumerate(zip_longest(executions, traces if each else ())):
        yield Clue(("worst", "median")[number] if number < 2 else "counter-example", execution, trace)
    for trace in () if each else traces:
        yield Clue("trace", None, trace)


def _of_error(pattern: ErrorPattern) -> Proof:
    examples = [Clue("example", execution, None) for execution in pattern.examples]
    clues = [Clue("latest", None, pattern.trace_id), *examples]
    return Proof(anchor(pattern.pattern, "proof-error"), anchor(pattern.pattern, "error"), pattern.pattern, clues)


def _of_slowest(slowest: Sequence[Slow]) -> Iterator[Proof]:
    if slowest:
        clues = [Clue(f"{slow.role} {slow.name}", None, slow.trace_id) for slow in slowest]
        yield Proof("proof-slowest", "slowest", "The slowest executions", clues)
