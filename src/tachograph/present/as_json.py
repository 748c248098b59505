"""Records as JSON, with the field names of the contract."""

import dataclasses
import json
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from tachograph.records import ErrorPattern, Kpi, Report, Trace, TraceSpan

# Parts of the export whose detectors and collectors are not in this version: empty, and said to be so.
_NOT_INCLUDED = ("bottlenecks",)
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
        return {field.name: _plain(getattr(value, field.name)) for field in dataclasses.fields(value)}
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    return [_plain(item) for item in value] if isinstance(value, list | tuple) else value


def report(report: Report) -> str:
    """The specification's `JSONExport`."""
    return dumps(
        {
            "export_timestamp": moment(report.created_ns),
            "time_range": {"start": moment(report.window.since_ns), "end": moment(report.window.until_ns)},
            "summary": {
                "kpis": [_kpi(kpi) for kpi in report.kpis],
                "not_included": [*_NOT_INCLUDED, "recommendations"],
            },
            "detailed_metrics": {
                "agents": report.agents,
                "recipes": report.recipes,
                "tools": report.tools,
                "errors": [_error(pattern) for pattern in report.errors],
                **{part: [] for part in _NOT_INCLUDED},
            },
            "recommendations": [],
        }
    )


def _kpi(kpi: Kpi) -> dict[str, Any]:
    return {**_plain(kpi), "met": kpi.met}


def errors(patterns: Sequence[ErrorPattern]) -> str:
    """Error patterns, with times in RFC 3339."""
    return dumps([_error(pattern) for pattern in patterns])


def _error(pattern: ErrorPattern) -> dict[str, Any]:
    fields = _plain(pattern)
    first, last = instant(fields.pop("first_seen_ns")), instant(fields.pop("last_seen_ns"))
    return {
        "pattern": fields.pop("pattern"),
        "count": fields.pop("count"),
        "first_seen": first,
        "last_seen": last,
        **fields,
    }


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
