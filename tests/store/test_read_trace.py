"""A trace comes back as it was stored."""

from pathlib import Path

import pytest
from telemetry import FAILED, START, TRACE, agent, attributes, call, hex_id, line, read, span

from tachograph.store import Store, TraceAmbiguous, TraceUnknown, read_trace

OTHER = TRACE[:6] + "f" * 26


def test_a_span_comes_back_whole(store: Store, file: Path) -> None:
    """With its attributes, resource, events and links, and what the store made of it."""
    facts = {"gen_ai.operation.name": "chat", "gen_ai.request.model": "m", "gen_ai.usage.input_tokens": 5}
    events = [{"name": "exception", "timeUnixNano": "7", "attributes": attributes({"exception.type": "ValueError"})}]
    links = [{"traceId": OTHER.upper(), "spanId": hex_id(9), "attributes": attributes({"k": [1, 2.5, True]})}]
    read(store, file, line(span(1, facts, events=events, links=links, end=90, **FAILED)))
    (found,) = read_trace(store, TRACE)
    assert (found.trace_id, found.span_id, found.parent_id, found.adopted_parent_id) == (TRACE, hex_id(1), None, None)
    assert (found.name, found.kind, found.role, found.component, found.outcome) == ("work", 1, "model", "m", "failure")
    assert (found.start_ns, found.end_ns, found.tokens) == (START, START + 90, 5)
    assert (found.status_code, found.status_message, found.scope_name) == (2, "it broke", "tests")
    assert (found.attributes, found.resource) == (facts, {"service.name": "app"})
    assert found.events == [{"name": "exception", "time_ns": 7, "attributes": {"exception.type": "ValueError"}}]
    assert found.links == [{"trace_id": OTHER, "span_id": hex_id(9), "attributes": {"k": [1, 2.5, True]}}]


def test_spans_come_in_order_with_who_adopted_them(store: Store, file: Path) -> None:
    """An orphan keeps the parent that it names beside the one that took it in."""
    read(store, file, line(call(3, parent=77, start=5, end=6), agent(1), span(2, parent=1, start=2)))
    spans = read_trace(store, TRACE)
    assert [found.span_id for found in spans] == [hex_id(1), hex_id(2), hex_id(3)]
    assert [found.tokens for found in spans] == [None, None, 110]
    assert (spans[2].parent_id, spans[2].adopted_parent_id) == (hex_id(77), hex_id(1))


def test_by_prefix(store: Store, file: Path) -> None:
    """In either case, as long as it tells one trace."""
    read(store, file, line(span(1), span(2, trace=OTHER)))
    assert len(read_trace(store, TRACE[:7])) == len(read_trace(store, OTHER[:20].upper())) == 1
    with pytest.raises(TraceAmbiguous, match="more than one trace begins with"):
        read_trace(store, TRACE[:6])
    for unknown in ("ffff", "%", "g", TRACE + "0"):
        with pytest.raises(TraceUnknown, match="no stored trace has the id"):
            read_trace(store, unknown)
