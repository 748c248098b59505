"""Log events of coding agents as the turns, model calls and tool calls that they tell of."""

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from tachograph import vocabulary as v
from tachograph.semantics import coding_agents
from tachograph.semantics.coding_agents import Event
from tachograph.semantics.words import said
from tachograph.store.parsing import identity, wire
from tachograph.store.parsing.facts import Origin, Row, span_row

EVENT: Final = "event"
# Told at once of a raw record whether it may be such an event; Claude Code gives most of its names no prefix.
MAY_TELL: Final = re.compile(
    rb"claude_code|user_prompt|api_re|api_error|tool_result|tool_call|sse_event|api_cancel|operation.details"
)

_COUNTED: Final = re.compile(r"(count|tokens|_ms|usd|micros|code|attempt|bytes|length)$")
_CONTENT: Final = frozenset({"prompt", "output", "response"})  # it is in the log record already
_WHOLE: Final = re.compile(r"-?\d{1,18}")
_REAL: Final = re.compile(r"-?\d{1,18}\.\d{1,18}")
_MS: Final = 1_000_000
_SCOPE: Final = "claude_code"


def told(record: wire.LogRecord, origin: Origin, scope: str | None) -> tuple[Row, bool] | None:
    """The span that an event tells of, and whether it is only announced, as a turn is that begins; None of others."""
    attributes = wire.mapping(record.attributes)
    name = _name(record, attributes, scope)
    if name in coding_agents.DETAILS:
        return _detailed(record, attributes, origin, scope)
    session = _session(attributes, origin)
    event = next((event for event in coding_agents.EVENTS.get(name, ()) if _holds(event, attributes)), None)
    if event is None or session is None:
        return None
    span, is_turn = _span(event, record, attributes, session)
    span.name = name
    return span_row(span, origin, scope, EVENT), is_turn


def _span(event: Event, record: wire.LogRecord, told_of: Mapping[str, Any], session: str) -> tuple[wire.Span, bool]:
    attributes = {key: _number(key, value) for key, value in told_of.items() if key not in _CONTENT}
    is_turn = event.words.says[v.OPERATION] == v.INVOKE_AGENT
    span = _turn(record, attributes, session) if is_turn else _call(event, record, attributes, session)
    span.attributes = wire.pairs({**attributes, **said(event.words, attributes), **event.always, v.SESSION_ID: session})
    return span, is_turn


def _detailed(
    record: wire.LogRecord, attributes: Mapping[str, Any], origin: Origin, scope: str | None
) -> tuple[Row, bool] | None:
    """What the conventions' event says of a call, which counts where the span that it belongs to did not come."""
    if not (record.trace_id and record.span_id):
        return None
    time = _time(record)
    span = wire.Span(
        record.trace_id,
        record.span_id,
        identity.some_turn(record.trace_id),
        name=str(attributes.get(v.OPERATION)),
        start_time_unix_nano=time,
        end_time_unix_nano=time,
        attributes=record.attributes,
    )
    return span_row(span, origin, scope, EVENT), True


def _name(record: wire.LogRecord, attributes: Mapping[str, Any], scope: str | None) -> str:
    known = coding_agents.EVENTS.keys() | coding_agents.DETAILS
    return next((name for name in _names(record, attributes, scope) if name in known), "")


def _names(record: wire.LogRecord, attributes: Mapping[str, Any], scope: str | None) -> Iterator[str]:
    body = record.body.string_value if record.body else None
    for name in (record.event_name, attributes.get("event.name"), body):
        if isinstance(name, str):
            yield name
            if _SCOPE in (scope or ""):
                yield f"{_SCOPE}.{name}"


def _session(attributes: Mapping[str, Any], origin: Origin) -> str | None:
    named = (attributes.get(name) for name in coding_agents.SESSIONS)
    return next((value for value in named if isinstance(value, str) and value), origin.session_id)


def _holds(event: Event, attributes: Mapping[str, Any]) -> bool:
    return all(str(attributes.get(name)) in texts for name, texts in event.only.items())


def _number(name: str, value: Any) -> Any:
    """Codex writes its numbers as texts."""
    if type(value) is not str or not _COUNTED.search(name):
        return value
    if _WHOLE.fullmatch(value):
        return int(value)
    return float(value) if _REAL.fullmatch(value) else value


def _time(record: wire.LogRecord) -> int:
    return int(record.time_unix_nano or record.observed_time_unix_nano or 0)


def _turn_name(attributes: Mapping[str, Any]) -> str | None:
    return next((str(attributes[name]) for name in coding_agents.TURNS if attributes.get(name) is not None), None)


def _turn(record: wire.LogRecord, attributes: Mapping[str, Any], session: str) -> wire.Span:
    time = _time(record)
    turn = identity.turn_id(session, _turn_name(attributes) or str(time))
    return wire.Span(identity.trace_id(session), turn, start_time_unix_nano=time, end_time_unix_nano=time)


def _call(event: Event, record: wire.LogRecord, attributes: Mapping[str, Any], session: str) -> wire.Span:
    end, trace, turn = _time(record), identity.trace_id(session), _turn_name(attributes)
    # The event is written when the call is over.
    start = max(end - _duration(event, attributes), 1)
    kind = event.words.says[v.OPERATION]
    return wire.Span(
        trace,
        identity.call_id(session, kind, _call_name(event, attributes, end)),
        identity.some_turn(trace) if turn is None else identity.turn_id(session, turn),
        start_time_unix_nano=start,
        end_time_unix_nano=end,
    )


def _duration(event: Event, attributes: Mapping[str, Any]) -> int:
    value = attributes.get(event.duration_ms or "")
    return int(value * _MS) if isinstance(value, int | float) and 0 <= value < 1e12 else 0


def _call_name(event: Event, attributes: Mapping[str, Any], end: int) -> str:
    facts = said(event.words, attributes)
    named = facts.get(v.RESPONSE_ID) or facts.get(v.TOOL_CALL_ID)
    # Nothing names it: an event of the same time that says the same is the same event, met again.
    return str(named) if named else f"{end}\0{wire.ordered(attributes).decode()}"
