"""One span or log record as a row: its identity, what it means, and all of it as JSON."""

import hashlib
import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from tachograph import vocabulary as v
from tachograph.semantics import dialects, retold, roles, sampling
from tachograph.semantics.outcome import FAILURE, outcome
from tachograph.semantics.usage import usage
from tachograph.store.parsing import wire

Row = tuple[Any, ...]

_INT64_MAX: Final = 2**63 - 1
# No call has as many tokens; more of them could overflow a sum over a trace.
_TOKENS_MAX: Final = 10**12
_ERROR: Final = 2

_KINDS: Final = {
    f"SPAN_KIND_{name}": number
    for number, name in enumerate(("UNSPECIFIED", "INTERNAL", "SERVER", "CLIENT", "PRODUCER", "CONSUMER"))
}
_STATUSES: Final = {"STATUS_CODE_UNSET": 0, "STATUS_CODE_OK": 1, "STATUS_CODE_ERROR": _ERROR}
_SEVERITIES: Final = {
    name + suffix: first + step
    for first, name in ((1, "TRACE"), (5, "DEBUG"), (9, "INFO"), (13, "WARN"), (17, "ERROR"), (21, "FATAL"))
    for step, suffix in enumerate(("", "2", "3", "4"))
}

# Columns that take an attribute over as it is, in their order; to_table drops values that are no text.
_TEXTS: Final = (
    v.AGENT_NAME,
    v.RECIPE_NAME,
    v.STEP_NAME,
    v.COMMAND_NAME,
    v.TOOL_NAME,
    v.COMPLEXITY,
    v.TASK_CLASS,
    v.EXECUTION_ID,
    v.EXECUTOR,
)
_ORIGIN: Final = (v.SERVICE_NAME, v.USER_ID, v.SESSION_ID, v.SERVICE_VERSION)
_PRESSURES: Final = (v.CPU_PRESSURE, v.MEMORY_PRESSURE, v.CPU_STEAL, v.CPU_TIME, v.CPU_COUNT)
_WHOLES: Final = (v.CONTEXT_SIZE, v.STEP_INDEX, v.STEPS_TOTAL, v.STEPS_COMPLETED)
_PRICED_BY: Final = (v.PROVIDER, v.RESPONSE_MODEL, v.SERVICE_TIER)
_NO_USAGE: Final = (None, None, None, None)


_KILLED: Final = tuple(
    wire.KeyValue(key, wire.AnyValue(string_value=text))
    for key, text in ((v.OUTCOME, FAILURE), (v.ERROR_TYPE, v.KILLED))
)


class Unfit(ValueError):
    """A span or log record that cannot be stored; the text says why."""


@dataclass(frozen=True, slots=True)
class Origin:
    """What all telemetry of one resource shares."""

    service_name: str | None
    user_id: str | None
    session_id: str | None
    release: str | None
    json: str

    @classmethod
    def of(cls, resource: wire.Resource | None) -> "Origin":
        """The origin that a resource describes."""
        attributes = wire.mapping(resource.attributes if resource else None)
        service, user, session, release = (_text(attributes.get(name)) for name in _ORIGIN)
        return cls(service, user, session, release, wire.text(attributes))


def span_row(span: wire.Span, origin: Origin, scope_name: str | None, told_by: str | None = None) -> Row:
    """The values of a span in the order of `columns.SPANS`; Unfit or ValueError where it cannot be stored."""
    said = wire.mapping(span.attributes)
    name = span.name or ""
    attributes = retold.meant(said)
    if attributes is said:
        attributes = dialects.canonical(said, name)
    role = roles.role(name, attributes)
    component = roles.component(name, attributes, role)
    status, message = _status(span.status) if said.get(v.RETOLD) is not True else (0, None)
    return (
        *_identity(span),
        name,
        _enum(span.kind, _KINDS, "kind"),
        *_times(span),
        status,
        message,
        origin.service_name,
        scope_name,
        role,
        component,
        outcome(attributes, status_is_error=status == _ERROR),
        _text(attributes.get(v.USER_ID)) or origin.user_id,
        _text(attributes.get(v.SESSION_ID)) or origin.session_id,
        *map(attributes.get, _TEXTS),
        _text(dialects.read(attributes, v.REQUEST_MODEL)),
        _version(attributes, role),
        *[value if value is None else _whole(value) for value in map(attributes.get, _WHOLES)],
        _real(attributes.get(v.MANUAL_DURATION)),
        _names(attributes.get(v.STEP_DEPENDS_ON)),
        _names(attributes.get(v.COMMAND_OPTIONS)),
        _signed(attributes.get(v.EXIT_CODE)),
        *_tokens(attributes),
        _cost(dialects.read(attributes, v.COST_USD)),
        *[_text(dialects.read(attributes, name)) for name in _PRICED_BY],
        *_error(span, attributes, message),
        _call_hash(attributes, component, role),
        _status_code(attributes.get(v.HTTP_STATUS)),
        _text(attributes.get(v.SERVER_ADDRESS)),
        origin.release,
        _text(attributes.get(v.PROMPT_VERSION)),
        *[_real(attributes.get(name)) for name in _PRESSURES],
        _names(attributes.get(v.ARTIFACT_READ)),
        _names(attributes.get(v.ARTIFACT_WRITTEN)),
        sampling.weight(span.trace_state),
        _call_id(attributes, role),
        told_by,
        wire.text(said),
        origin.json,
        _events(span.events),
        _links(span.links),
    )


def started_row(record: wire.LogRecord, origin: Origin, scope_name: str | None) -> Row:
    """The span that a record of an execution's start announces, as it is if its process dies: killed, of no length."""
    told = wire.mapping(record.attributes)
    span = wire.Span(
        trace_id=record.trace_id,
        span_id=record.span_id,
        parent_span_id=_text(told.get(v.STARTED_PARENT)),
        name=_text(told.get(v.STARTED_NAME)),
        start_time_unix_nano=record.time_unix_nano,
        end_time_unix_nano=record.time_unix_nano,
        attributes=[*(record.attributes or ()), *_KILLED],
        status=wire.Status(_ERROR, v.KILLED),
    )
    return span_row(span, origin, scope_name)


def log_row(record: wire.LogRecord, origin: Origin, scope_name: str | None) -> Row:
    """The values of a log record in the order of `columns.LOGS`; Unfit or ValueError where it cannot be stored."""
    attributes = wire.mapping(record.attributes)
    body = wire.plain(record.body)
    row = (
        _nanoseconds(record.time_unix_nano) or _nanoseconds(record.observed_time_unix_nano),
        _hex(record.trace_id, 32, "trace id"),
        _hex(record.span_id, 16, "span id"),
        record.event_name or _text(attributes.get("event.name")),
        _severity(record),
        body if body is None or isinstance(body, str) else wire.text(body),
        wire.text(attributes),
        origin.service_name,
        scope_name,
        origin.json,
    )
    return (_digest(*row), *row)


def _identity(span: wire.Span) -> tuple[str, str, str | None]:
    trace_id = _hex(span.trace_id, 32, "trace id")
    span_id = _hex(span.span_id, 16, "span id")
    if trace_id is None or span_id is None:
        raise Unfit("has no trace id" if trace_id is None else "has no span id")
    return trace_id, span_id, _hex(span.parent_span_id, 16, "parent span id")


def _hex(text: str | None, digits: int, what: str) -> str | None:
    """An id in lower case, None where it is absent or all zero."""
    if not text:
        return None
    try:
        value = bytes.fromhex(text)
    except ValueError:
        value = b""
    # fromhex skips blanks, which then are missing in its length.
    if len(text) != digits or 2 * len(value) != digits:
        raise Unfit(f"has a {what} that is not {digits} hex digits")
    return value.hex() if any(value) else None


def _times(span: wire.Span) -> tuple[int, int]:
    start, end = _nanoseconds(span.start_time_unix_nano), _nanoseconds(span.end_time_unix_nano)
    if not start or not end:
        raise Unfit("has no start time" if not start else "has no end time")
    if end < start:
        raise Unfit("ends before it starts")
    return start, end


def _nanoseconds(value: int | str | None) -> int:
    try:
        time = int(value) if value else 0
    except ValueError:
        raise Unfit(f"has a time that is no number: {str(value)[:40]!r}") from None
    if not 0 <= time <= _INT64_MAX:
        raise Unfit("has a time outside 1970 to 2262")
    return time


def _enum(value: int | str | None, names: dict[str, int], what: str) -> int:
    number = names.get(value, -1) if isinstance(value, str) else value or 0
    if not 0 <= number <= 127:
        raise Unfit(f"has an unknown {what}: {value!r}")
    return number


def _status(status: wire.Status | None) -> tuple[int, str | None]:
    if status is None:
        return 0, None
    return _enum(status.code, _STATUSES, "status code"), status.message or None


def _text(value: Any) -> str | None:
    return value if type(value) is str else None


def _whole(value: Any) -> int | None:
    return value if type(value) is int and 0 <= value <= _INT64_MAX else None


def _status_code(value: Any) -> int | None:
    """An HTTP status; some instrumentations write it as text."""
    return _whole(int(value) if type(value) is str and value.isascii() and value.isdigit() else value)


def _signed(value: Any) -> int | None:
    return value if type(value) is int and abs(value) <= _INT64_MAX else None


def _real(value: Any) -> float | None:
    if type(value) is float or (type(value) is int and abs(value) <= _INT64_MAX):
        return float(value) if math.isfinite(value) else None
    return None


def _cost(value: Any) -> float | None:
    cost = _real(value)
    return cost if cost is not None and cost >= 0 else None


def _version(attributes: Mapping[str, Any], role: str) -> str | None:
    recipe, agent = _text(attributes.get(v.RECIPE_VERSION)), _text(attributes.get(v.AGENT_VERSION))
    return agent or recipe if role == roles.AGENT else recipe or agent


def _names(value: Any) -> str | None:
    is_names = isinstance(value, list) and all(isinstance(name, str) for name in value)
    return wire.text(value) if is_names else None


def _tokens(attributes: Mapping[str, Any]) -> tuple[int | None, ...]:
    used = usage(attributes)
    if used is None or max(used.input, used.cache_read, used.cache_write, used.output) > _TOKENS_MAX:
        return _NO_USAGE
    return used.input, used.cache_read, used.cache_write, used.output


def _error(span: wire.Span, attributes: Mapping[str, Any], message: str | None) -> tuple[str | None, str | None]:
    kind = _text(attributes.get(v.ERROR_TYPE))
    if span.events and not (kind and message):
        exception = _exception(span.events)
        kind = kind or _text(exception.get("exception.type"))
        message = message or _text(exception.get("exception.message"))
    return kind, message


def _exception(events: list[wire.Event]) -> dict[str, Any]:
    # The last one is what ended the span; those before it were survived.
    last = next((event for event in reversed(events) if event.name == "exception"), None)
    return wire.mapping(last.attributes) if last else {}


def _call_hash(attributes: Mapping[str, Any], component: str, role: str) -> str | None:
    named = attributes.get(v.CALL_HASH)
    if named is not None or role != roles.TOOL:
        return _text(named)
    arguments = dialects.read(attributes, v.TOOL_ARGUMENTS)
    # The tool is part of the call: two tools may well be called with the same arguments.
    return None if arguments is None else _digest(component, arguments)


def _call_id(attributes: Mapping[str, Any], role: str) -> str | None:
    """What the provider calls a model or tool call, the same whoever tells of it."""
    if role == roles.MODEL:
        return _text(attributes.get(v.RESPONSE_ID))
    return _text(attributes.get(v.TOOL_CALL_ID)) if role == roles.TOOL else None


def _digest(*parts: Any) -> str:
    return hashlib.blake2b(wire.ordered(parts), digest_size=16).hexdigest()


def _events(events: list[wire.Event] | None) -> str | None:
    if not events:
        return None
    return wire.text([_event(event) for event in events])


def _event(event: wire.Event) -> dict[str, Any]:
    time_ns, attributes = _nanoseconds(event.time_unix_nano), wire.mapping(event.attributes)
    return {"name": event.name or "", "time_ns": time_ns, "attributes": attributes}


def _links(links: list[wire.Link] | None) -> str | None:
    if not links:
        return None
    return wire.text([_link(link) for link in links])


def _link(link: wire.Link) -> dict[str, Any]:
    ids = {"trace_id": (link.trace_id or "").lower(), "span_id": (link.span_id or "").lower()}
    state = {"trace_state": link.trace_state} if link.trace_state else {}
    return {**ids, **state, "attributes": wire.mapping(link.attributes)}


def _severity(record: wire.LogRecord) -> int | None:
    value = record.severity_number
    if isinstance(value, str):
        value = _SEVERITIES.get(value.removeprefix("SEVERITY_NUMBER_"), 0)
    known = value if value and 0 < value <= _SEVERITIES["FATAL4"] else None
    return known or _SEVERITIES.get((record.severity_text or "").upper())
