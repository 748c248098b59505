"""A line is what the OTLP file format says, whatever a span holds."""

import base64
import json
import math
from typing import Any

import pytest
from google.protobuf import json_format
from hypothesis import given
from hypothesis import strategies as st
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import Event, ReadableSpan
from opentelemetry.sdk.util.instrumentation import InstrumentationScope
from opentelemetry.trace import Link, SpanContext, SpanKind, Status, StatusCode, TraceFlags

from tachograph.deliver.otlp_json import LINE_LIMIT, span_line
from tachograph.semantics.ended import Ended

CONTEXT = SpanContext(0x1DE0532B350588FF152B1EDF6BF358B3, 0x19145660C14F5A36, False, TraceFlags(1))
PARENT = SpanContext(CONTEXT.trace_id, 0x26CAE1FC4B896711, True, TraceFlags(1))


def line_of(span: ReadableSpan) -> bytes:
    return span_line(Ended(span, dict(span.attributes or {}), status_is_error=False))


def finished(attributes: Any = None, name: str = "work", **rest: Any) -> ReadableSpan:
    return ReadableSpan(
        name=name,
        context=CONTEXT,
        parent=PARENT,
        resource=Resource({"service.name": "test"}),
        attributes=attributes or {},
        kind=SpanKind.CLIENT,
        status=rest.pop("status", Status(StatusCode.ERROR, "broken")),
        start_time=1_758_026_594_777_382_001,
        end_time=1_758_026_595_108_941_003,
        instrumentation_scope=InstrumentationScope("scope", "1.0"),
        **rest,
    )


def parsed(line: bytes) -> Any:
    """The line as protobuf's own JSON reader takes it; OTLP/JSON has hex ids where that reader wants base64."""
    request = json.loads(line)
    for span in request["resourceSpans"][0]["scopeSpans"][0]["spans"]:
        for holder in (span, *span.get("links", [])):
            for key in ("traceId", "spanId", "parentSpanId"):
                if key in holder:
                    holder[key] = base64.b64encode(bytes.fromhex(holder[key])).decode()
    return json_format.ParseDict(request, ExportTraceServiceRequest()).resource_spans[0].scope_spans[0].spans[0]


def test_a_line_is_one_export_request() -> None:
    """Ids, times, kind, status, events and links come through to the nanosecond and the bit."""
    span = finished(
        events=[Event("exception", {"exception.type": "E"}, 1_758_026_594_900_000_007)],
        links=[Link(PARENT, {"why": "follows"})],
    )
    line = line_of(span)
    assert line.endswith(b"\n")
    assert line.count(b"\n") == 1
    read = parsed(line)
    assert read.trace_id.hex() == format(CONTEXT.trace_id, "032x")
    assert read.span_id.hex() == format(CONTEXT.span_id, "016x")
    assert read.parent_span_id.hex() == format(PARENT.span_id, "016x")
    assert (read.start_time_unix_nano, read.end_time_unix_nano) == (span.start_time, span.end_time)
    assert (read.kind, read.status.code, read.status.message) == (3, 2, "broken")
    assert read.flags == 0x301
    assert read.events[0].time_unix_nano == 1_758_026_594_900_000_007
    assert read.links[0].attributes[0].value.string_value == "follows"


values = st.recursive(
    st.text() | st.booleans() | st.integers(-(2**63), 2**63 - 1) | st.floats() | st.binary() | st.none(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(min_size=1), inner, max_size=3),
    max_leaves=6,
)


@given(st.dictionaries(st.text(min_size=1), values, max_size=5), st.text())
def test_any_attribute_value_parses_as_protobuf_json(attributes: dict[str, Any], name: str) -> None:
    """Also NaN, infinities, bytes, nothing, nested values and text that is no valid Unicode."""
    read = parsed(line_of(finished(attributes, name)))
    assert len(read.attributes) == len(attributes)


def test_numbers_keep_every_digit() -> None:
    """64-bit integers travel as text, doubles as their shortest exact form."""
    read = parsed(line_of(finished({"i": 2**63 - 1, "d": 0.1, "nan": math.nan})))
    found = {item.key: item.value for item in read.attributes}
    assert found["i"].int_value == 2**63 - 1
    assert found["d"].double_value == 0.1
    assert math.isnan(found["nan"].double_value)


@pytest.mark.parametrize(
    "span",
    [
        finished({"prompt": "x" * 3_000_000}),
        finished({f"key{i}": "y" * 50_000 for i in range(100)}),
        finished({f"key{i}": i for i in range(100_000)}),
        finished(name="n" * 2_000_000),
        finished(events=[Event("e", {"text": "z" * 900}, 1) for _ in range(3_000)]),
    ],
    ids=["long value", "many values", "many keys", "long name", "many events"],
)
def test_a_line_stays_under_the_limit_of_its_readers(span: ReadableSpan) -> None:
    """Too much content is shortened; the span itself is never lost."""
    line = line_of(span)
    assert len(line) < LINE_LIMIT
    assert parsed(line).end_time_unix_nano == span.end_time
