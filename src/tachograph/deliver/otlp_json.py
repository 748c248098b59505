"""Finished spans as lines of the OTLP file format: one protobuf-JSON export request each, under 1 MiB."""

import base64
import json
import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Any

from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import Event, ReadableSpan
from opentelemetry.sdk.util.instrumentation import InstrumentationScope
from opentelemetry.trace import Link, SpanContext

from tachograph import vocabulary as v

LINE_LIMIT = 1024 * 1024  # readers of the format split longer lines
_SHORTENED = (65_536, 4_096, 256)  # characters left of each string, tried in turn on a line that is too long

# Bits of `flags` that say whether it is known that the parent is in another process, and whether it is.
_REMOTE_KNOWN, _REMOTE = 0x100, 0x200


def span_line(span: ReadableSpan) -> bytes:
    """The span as one line. A span that would not fit has its strings shortened, at last its events left out."""
    line = _line(span, _span(span))
    for limit in _SHORTENED:
        if len(line) < LINE_LIMIT:
            return line
        line = _line(span, _shorten(_span(span), limit))
    return line if len(line) < LINE_LIMIT else _line(span, _bare(span))


def started_line(span: ReadableSpan, facts: Mapping[str, Any]) -> bytes:
    """A log record that says that this span has begun, with its attributes so far and further `facts`."""
    ids = {"traceId": format(span.context.trace_id, "032x"), "spanId": format(span.context.span_id, "016x")}
    attributes = {**(span.attributes or {}), **facts}
    return event_line(v.EXECUTION_STARTED, span.start_time or 0, ids, attributes, span.resource)


def event_line(
    name: str, time_ns: int, ids: Mapping[str, str], attributes: Mapping[str, Any], resource: Resource
) -> bytes:
    """A log record of an event that belongs to the span whose hex `traceId` and `spanId` are in `ids`."""
    record = {
        "timeUnixNano": str(time_ns),
        "observedTimeUnixNano": str(time_ns),
        "severityNumber": 9,
        "eventName": name,
        "attributes": _shorten(_attributes(attributes), _SHORTENED[1]),
        **ids,
    }
    scope = _dumps({"name": "tachograph"})
    start = f'{{"resourceLogs":[{{"resource":{_resource(resource)},"scopeLogs":[{{"scope":{scope},"logRecords":['
    return (start + _dumps(record) + "]}]}]}\n").encode("utf-8", "replace")


def _line(span: ReadableSpan, record: dict[str, Any]) -> bytes:
    prefix = _prefix(span.resource, span.instrumentation_scope)
    # Lone surrogates, which no protobuf parser takes, become question marks.
    return (prefix + _dumps(record) + "]}]}]}\n").encode("utf-8", "replace")


@lru_cache(maxsize=256)
def _prefix(resource: Resource, scope: InstrumentationScope | None) -> str:
    return f'{{"resourceSpans":[{{"resource":{_resource(resource)},"scopeSpans":[{{"scope":{_scope(scope)},"spans":['


def _resource(resource: Resource) -> str:
    return _dumps({"attributes": _attributes(resource.attributes)})


def _scope(scope: InstrumentationScope | None) -> str:
    return _dumps({"name": scope.name, "version": scope.version or ""} if scope else {})


_dumps: Callable[[Any], str] = json.JSONEncoder(ensure_ascii=False, check_circular=False, separators=(",", ":")).encode


def _span(span: ReadableSpan) -> dict[str, Any]:
    record = {**_identity(span), "attributes": _attributes(span.attributes or {})}
    if span.events:
        record["events"] = [_event(event) for event in span.events]
    if span.links:
        record["links"] = [_link(link) for link in span.links]
    _count_dropped(span, record)
    return record


def _identity(span: ReadableSpan) -> dict[str, Any]:
    context: SpanContext = span.context
    record: dict[str, Any] = {
        "traceId": format(context.trace_id, "032x"),
        "spanId": format(context.span_id, "016x"),
        "name": span.name,
        "kind": span.kind.value + 1,  # the wire counts from 1, 0 is unspecified
        "startTimeUnixNano": str(span.start_time),
        "endTimeUnixNano": str(span.end_time),
        "flags": int(context.trace_flags) | _REMOTE_KNOWN,
        "status": _status(span),
    }
    if span.parent is not None:
        record["parentSpanId"] = format(span.parent.span_id, "016x")
        record["flags"] |= _REMOTE if span.parent.is_remote else 0
    if context.trace_state:
        record["traceState"] = context.trace_state.to_header()
    return record


def _status(span: ReadableSpan) -> dict[str, Any]:
    status: dict[str, Any] = {"code": span.status.status_code.value}
    if span.status.description:
        status["message"] = span.status.description
    return status


def _event(event: Event) -> dict[str, Any]:
    attributes = _attributes(event.attributes or {})
    return {"timeUnixNano": str(event.timestamp), "name": event.name, "attributes": attributes}


def _link(link: Link) -> dict[str, Any]:
    return {
        "traceId": format(link.context.trace_id, "032x"),
        "spanId": format(link.context.span_id, "016x"),
        "attributes": _attributes(link.attributes or {}),
    }


def _count_dropped(span: ReadableSpan, record: dict[str, Any]) -> None:
    for kind in ("attributes", "events", "links"):
        count = getattr(span, f"dropped_{kind}")
        if count:
            record[f"dropped{kind.capitalize()}Count"] = count


def _attributes(attributes: Mapping[str, Any]) -> list[dict[str, Any]]:
    return [{"key": key, "value": value_json(value)} for key, value in attributes.items()]


def value_json(value: Any) -> dict[str, Any]:
    """An attribute value as OTLP/JSON writes it: 64-bit integers are strings, NaN and infinities have names."""
    if isinstance(value, str):
        return {"stringValue": value}
    if isinstance(value, bool):
        return {"boolValue": value}
    if isinstance(value, int):
        return {"intValue": str(value)}
    if isinstance(value, float):
        return {"doubleValue": value if math.isfinite(value) else _named(value)}
    return _compound(value)


def _compound(value: Any) -> dict[str, Any]:
    if value is None:
        return {}
    if isinstance(value, bytes):
        return {"bytesValue": base64.b64encode(value).decode("ascii")}
    if isinstance(value, Mapping):
        return {"kvlistValue": {"values": _attributes(value)}}
    if isinstance(value, Sequence):
        return {"arrayValue": {"values": [value_json(item) for item in value]}}
    return {"stringValue": str(value)}


def _named(value: float) -> str:
    if math.isnan(value):
        return "NaN"
    return "Infinity" if value > 0 else "-Infinity"


def _shorten(value: Any, limit: int) -> Any:
    if isinstance(value, str):
        return value if len(value) <= limit else value[:limit] + "…"
    if isinstance(value, dict):
        return {key: _shorten(item, limit) for key, item in value.items()}
    return [_shorten(item, limit) for item in value] if isinstance(value, list) else value


def _bare(span: ReadableSpan) -> dict[str, Any]:
    kept = _first(_shorten(_attributes(span.attributes or {}), 256), 128)
    dropped = len(span.attributes or {}) - len(kept)
    return {**_shorten(_identity(span), 256), "attributes": kept, "droppedAttributesCount": dropped}


def _first(items: Iterable[Any], count: int) -> list[Any]:
    return [item for item, _ in zip(items, range(count), strict=False) if len(_dumps(item)) < 4_096]
