"""The OTLP/JSON wire format as typed structures, and its attribute values as plain Python values.

Spans and log records stay raw until each is decoded by itself, so that one bad span costs only itself.
"""

import math
from collections.abc import Iterable, Mapping
from typing import Any

import msgspec
from msgspec import Raw, Struct

NOTHING = Raw(b"")


class AnyValue(Struct, rename="camel", gc=False):
    """One attribute value; exactly one field is set, none for an empty value."""

    string_value: str | None = None
    bool_value: bool | None = None
    int_value: int | float | str | None = None
    double_value: int | float | str | None = None
    array_value: "ArrayValue | None" = None
    kvlist_value: "KeyValueList | None" = None
    bytes_value: str | None = None


class KeyValue(Struct, gc=False):
    """One attribute."""

    key: str
    value: AnyValue | None = None


class ArrayValue(Struct, gc=False):
    """A list of values."""

    values: list[AnyValue] | None = None


class KeyValueList(Struct, gc=False):
    """A mapping of values."""

    values: list[KeyValue] | None = None


class Status(Struct, gc=False):
    """How a span ended."""

    code: int | str | None = None
    message: str | None = None


class Event(Struct, rename="camel", gc=False):
    """Something that happened during a span."""

    name: str | None = None
    time_unix_nano: int | str | None = None
    attributes: list[KeyValue] | None = None


class Link(Struct, rename="camel", gc=False):
    """Another span that this one points at."""

    trace_id: str | None = None
    span_id: str | None = None
    trace_state: str | None = None
    attributes: list[KeyValue] | None = None


class Span(Struct, rename="camel", gc=False):
    """One span."""

    trace_id: str | None = None
    span_id: str | None = None
    parent_span_id: str | None = None
    trace_state: str | None = None
    name: str | None = None
    kind: int | str | None = None
    start_time_unix_nano: int | str | None = None
    end_time_unix_nano: int | str | None = None
    attributes: list[KeyValue] | None = None
    events: list[Event] | None = None
    links: list[Link] | None = None
    status: Status | None = None


class LogRecord(Struct, rename="camel", gc=False):
    """One log record."""

    time_unix_nano: int | str | None = None
    observed_time_unix_nano: int | str | None = None
    severity_number: int | str | None = None
    severity_text: str | None = None
    event_name: str | None = None
    body: AnyValue | None = None
    attributes: list[KeyValue] | None = None
    trace_id: str | None = None
    span_id: str | None = None


class Resource(Struct, gc=False):
    """What made the telemetry."""

    attributes: list[KeyValue] | None = None


class Scope(Struct, gc=False):
    """The library that made it."""

    name: str | None = None


class ScopeSpans(Struct):
    """Spans of one library."""

    scope: Scope | None = None
    spans: list[Raw] | None = None


class ScopeLogs(Struct, rename="camel"):
    """Log records of one library."""

    scope: Scope | None = None
    log_records: list[Raw] | None = None


class ResourceSpans(Struct, rename="camel"):
    """Spans of one resource."""

    resource: Raw = NOTHING
    scope_spans: list[ScopeSpans] | None = None


class ResourceLogs(Struct, rename="camel"):
    """Log records of one resource."""

    resource: Raw = NOTHING
    scope_logs: list[ScopeLogs] | None = None


class Request(Struct, rename="camel"):
    """One line: an export request of any of the three signals."""

    resource_spans: list[ResourceSpans] | None = None
    resource_logs: list[ResourceLogs] | None = None
    resource_metrics: Raw = NOTHING

    @property
    def is_empty(self) -> bool:
        """Whether the line holds none of the three signals."""
        return self.resource_spans is None and self.resource_logs is None and not bytes(self.resource_metrics)


decode_request = msgspec.json.Decoder(Request).decode
decode_span = msgspec.json.Decoder(Span).decode
decode_log = msgspec.json.Decoder(LogRecord).decode
decode_resource = msgspec.json.Decoder(Resource | None).decode
_encode = msgspec.json.Encoder().encode
ordered = msgspec.json.Encoder(order="deterministic").encode


def text(value: Any) -> str:
    """`value` as compact JSON."""
    return _encode(value).decode()


def pairs(attributes: Mapping[str, Any]) -> list[KeyValue]:
    """Plain texts, numbers and truth values as attributes; other values as compact JSON."""
    return [KeyValue(name, _any(value)) for name, value in attributes.items() if value is not None]


def _any(value: Any) -> AnyValue:
    if isinstance(value, str):
        return AnyValue(string_value=value)
    if isinstance(value, bool):
        return AnyValue(bool_value=value)
    if isinstance(value, int):
        return AnyValue(int_value=value)
    return AnyValue(double_value=value) if isinstance(value, float) else AnyValue(string_value=text(value))


def mapping(pairs: Iterable[KeyValue] | None) -> dict[str, Any]:
    """Attributes as a dict of plain values; where a key is repeated, the last one counts."""
    if not pairs:
        return {}
    return {
        pair.key: found.string_value if (found := pair.value) and found.string_value is not None else plain(found)
        for pair in pairs
    }


def plain(value: AnyValue | None) -> Any:
    """A value as Python has it. Bytes keep their wire form; numbers that JSON cannot carry stay text."""
    if value is None:
        return None
    if value.string_value is not None:
        return value.string_value
    if value.int_value is not None:
        return integer(value.int_value)
    if value.bool_value is not None:
        return value.bool_value
    if value.double_value is not None:
        return _double(value.double_value)
    return _composed(value)


def _composed(value: AnyValue) -> Any:
    if value.array_value is not None:
        return [plain(item) for item in value.array_value.values or ()]
    if value.kvlist_value is not None:
        return mapping(value.kvlist_value.values)
    return None if value.bytes_value is None else {"bytesValue": value.bytes_value}


def integer(value: int | float | str) -> int:
    """A 64-bit integer in any of its wire forms, of any size; ValueError where it is none."""
    if isinstance(value, float):
        if not value.is_integer():
            raise ValueError(f"{value} is not a whole number")
        return int(value)
    return int(value)


def _double(value: int | float | str) -> float | str:
    number = float(value)
    return number if math.isfinite(number) else _NOT_FINITE[str(number)]


_NOT_FINITE = {"nan": "NaN", "inf": "Infinity", "-inf": "-Infinity"}
