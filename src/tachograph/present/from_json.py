"""Records from their JSON: what `as_json` has written, read back; times are as exact as they were written."""

import dataclasses
from datetime import datetime
from typing import Any

import msgspec

from tachograph.records import ErrorPattern, ExportedError, ExportedKpi, JSONExport, Kpi, Report, Window


def report(text: str | bytes) -> Report:
    """The report of a `JSONExport`; `msgspec.ValidationError`, which names the place, where it is none."""
    read = msgspec.json.decode(text, type=JSONExport)
    metrics = read.detailed_metrics
    return Report(
        created_ns=nanoseconds(read.export_timestamp),
        window=Window(nanoseconds(read.time_range.start), nanoseconds(read.time_range.end)),
        kpis=[_kpi(kpi) for kpi in read.summary.kpis],
        agents=metrics.agents,
        recipes=metrics.recipes,
        slowest=metrics.slowest,
        tools=metrics.tools,
        errors=[_error(error) for error in metrics.errors],
        days=read.summary.activity,
        graphs=metrics.recipe_graphs,
        quality=metrics.quality,
        bottlenecks=metrics.bottlenecks,
        recommendations=read.recommendations,
        verified=read.verified,
        insufficient=read.insufficient,
        not_included=tuple(read.summary.not_included),
        cost=read.summary.cost,
    )


def nanoseconds(text: str) -> int:
    """Nanoseconds since the epoch of a time in RFC 3339; ValueError where it is none."""
    when = datetime.fromisoformat(text)
    return int(when.timestamp()) * 1_000_000_000 + when.microsecond * 1_000


def _kpi(kpi: ExportedKpi) -> Kpi:
    fields = _fields(kpi)
    del fields["met"]  # follows from the other fields
    return Kpi(**fields)


def _error(error: ExportedError) -> ErrorPattern:
    fields = _fields(error)
    first, last = nanoseconds(fields.pop("first_seen")), nanoseconds(fields.pop("last_seen"))
    return ErrorPattern(first_seen_ns=first, last_seen_ns=last, **fields)


def _fields(record: Any) -> dict[str, Any]:
    return {field.name: getattr(record, field.name) for field in dataclasses.fields(record)}
