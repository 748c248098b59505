"""A report in a few lines, as JSON for webhooks: plain, or in Slack's blocks."""

import json
from collections.abc import Iterator, Sequence
from typing import Any

from tachograph.present import as_json, key_figures, readable
from tachograph.present.as_json import moment
from tachograph.records import BottleneckDetection, Kpi, PerformanceRecommendation, Report
from tachograph.records.judgements import SEVERITIES

_SHOWN = 5  # bottlenecks and recommendations
_HEADER, _FIELD, _SECTION = 150, 2_000, 3_000  # characters that Slack takes
_CUT = 300  # characters of a text from telemetry
_MARKS = {True: "✓", False: "✗", None: "?"}


def plain(report: Report, failed: Sequence[str] = ()) -> str:
    """One JSON object with the key figures and what matters most; `failed` are the gates that the report misses."""
    exported = as_json.export(report)
    return _cleaned(
        {
            "text": _title(report),
            "time_range": exported.time_range,
            "failed": list(failed),
            "kpis": exported.summary.kpis,
            "bottlenecks": [_bottleneck(found) for found in _gravest(report)],
            "recommendations": [_recommendation(one) for one in report.recommendations[:_SHOWN]],
        }
    )


def slack(report: Report, failed: Sequence[str] = ()) -> str:
    """A message for a Slack webhook: `text` for notifications, `blocks` for the channel."""
    title = _title(report)
    blocks: list[dict[str, Any]] = [
        {"type": "header", "text": {"type": "plain_text", "text": title[:_HEADER]}},
        {"type": "section", "fields": [_mrkdwn(_kpi(kpi), _FIELD) for kpi in report.kpis[:10]]},
        *(_section(lines) for lines in (list(map(_escaped, failed)), *_findings(report)) if lines),
        {"type": "context", "elements": [_mrkdwn(f"tachograph, {_days(report)}", _FIELD)]},
    ]
    return as_json.dumps({"text": _escaped(title), "blocks": blocks})


def _cleaned(message: dict[str, Any]) -> str:
    """The message as JSON, each of its texts as it may be shared."""
    return as_json.dumps(_visible(json.loads(as_json.dumps(message))))


def _visible(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _visible(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_visible(item) for item in value]
    return readable.visible(value) if isinstance(value, str) else value


def _title(report: Report) -> str:
    met = sum(kpi.met is True for kpi in report.kpis)
    known = sum(kpi.met is not None for kpi in report.kpis)
    parts = [f"{met} of {known} targets met" if known else "nothing to judge yet"]
    if report.bottlenecks:
        worst = _gravest(report)[0].severity
        parts.append(f"{len(report.bottlenecks)} bottlenecks, the worst {worst}")
    return f"tachograph: {', '.join(parts)}"


def _days(report: Report) -> str:
    return f"{moment(report.window.since_ns)[:10]} to {moment(report.window.until_ns)[:10]} (UTC)"


def _gravest(report: Report) -> list[BottleneckDetection]:
    ranks = {name: rank for rank, name in enumerate(SEVERITIES)}
    return sorted(report.bottlenecks, key=lambda one: (-ranks.get(one.severity, -1), -one.priority_score))[:_SHOWN]


def _bottleneck(found: BottleneckDetection) -> dict[str, Any]:
    names = ("id", "severity", "category", "cause", "description", "affected_components", "effect")
    return {name: getattr(found, name) for name in names}


def _recommendation(one: PerformanceRecommendation) -> dict[str, Any]:
    return {name: getattr(one, name) for name in ("id", "priority", "title", "prediction", "implementation_effort")}


def _kpi(kpi: Kpi) -> str:
    said = f"{key_figures.value(kpi)} (target {key_figures.target(kpi)}), {key_figures.trend(kpi)}"
    return f"{_MARKS[kpi.met]} *{key_figures.name(kpi)}*\n{_escaped(said)}"


def _findings(report: Report) -> Iterator[list[str]]:
    yield [f"*{_escaped(one.severity)}*: {_escaped(one.description)}" for one in _gravest(report)]
    yield [
        f"→ {_escaped(one.title)}, {_escaped(readable.predicted(one.prediction))}"
        for one in report.recommendations[:_SHOWN]
    ]


def _section(lines: Sequence[str]) -> dict[str, Any]:
    return {"type": "section", "text": _mrkdwn("\n".join(lines), _SECTION)}


def _mrkdwn(text: str, longest: int) -> dict[str, str]:
    return {"type": "mrkdwn", "text": text[:longest]}


def _escaped(text: str) -> str:
    """Slack's own escapes, so that a name is no link, mention or broadcast."""
    short = readable.visible(text)[:_CUT]
    return short.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
