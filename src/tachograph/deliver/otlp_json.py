"""Finished spans as lines of the OTLP file format: one protobuf-JSON export request each, under 1 MiB."""

import json
from collections.abc import Iterable, Mapping
from typing import Any

from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.util.instrumentation import InstrumentationScope

from tachograph import vocabulary as v
from tachograph.deliver.span_text import dumps, hash_text, identity, span_text, template_text
from tachograph.deliver.values import attributes_json
from tachograph.semantics.ended import Ended
from tachograph.semantics.template import Template

LINE_LIMIT = 1024 * 1024  # readers of the format split longer lines
_SHORTENED = (65_536, 4_096, 256)  # characters left of each string, tried in turn on a line that is too long
_IDS = 512  # bytes that ids, times and the hash of a call take at most
_REMEMBERED = 256  # pairs of resource and scope
_END = b"]}]}]}]}\n"  # of attributes, span, and what is around it

# Kept by identity, for the hash of a resource costs as much as a span; the objects are kept, so no id comes twice.
_starts: dict[tuple[int, int], tuple[Resource, InstrumentationScope | None, str]] = {}


def span_line(ended: Ended) -> bytes:
    """The span as one line. One that would not fit has its strings shortened, at last its events left out."""
    span, attributes = ended.span, ended.attributes
    if ended.template is not None:
        known = template_line(ended.template, span, ended.added_hash)
        if known is not None:
            return known
    text = span_text(ended)
    line = _line(span, text)
    return line if len(line) < LINE_LIMIT else _shortened_line(span, text, attributes)


def template_line(template: Template, span: ReadableSpan, added_hash: str | None) -> bytes | None:
    """The line of a span with nothing but what its template says, of which only ids, times and the hash of a call are
    new; None where it has to be written out. The object begins with ids and times, and ends with the attributes, so
    that all else is one piece."""
    line = template.line
    context, parent = span.context, span.parent
    if line is None or line[0] is not span.resource or line[1] is not span.instrumentation_scope:
        line = template.line = _template_line(template, span)
    trace_id, span_id, _, flags, state, _ = context
    if line[2] != flags or state or not line[3]:
        return None
    if parent is None:
        above = ""
    elif parent.is_remote:
        return None
    else:
        above = f'"parentSpanId":"{parent.span_id.to_bytes(8).hex()}",'
    mine = (
        f'{trace_id.to_bytes(16).hex()}","spanId":"{span_id.to_bytes(8).hex()}",{above}'
        f'"startTimeUnixNano":"{span.start_time}","endTimeUnixNano":"{span.end_time}'
    )
    if added_hash is None:
        return b"".join((line[3], mine.encode(), line[4], _END))
    return b"".join((line[3], mine.encode(), line[4], hash_text(added_hash, template.attributes), _END))


def _template_line(template: Template, span: ReadableSpan) -> tuple[Any, Any, int, bytes, bytes]:
    """Resource, scope and flags for which it holds, what stands before and after ids and times, up to the last
    attribute; empty where the whole would be too long."""
    resource, scope, flags = span.resource, span.instrumentation_scope, span.context.trace_flags
    start, (before, after) = _start(resource, scope), template_text(span, flags, template.attributes)
    pieces = [f"{start}{before}".encode("utf-8", "replace"), after.encode("utf-8", "replace")]
    if sum(map(len, pieces)) + _IDS >= LINE_LIMIT:
        pieces = [b"", b""]
    return resource, scope, flags, pieces[0], pieces[1]


def _shortened_line(span: ReadableSpan, text: str, attributes: Mapping[str, Any]) -> bytes:
    record = json.loads(text)
    for limit in _SHORTENED:
        line = _line(span, dumps(_shorten(record, limit)))
        if len(line) < LINE_LIMIT:
            return line
    return _line(span, dumps(_bare(span, attributes)))


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
        "attributes": _shorten(attributes_json(attributes), _SHORTENED[1]),
        **ids,
    }
    scope = dumps({"name": "tachograph"})
    start = f'{{"resourceLogs":[{{"resource":{_resource(resource)},"scopeLogs":[{{"scope":{scope},"logRecords":['
    return (start + dumps(record) + "]}]}]}\n").encode("utf-8", "replace")


def _line(span: ReadableSpan, record: str) -> bytes:
    start = _start(span.resource, span.instrumentation_scope)
    # Lone surrogates, which no protobuf parser takes, become question marks.
    return f"{start}{record}]}}]}}]}}\n".encode("utf-8", "replace")


def _start(resource: Resource, scope: InstrumentationScope | None) -> str:
    """The beginning of each line of this resource and scope, up to its span."""
    known = _starts.get((id(resource), id(scope)))
    if known:
        return known[2]
    text = f'{{"resourceSpans":[{{"resource":{_resource(resource)},"scopeSpans":[{{"scope":{_scope(scope)},"spans":['
    if len(_starts) >= _REMEMBERED:
        _starts.clear()
    _starts[id(resource), id(scope)] = (resource, scope, text)
    return text


def _resource(resource: Resource) -> str:
    return dumps({"attributes": attributes_json(resource.attributes)})


def _scope(scope: InstrumentationScope | None) -> str:
    return dumps({"name": scope.name, "version": scope.version or ""} if scope else {})


def _shorten(value: Any, limit: int) -> Any:
    if isinstance(value, str):
        return value if len(value) <= limit else value[:limit] + "…"
    if isinstance(value, dict):
        return {key: _shorten(item, limit) for key, item in value.items()}
    return [_shorten(item, limit) for item in value] if isinstance(value, list) else value


def _bare(span: ReadableSpan, attributes: Mapping[str, Any]) -> dict[str, Any]:
    kept = _first(_shorten(attributes_json(attributes), 256), 128)
    who = json.loads(identity(span) + "}")
    return {**_shorten(who, 256), "attributes": kept, "droppedAttributesCount": len(attributes) - len(kept)}


def _first(items: Iterable[Any], count: int) -> list[Any]:
    return [item for item, _ in zip(items, range(count), strict=False) if len(dumps(item)) < 4_096]
