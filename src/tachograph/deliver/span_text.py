"""A finished span as protobuf-JSON text, written out by hand: it runs with every span, before `end` returns."""

import json
import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from opentelemetry.sdk.trace import Event, ReadableSpan
from opentelemetry.trace import Link

from tachograph import vocabulary as v
from tachograph.deliver.values import value_json
from tachograph.semantics.ended import Ended

# What is remembered of rendered keys and short strings, which come again and again; forgotten when it is full.
_REMEMBERED = 4_096
_SHORT = 128  # characters of a string worth remembering

# Bits of `flags` that say whether it is known that the parent is in another process, and whether it is.
_REMOTE_KNOWN, _REMOTE = 0x100, 0x200

_HASH = f'{{"key":"{v.CALL_HASH}","value":{{"stringValue":'

dumps: Callable[[Any], str] = json.JSONEncoder(ensure_ascii=False, check_circular=False, separators=(",", ":")).encode

_names: dict[str, str] = {}
_keys: dict[str, str] = {}
_strings: dict[tuple[str, str], str] = {}


def span_text(ended: Ended) -> str:
    """The span as one JSON object, with the attributes, events and links that it leaves with."""
    span, events, links = ended.span, ended.events, ended.links
    further = f"{_events(events) if events else ''}{_links(links) if links else ''}{_dropped(span)}"
    return f'{identity(span)},"attributes":[{_pairs(ended.attributes)}]{further}}}'


def identity(span: ReadableSpan) -> str:
    """The beginning of a span's object: everything but attributes, events and links."""
    context, parent, name, status = span.context, span.parent, span.name, span.status
    flags, above = context.trace_flags | _REMOTE_KNOWN, ""
    if parent is not None:
        flags |= _REMOTE if parent.is_remote else 0
        above = f'"parentSpanId":"{_hex(parent.span_id)}",'
    state = f'"traceState":{dumps(context.trace_state.to_header())},' if context.trace_state else ""
    said = f',"message":{_names.get(status.description) or _name(status.description)}' if status.description else ""
    # The wire counts kinds from 1, 0 is unspecified.
    return (
        f'{{"traceId":"{context.trace_id.to_bytes(16).hex()}","spanId":"{_hex(context.span_id)}",{above}{state}'
        f'"name":{_names.get(name) or _name(name)},"kind":{span.kind.value + 1},"flags":{flags:d},'
        f'"startTimeUnixNano":"{span.start_time}","endTimeUnixNano":"{span.end_time}",'
        f'"status":{{"code":{status.status_code.value}{said}}}'
    )


def template_text(span: ReadableSpan, flags: int, attributes: Mapping[str, Any]) -> tuple[str, str]:
    """What stands before and after ids and times in the object of a span without events, links and status, which lacks
    the end of its attributes: one may be added."""
    after = (
        f'","name":{_names.get(span.name) or _name(span.name)},"kind":{span.kind.value + 1},'
        f'"flags":{flags | _REMOTE_KNOWN:d},"status":{{"code":0}},"attributes":[{_pairs(attributes)}'
    )
    return '{"traceId":"', after


def hash_text(call_hash: str, attributes: Mapping[str, Any]) -> bytes:
    """The hash of a call as one more attribute: hexadecimal, so there is nothing to escape, and not worth remembering,
    for most calls have another one."""
    return f'{"," if attributes else ""}{_HASH}"{call_hash}"}}}}'.encode()


def _hex(span_id: int) -> str:
    return span_id.to_bytes(8).hex()  # half the time of a format


def _name(name: str) -> str:
    return _remember(_names, name, dumps(name)) if len(name) <= _SHORT else dumps(name)


def _pairs(attributes: Mapping[str, Any]) -> str:
    return ",".join([_pair(key, value) for key, value in attributes.items()])


def _pair(key: str, value: Any) -> str:
    kind = type(value)
    if kind is str:
        return _strings.get((key, value)) or _string(key, value)
    start = _keys.get(key) or _key(key)
    if kind is int:
        return f'{start}{{"intValue":"{value}"}}}}'
    if kind is float and math.isfinite(value):
        return f'{start}{{"doubleValue":{value!r}}}}}'
    return f"{start}{dumps(value_json(value))}}}"


def _string(key: str, value: str) -> str:
    text = f'{_keys.get(key) or _key(key)}{{"stringValue":{dumps(value)}}}}}'
    return _remember(_strings, (key, value), text) if len(value) <= _SHORT else text


def _key(key: str) -> str:
    text = f'{{"key":{dumps(key)},"value":'
    return _remember(_keys, key, text) if len(key) <= _SHORT else text


def _remember(texts: dict[Any, str], of: Any, text: str) -> str:
    if len(texts) >= _REMEMBERED:
        texts.clear()
    texts[of] = text
    return text


def _events(events: Sequence[Event]) -> str:
    return f',"events":[{",".join(map(_event, events))}]'


def _event(event: Event) -> str:
    pairs = _pairs(event.attributes or {})
    return f'{{"timeUnixNano":"{event.timestamp}","name":{dumps(event.name)},"attributes":[{pairs}]}}'


def _links(links: Sequence[Link]) -> str:
    return f',"links":[{",".join(map(_link, links))}]'


def _link(link: Link) -> str:
    context = link.context
    flags = context.trace_flags | _REMOTE_KNOWN | (_REMOTE if context.is_remote else 0)
    state = f'"traceState":{dumps(context.trace_state.to_header())},' if context.trace_state else ""
    ids = f'"traceId":"{context.trace_id:032x}","spanId":"{context.span_id:016x}",{state}"flags":{flags:d}'
    return f'{{{ids},"attributes":[{_pairs(link.attributes or {})}]}}'


def _dropped(span: ReadableSpan) -> str:
    if not (span.dropped_attributes or span.dropped_events or span.dropped_links):
        return ""
    counts = {
        "droppedAttributesCount": span.dropped_attributes,
        "droppedEventsCount": span.dropped_events,
        "droppedLinksCount": span.dropped_links,
    }
    return "".join(f',"{name}":{count}' for name, count in counts.items() if count)
