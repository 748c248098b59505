"""What a report must not hold where a build depends on it (`--fail-on`)."""

from collections.abc import Iterator, Sequence

from tachograph.present import key_figures
from tachograph.records import Report
from tachograph.records.judgements import SEVERITIES

KPI = "kpi"
GATES = (*reversed(SEVERITIES), KPI)


def failures(report: Report, gates: Sequence[str]) -> list[str]:
    """Why the report does not pass, a line each; empty where it passes, or no gate was named."""
    ranks = [SEVERITIES.index(gate) for gate in gates if gate != KPI]
    found = list(_grave(report, SEVERITIES[min(ranks) :])) if ranks else []
    return [*found, *(_missed(report) if KPI in gates else ())]


def unjudged(report: Report, gates: Sequence[str]) -> bool:
    """Whether a gate asks for what the report did not look for."""
    return "bottlenecks" in report.not_included and any(gate != KPI for gate in gates)


def _grave(report: Report, severities: Sequence[str]) -> Iterator[str]:
    for found in report.bottlenecks:
        if found.severity in severities:
            yield f"{found.severity} bottleneck {found.id}: {found.description}"
    for one in report.recommendations:
        if one.priority in severities:
            yield f"{one.priority} recommendation {one.id}: {one.title}"


def _missed(report: Report) -> Iterator[str]:
    for kpi in report.kpis:
        if key_figures.misses(kpi):
            name, value, interval = key_figures.name(kpi), key_figures.value(kpi), key_figures.interval(kpi)
            yield f"{name} is {value} ({interval}), target {key_figures.target(kpi)}"
