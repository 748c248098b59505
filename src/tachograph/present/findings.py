"""Bottlenecks, recommendations and what became of them, as text."""

from collections.abc import Iterator, Sequence

from rich.console import RenderableType
from rich.text import Text

from tachograph.present import readable
from tachograph.present.numbers import count
from tachograph.present.tables import table
from tachograph.present.words import word
from tachograph.records import (
    BottleneckDetection,
    NotEnoughData,
    PerformanceRecommendation,
    Report,
    Verification,
)

_STYLES = {"critical": "bold red", "high": "red", "medium": "yellow", "confirmed": "green", "worse": "red"}


def findings(report: Report) -> Iterator[RenderableType]:
    """What the report says beside its figures, part by part; nothing for a part that is empty."""
    if report.bottlenecks:
        yield _bottlenecks(report.bottlenecks)
    if report.recommendations:
        yield _recommendations(report.recommendations)
    if report.verified:
        yield _verified(report.verified)
    if report.insufficient:
        yield _insufficient(report.insufficient)


def _bottlenecks(found: Sequence[BottleneckDetection]) -> RenderableType:
    made = table("Bottlenecks", "severity", "where", "cause", "effect", "n", "q", "worst trace", left=4)
    made.columns[-1].justify = "left"
    for one in found:
        made.add_row(
            Text(one.severity, style=_STYLES.get(one.severity, "dim")),
            word(one.affected_components[0] if one.affected_components else None),
            word(readable.described(one.cause)),
            Text(readable.effect(one.effect)),
            count(one.n),
            f"{one.q_value:.2g}",
            one.evidence.trace_ids[0] if one.evidence.trace_ids else "–",
        )
    return made


def _recommendations(found: Sequence[PerformanceRecommendation]) -> RenderableType:
    made = table("Recommendations", "id", "what to do", "predicted", "claim", "effort", "priority", left=6)
    for one in found:
        made.add_row(
            word(one.id),
            word(one.title),
            readable.predicted(one.prediction),
            one.claim,
            word(one.implementation_effort),
            Text(one.priority, style=_STYLES.get(one.priority, "dim")),
        )
    return made


def _verified(found: Sequence[Verification]) -> RenderableType:
    heads = ("id", "what was done", "predicted", "measured", readable.VERIFIED, "")
    made = table("Predicted and measured", *heads, left=2)
    made.columns[-1].justify = "left"
    for one in found:
        made.add_row(
            word(one.id),
            word(one.title),
            readable.percent(one.predicted_pct),
            readable.percent(one.measured_pct),
            readable.interval(one.ci_pct),
            word(one.verdict, _STYLES.get(one.verdict, "dim")),
        )
    return made


def _insufficient(found: Sequence[NotEnoughData]) -> RenderableType:
    made = table("Not enough data", "what", "where", "executions", "about as many more", left=2)
    for one in found:
        made.add_row(word(readable.described(one.cause)), word(one.component), count(one.n), count(one.more))
    return made
