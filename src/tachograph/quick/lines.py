"""The two OTLP lines of a command that `tachograph run` writes without an SDK: that it has begun, and its span."""

from __future__ import annotations

import os

from tachograph import __version__
from tachograph import vocabulary as v

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

_ESCAPED = {number: f"\\u{number:04x}" for number in range(32)} | {ord('"'): '\\"', ord("\\"): "\\\\"}
_ERROR, _INTERNAL, _INFO = 2, 1, 9


class Ids:
    """Where a span stands: its trace, its own id and its parent's, in hex; whether it is to be recorded."""

    __slots__ = ("is_sampled", "parent", "span", "trace")

    def __init__(self, traceparent: str) -> None:
        """Below the caller that `traceparent` names (W3C Trace Context), else a trace of its own."""
        version, _, rest = traceparent.strip().partition("-")
        trace, _, rest = rest.partition("-")
        parent, _, flags = rest.partition("-")
        known = _is_hex(version, 2) and version != "ff" and (version != "00" or len(flags) == 2)
        is_given = known and _is_id(trace, 32) and _is_id(parent, 16) and _is_hex(flags[:2], 2)
        self.trace = trace if is_given else os.urandom(16).hex()
        self.parent = parent if is_given else ""
        self.is_sampled = not is_given or bool(int(flags[:2], 16) & 1)
        self.span = os.urandom(8).hex()

    @property
    def traceparent(self) -> str:
        """What children of this span are given."""
        return f"00-{self.trace}-{self.span}-{'01' if self.is_sampled else '00'}"


def started_line(ids: Ids, time_ns: int, attributes: Mapping[str, Any]) -> bytes:
    """The log record that says that the command has begun."""
    record = (
        f'"timeUnixNano":"{time_ns}","observedTimeUnixNano":"{time_ns}","severityNumber":{_INFO},'
        f'"eventName":{_text(v.EXECUTION_STARTED)},"traceId":"{ids.trace}","spanId":"{ids.span}",'
        f'"attributes":{_pairs(attributes)}'
    )
    return _line("resourceLogs", "scopeLogs", "logRecords", record)


def span_line(
    ids: Ids, name: str, start_ns: int, end_ns: int, attributes: Mapping[str, Any], error: tuple[str, str] | None
) -> bytes:
    """The finished span; `error` holds type and message of one that did not succeed."""
    parent = f'"parentSpanId":"{ids.parent}",' if ids.parent else ""
    flags = 0x301 if ids.parent else 0x101  # sampled; it is known that the parent is in another process
    record = (
        f'"traceId":"{ids.trace}","spanId":"{ids.span}",{parent}"name":{_text(name)},"kind":{_INTERNAL},'
        f'"flags":{flags},"startTimeUnixNano":"{start_ns}","endTimeUnixNano":"{end_ns}",'
        f'"attributes":{_pairs(attributes)},{_ending(end_ns, error)}'
    )
    return _line("resourceSpans", "scopeSpans", "spans", record)


def _ending(time_ns: int, error: tuple[str, str] | None) -> str:
    if error is None:
        return '"status":{"code":0}'
    kind, message = error
    said = _pairs({"exception.type": kind, "exception.message": message})
    event = f'{{"timeUnixNano":"{time_ns}","name":"exception","attributes":{said}}}'
    return f'"status":{{"code":{_ERROR},"message":{_text(message)}}},"events":[{event}]'


def _line(resources: str, scopes: str, records: str, record: str) -> bytes:
    scope = f'{{"name":"tachograph","version":{_text(__version__)}}}'
    return (
        f'{{"{resources}":[{{"resource":{{"attributes":{_pairs(_resource())}}},'
        f'"{scopes}":[{{"scope":{scope},"{records}":[{{{record}}}]}}]}}]}}\n'
    ).encode("utf-8", "replace")


def _resource() -> dict[str, str]:
    """As the SDK has it: what the variables say, with a name of the service in any case."""
    given = [pair.partition("=") for pair in os.environ.get("OTEL_RESOURCE_ATTRIBUTES", "").split(",")]
    named = {key.strip(): _unquoted(value.strip()) for key, equals, value in given if equals and key.strip()}
    service = os.environ.get("OTEL_SERVICE_NAME") or named.get(v.SERVICE_NAME) or "unknown_service:tachograph"
    return {**named, v.SERVICE_NAME: service, "telemetry.sdk.name": "tachograph", "telemetry.sdk.language": "python"}


def _unquoted(value: str) -> str:
    if "%" not in value:
        return value
    from urllib.parse import unquote

    return unquote(value)


def _pairs(attributes: Mapping[str, Any]) -> str:
    return "[" + ",".join(f'{{"key":{_text(key)},"value":{_value(value)}}}' for key, value in attributes.items()) + "]"


def _value(value: Any) -> str:
    if isinstance(value, str):
        return f'{{"stringValue":{_text(value)}}}'
    if isinstance(value, list):
        return f'{{"arrayValue":{{"values":[{",".join(map(_value, value))}]}}}}'
    return f'{{"intValue":"{value}"}}' if isinstance(value, int) else f'{{"doubleValue":{value!r}}}'


def _text(text: str) -> str:
    return f'"{text.translate(_ESCAPED)}"'


def _is_id(text: str, length: int) -> bool:
    return _is_hex(text, length) and text.strip("0") != ""


def _is_hex(text: str, length: int) -> bool:
    return len(text) == length and not text.strip("0123456789abcdef")
