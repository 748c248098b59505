"""Records as JSON, with the field names of the contract."""

import dataclasses
import json
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from tachograph.records import (
    DetailedMetrics,
    ErrorPattern,
    ExportedError,
    ExportedKpi,
    JSONExport,
    Kpi,
    Report,
    Summary,
    TimeRange,
    Trace,
    TraceSpan,
)

# Of a span; the rest of what it holds is in --format otlp.
_TOLD = (
    "span_id", "parent_id", "name", "role", "component", "outcome", "depth", "critical_ns", "drag_ns", "tokens",
    "message", "adopted", "early_ns",
)  # fmt: skip


def dumps(value: Any) -> str:
    """JSON text of records, or of lists and dictionaries of them."""
    return json.dumps(_plain(value), indent=2, ensure_ascii=False, allow_nan=False)


def _plain(value: Any) -> Any:
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {name: _plain(found) for name, found in _fields(value).items()}
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    return [_plain(item) for item in value] if isinstance(value, list | tuple) else value


def _fields(record: Any) -> dict[str, Any]:
    return {field.name: getattr(record, field.name) for field in dataclasses.fields(record)}


def report(report: Report) -> str:
    """The specification's `JSONExport`."""
    return dumps(export(report))


def export(report: Report) -> JSONExport:
    """The specification's `JSONExport`, as a record."""
    return JSONExport(
        export_timestamp=moment(report.created_ns),
        time_range=TimeRange(moment(report.window.since_ns), moment(report.window.until_ns)),
        summary=Summary([_kpi(kpi) for kpi in report.kpis], list(report.not_included), report.days, report.cost),
        detailed_metrics=DetailedMetrics(
            agents=report.agents,
            recipes=report.recipes,
            tools=report.tools,
            errors=[_error(pattern) for pattern in report.errors],
            bottlenecks=report.bottlenecks,
            quality=report.quality,
            recipe_graphs=report.graphs,
            slowest=report.slowest,
        ),
        recommendations=report.recommendations,
        verified=report.verified,
        insufficient=report.insufficient,
    )


def _kpi(kpi: Kpi) -> ExportedKpi:
    return ExportedKpi(**_fields(kpi), met=kpi.met)


def errors(patterns: Sequence[ErrorPattern]) -> str:
    """Error patterns, with times in RFC 3339."""
    return dumps([_error(pattern) for pattern in patterns])


def _error(pattern: ErrorPattern) -> ExportedError:
    fields = _fields(pattern)
    first, last = instant(fields.pop("first_seen_ns")), instant(fields.pop("last_seen_ns"))
    return ExportedError(first_seen=first, last_seen=last, **fields)


def trace(trace: Trace) -> str:
    """The spans of a trace in order of display, and its critical path in order of time."""
    return dumps(
        {
            "trace_id": trace.trace_id,
            "partial": trace.partial,
            "spans": [_span(span) for span in trace.spans],
            "critical_path": trace.critical_path,
            "blocked": trace.blocked,
            "components": trace.components,
            "skew_ns": trace.skew_ns,
        }
    )


def _span(span: TraceSpan) -> dict[str, Any]:
    fields = {name: getattr(span, name) for name in _TOLD}
    return {**fields, "start_unix_nano": span.start_ns, "end_unix_nano": span.end_ns}


def moment(nanoseconds: int) -> str:
    """RFC 3339 in UTC, to the second."""
    return datetime.fromtimestamp(nanoseconds // 1_000_000_000, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def instant(nanoseconds: int) -> str:
    """RFC 3339 in UTC, to the microsecond."""
    return f"{moment(nanoseconds)[:-1]}.{nanoseconds // 1_000 % 1_000_000:06d}Z"
