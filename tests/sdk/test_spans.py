"""Spans made from templates are the spans that the SDK's own tracer makes, whatever happens to them."""

import base64
import json
from collections.abc import Callable
from typing import Any
from unittest import mock

import pytest
from google.protobuf import json_format
from hypothesis import given
from hypothesis import strategies as st
from opentelemetry import trace
from opentelemetry.exporter.otlp.proto.common.trace_encoder import encode_spans
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.sdk.metrics import AlwaysOffExemplarFilter, Histogram, MeterProvider
from opentelemetry.sdk.metrics.export import AggregationTemporality, InMemoryMetricReader
from opentelemetry.sdk.metrics.view import View
from opentelemetry.sdk.trace import Span as SdkSpan
from opentelemetry.sdk.trace import SpanLimits, SpanProcessor, TracerProvider, sampling
from opentelemetry.trace import Link, Span, SpanContext, Status, StatusCode, TraceFlags, TraceState

from tachograph import redaction
from tachograph import vocabulary as v
from tachograph.annotate.inheritance import InheritingSampler
from tachograph.annotate.processor import AnnotatingProcessor
from tachograph.collect.execution import UNITS, Execution, Site
from tachograph.deliver.metrics.recorder import Recorder
from tachograph.deliver.otlp_json import span_line
from tachograph.redaction import known, values
from tachograph.sdk import metering, spans
from tachograph.semantics.ended import Ended

Act = Callable[[Span], object]


class Process:
    """A real provider with our processor; `lines` are what it delivers."""

    def __init__(self, deliver: Callable[[Ended], object] = lambda _: None, **settings: Any) -> None:
        self._also = deliver
        self.ended: list[Ended] = []
        self.lines: list[bytes] = []
        self.processor = AnnotatingProcessor(self._deliver, {"user.id": "u1"})
        self.provider = TracerProvider(shutdown_on_exit=False, **settings)
        self.provider.add_span_processor(self.processor)
        self.tracer = self.provider.get_tracer("tachograph", "1.0")
        self.maker = spans.maker(self.tracer, self.processor)

    def make(self, site: Site, call_hash: str | None = None) -> Span | None:
        """A span from a template, of a site that was met before; where a second begins in between, twice."""
        made = (self.maker(site, call_hash) for _ in range(4)) if self.maker else ()
        return next((span for span in made if span), None)

    def _deliver(self, ended: Ended) -> None:
        self.ended.append(ended)
        self.lines.append(span_line(ended))
        self._also(ended)

    def run(self, site: Site, acts: list[Act], *, quickly: bool, call_hash: str | None = None) -> tuple[Any, Any]:
        """A span of this site to which these things are done: as delivered, and as its line is read."""
        added = {} if call_hash is None else {v.CALL_HASH: call_hash}
        begun = {**site.attributes, **self.processor.at_start(site.role), **added}
        span = (
            self.make(site, call_hash) if quickly else self.tracer.start_span(site.title, None, site.unit.kind, begun)
        )
        assert span is not None
        for act in acts:
            act(span)
        marks = self.processor.before_end(span, 0)
        if marks:
            span.set_attributes(marks)
        span.end()
        return self.ended[-1].span, read(self.lines[-1])


def read(line: bytes) -> Any:
    """The span of a line, as protobuf's own JSON reader takes it."""
    request = json.loads(line)
    for span in request["resourceSpans"][0]["scopeSpans"][0]["spans"]:
        for holder in (span, *span.get("links", [])):
            for key in ("traceId", "spanId", "parentSpanId"):
                if key in holder:
                    holder[key] = base64.b64encode(bytes.fromhex(holder[key])).decode()
    return json_format.ParseDict(request, ExportTraceServiceRequest()).resource_spans[0].scope_spans[0].spans[0]


def official(span: Any) -> Any:
    return encode_spans([span]).resource_spans[0].scope_spans[0].spans[0]


def said(span: Any) -> Any:
    """Everything that a span says but its ids and times, how pressed the host was, which is another each second, and
    how long a processor worked for it, of which only that it is said counts."""
    told = json.loads(span.to_json())
    for key in ("context", "parent_id", "start_time", "end_time"):
        del told[key]
    told["attributes"] = {key: value for key, value in told["attributes"].items() if not key.startswith("host.")}
    if v.CPU_TIME in told["attributes"]:
        told["attributes"][v.CPU_TIME] = "so long"
    for event in told["events"]:
        del event["timestamp"]
    return told


plain = st.text(max_size=20) | st.booleans() | st.integers(-(2**63), 2**63 - 1) | st.floats(allow_nan=False)
attributes = st.dictionaries(
    st.text(min_size=1, max_size=20), plain | st.lists(st.text(max_size=5), max_size=3), max_size=4
)
OTHER = SpanContext(1, 2, True, TraceFlags(1))
acts = st.lists(
    st.one_of(
        attributes.map(lambda given: lambda span: span.set_attributes(given)),
        st.tuples(st.text(min_size=1), plain).map(lambda pair: lambda span: span.set_attribute(*pair)),
        attributes.map(lambda given: lambda span: span.add_event("happened", given)),
        attributes.map(lambda given: lambda span: span.add_link(OTHER, given)),
        st.text().map(lambda name: lambda span: span.update_name(name)),
        st.text().map(lambda text: lambda span: span.set_status(Status(StatusCode.ERROR, text))),
        st.just(lambda span: span.record_exception(ValueError("v"))),
    ),
    max_size=4,
)
hashes = st.none() | st.text("0123456789abcdef", min_size=32, max_size=32)
PROCESS = Process()


@given(st.sampled_from(sorted(UNITS)), st.text(max_size=20), attributes, st.lists(hashes, min_size=2, max_size=2), acts)
def test_it_is_the_span_that_the_tracer_makes(
    role: str, name: str, given: dict[str, Any], called: list[str | None], done: list[Act]
) -> None:
    """With the same attributes, events, links, status and name; the second span of a site as the first, each with a
    hash of its own."""
    site = Site(UNITS[role], name, given)
    for call_hash in called:
        compare(site, call_hash, done)


def compare(site: Site, call_hash: str | None, done: list[Act]) -> None:
    theirs, _ = PROCESS.run(site, done, quickly=False, call_hash=call_hash)
    expected = said(theirs)
    expected["attributes"].setdefault("user.id", "u1")
    for _ in range(2):
        ours, line = PROCESS.run(site, done, quickly=True, call_hash=call_hash)
        assert said(ours) == expected
        encoded = official(ours)
        for mine, theirs in zip((line, *line.links), (encoded, *encoded.links), strict=True):
            theirs.flags |= mine.flags & 0xFF  # the official encoder leaves the trace's own flags out
        assert line == encoded


def test_a_hash_of_its_own_is_the_spans_and_not_its_templates() -> None:
    """It ends as quickly as one without; exporters, the line and what hangs above see it, the next span does not."""
    process, site = Process(), Site(UNITS["tool"], "t", {})
    parent = process.tracer.start_span("invoke_agent coder")
    called = ["0a" * 16, None, "0b" * 16, "0a" * 16]
    with trace.use_span(parent):
        for call_hash in called:
            span, line = process.run(site, [], quickly=True, call_hash=call_hash)
            (ended, *_) = process.ended[-1:]
            said_by = [span.attributes, ended.attributes, {one.key: one.value.string_value for one in line.attributes}]
            assert [told.get(v.CALL_HASH) for told in said_by] == [call_hash] * 3
            assert ended.call_hash == call_hash
            assert ended.template is not None
            assert v.CALL_HASH not in ended.template.attributes
    live = process.processor._live[parent.get_span_context().span_id]
    assert [child.call_hash for child in live.children] == called


def test_a_hash_stays_where_the_span_is_looked_at_after_all() -> None:
    """With something below it, with something said at its end, with a secret in what its template says."""
    process, call_hash = Process(), "0a" * 16
    outer = process.make(Site(UNITS["tool"], "outer", {}), call_hash)
    assert outer
    with trace.use_span(outer):
        inner, _ = process.run(Site(UNITS["tool"], "inner", {}), [], quickly=True)
    assert v.CALL_HASH not in inner.attributes
    outer.set_attribute("app.said", "late")
    outer.end()
    secret, _ = process.run(Site(UNITS["tool"], "t", {"password": "hunter2"}), [], quickly=True, call_hash=call_hash)
    assert secret.attributes["password"] == "[redacted]"
    for ended, line in zip(process.ended[1:], process.lines[1:], strict=True):
        assert ended.call_hash == ended.span.attributes[v.CALL_HASH] == call_hash
        assert line.count(call_hash.encode()) == 1


def test_a_span_that_is_told_nothing_is_untouched() -> None:
    """As at the end of an entry point of which nothing more is found."""
    execution = Execution(UNITS["tool"], "t")
    for told, touched in (({}, False), ({"x": None}, False), ({"x": 1}, True)):
        made = Process().make(Site(UNITS["tool"], "t", {}))
        assert isinstance(made, spans.TemplateSpan)
        execution._span = made
        execution.set(told)
        assert made.touched is touched


def test_one_hash_takes_the_place_of_another_only_in_the_tracers_spans() -> None:
    """A span that would lose or replace something by it is none of its template's."""
    said = Site(UNITS["tool"], "t", {v.CALL_HASH: "said"})
    assert Process().make(said)
    assert Process().make(said, "0a" * 16) is None


@given(attributes, st.booleans(), st.sampled_from([0, 1, 2, 3]))
def test_it_has_the_parent_flags_and_state_of_the_tracers(given: dict[str, Any], remote: bool, flags: int) -> None:
    """Below spans of this process and of others, sampled or not, with a trace state."""
    parent = SpanContext(7, 9, remote, TraceFlags(flags), TraceState([("a", "b")]))
    with trace.use_span(trace.NonRecordingSpan(parent)):
        ours = PROCESS.make(Site(UNITS["tool"], "t", given))
        theirs = PROCESS.tracer.start_span("execute_tool t")
    if ours is None:
        assert not theirs.is_recording()
        return
    mine, other = ours.get_span_context(), theirs.get_span_context()
    assert (mine.trace_id, mine.trace_flags, mine.trace_state) == (7, other.trace_flags, other.trace_state)
    assert isinstance(ours, SdkSpan)
    assert ours.parent == parent
    ours.end()
    line = read(PROCESS.lines[-1])
    assert (line.trace_state, line.parent_span_id.hex(), bool(line.flags & 0x200)) == ("a=b", f"{9:016x}", remote)


def test_other_processors_see_a_span_of_the_sdk_and_what_they_set_is_kept() -> None:
    """A processor of the program's own adds attributes at the start, and reads the span at its end."""
    seen: list[Any] = []

    class Theirs(SpanProcessor):
        def on_start(self, span: SdkSpan, parent_context: Any = None) -> None:
            span.set_attribute("theirs", 1)

        def on_end(self, span: Any) -> None:
            seen.append(span)

    process = Process()
    process.provider.add_span_processor(Theirs())
    for _ in range(2):
        _, line = process.run(Site(UNITS["tool"], "t", {}), [], quickly=True)
        assert "theirs" in [attribute.key for attribute in line.attributes]
        assert seen[-1].attributes["theirs"] == 1


@pytest.mark.parametrize(
    "settings",
    [
        {"sampler": sampling.TraceIdRatioBased(0.5)},
        {"sampler": sampling.ParentBased(sampling.ALWAYS_OFF)},
        {"sampler": InheritingSampler(sampling.ALWAYS_OFF, lambda _, given: given)},
    ],
)
def test_what_a_sampler_decides_it_decides(settings: dict[str, Any]) -> None:
    """Only a tracer that takes every span is stood in for."""
    assert Process(**settings).maker is None


@pytest.mark.parametrize("known_sampler", [sampling.ALWAYS_ON, sampling.DEFAULT_ON])
def test_the_usual_samplers_are_stood_in_for(known_sampler: sampling.Sampler) -> None:
    """Also where they were chosen, and spans inherit by a sampler of ours."""
    assert Process(sampler=known_sampler).maker
    assert Process(sampler=InheritingSampler(known_sampler, lambda _, given: given)).maker


def test_limits_of_the_provider_hold() -> None:
    """Long values are cut; where attributes have to be dropped, the tracer itself makes the span and counts them."""
    short = Process(span_limits=SpanLimits(max_attribute_length=3))
    span, _ = short.run(Site(UNITS["tool"], "a long name", {}), [], quickly=True)
    assert span.attributes["gen_ai.tool.name"] == "a l"
    few = Process(span_limits=SpanLimits(max_attributes=1))
    assert few.maker
    assert few.make(Site(UNITS["tool"], "t", {"a": 1, "b": 2})) is None
    assert short.make(Site(UNITS["tool"], "t", {}), "0a" * 16) is None
    site, count = Site(UNITS["agent"], "t", {}), 3  # operation, name and user
    for settings, fits in ((count, False), (count + 1, True)):
        limited = Process(span_limits=SpanLimits(max_attributes=settings))
        assert limited.make(site)
        assert bool(limited.make(site, "0a" * 16)) is fits
        site.templates.clear()


def test_an_sdk_that_builds_spans_otherwise_is_left_to_it() -> None:
    """A part more than is known here, and the tracer makes all spans."""
    real = spans._Span.__init__

    def with_more(self: Any, *args: Any, **kwargs: Any) -> None:
        real(self, *args, **kwargs)
        self._something_new = 1

    with mock.patch.object(spans._Span, "__init__", with_more):
        assert Process().maker is None


def test_a_secret_that_becomes_known_later_is_taken_out_of_what_was_found_clean() -> None:
    """What one span of a template was allowed to say, the next is not."""
    process, site = Process(), Site(UNITS["tool"], "t", {"app.word": "xylophone-9-quartz"})
    process.run(site, [], quickly=True)
    assert b"xylophone" in process.lines[-1]
    with mock.patch.dict(known._secrets), mock.patch.object(known, "_pattern", []):
        redaction.hide(["xylophone-9-quartz"])
        process.run(site, [], quickly=True)
        assert b"xylophone" not in process.lines[-1]
        assert b"[redacted]" in process.lines[-1]
    values.known_clean.clear()


def test_what_a_parent_says_later_is_inherited_from_then_on() -> None:
    """Children of one parent begin with what it has to hand down when they begin."""
    process, child = Process(), Site(UNITS["tool"], "t", {})
    parent = process.make(Site(UNITS["agent"], "coder", {}))
    assert parent
    found = []
    with trace.use_span(parent):
        for number in range(3):
            span, _ = process.run(child, [], quickly=True)
            found.append((span.attributes["gen_ai.agent.name"], span.attributes.get("session.id")))
            if number == 0:
                parent.set_attribute("session.id", "s")
    assert found == [("coder", None), ("coder", "s"), ("coder", "s")]


def test_true_and_one_are_not_the_same_attribute() -> None:
    """They are equal for Python, and two types on the wire."""
    from tachograph.collect.execution import site_of

    unit = UNITS["tool"]
    one, true = (site_of(unit, "t", {"x": value}) for value in (1, True))
    assert (one.attributes["x"], true.attributes["x"]) == (1, True)
    assert one is not true
    assert site_of(unit, "t", {"x": 1}) is one


def test_hostile_numbers_of_templates_cost_bounded_memory() -> None:
    """A million names, parents that each hand down something else: what is remembered of them stays small."""
    from tachograph.collect import execution

    process, child = Process(), Site(UNITS["tool"], "t", {})
    with mock.patch.object(execution, "_sites", {}):
        for number in range(4_200):
            execution.site_of(UNITS["agent"], f"agent {number}", {})
            with process.tracer.start_as_current_span("p", attributes={"session.id": str(number)}):
                process.run(child, [], quickly=True)
        assert len(execution._sites) <= 256
    assert len(process.processor._handed) <= 4_096
    assert len(child.templates) <= 16


def test_links_given_by_others_stay_out_of_each_other() -> None:
    """The empty lists that spans share are never written to."""
    process = Process()
    first, _ = process.run(Site(UNITS["tool"], "t", {}), [lambda span: span.add_link(OTHER)], quickly=True)
    second, _ = process.run(Site(UNITS["tool"], "t", {}), [], quickly=True)
    assert [link.context for link in first.links] == [Link(OTHER).context]
    assert (second.links, second.events) == ((), ())


def test_readers_of_the_programs_own_read_our_histograms() -> None:
    """Cumulative and delta, also a reader that is added later, with the counts of what OpenTelemetry reads itself."""
    deltas = InMemoryMetricReader(preferred_temporality={Histogram: AggregationTemporality.DELTA})
    totals, later = InMemoryMetricReader(), InMemoryMetricReader()
    recorder, provider = Recorder(), MeterProvider([deltas, totals], shutdown_on_exit=False)
    start(recorder, provider)
    provider.add_metric_reader(later)
    process = Process(deliver=recorder.record)
    site = Site(UNITS["agent"], "coder", {"dev_agency.task.complexity": "simple"})
    read_deltas = []
    for _ in range(3):
        process.run(site, [], quickly=True)
        read_deltas.append(counted(deltas))
    assert read_deltas == [1, 1, 1]
    assert (counted(totals), counted(later)) == (3, 3)


@pytest.mark.parametrize(
    "settings",
    [
        {"views": [View(instrument_name=v.AGENT_DURATION.name, name="renamed")]},
        {"exemplar_filter": AlwaysOffExemplarFilter()},
    ],
)
def test_histograms_that_the_program_wants_otherwise_are_opentelemetrys(settings: dict[str, Any]) -> None:
    """Views and exemplar filters are heeded by its own instruments only."""
    reader, recorder = InMemoryMetricReader(), Recorder()
    provider = MeterProvider([reader], shutdown_on_exit=False, **settings)
    start(recorder, provider)
    process = Process(deliver=recorder.record)
    process.run(Site(UNITS["agent"], "coder", {}), [], quickly=True)
    assert counted(reader, "renamed" if "views" in settings else v.AGENT_DURATION.name) == 1


def start(recorder: Recorder, provider: MeterProvider) -> None:
    with (
        mock.patch.object(metering.metrics, "get_meter_provider", return_value=provider),
        mock.patch.object(metering.metrics, "get_meter", provider.get_meter),
    ):
        metering.start(recorder)


def counted(reader: InMemoryMetricReader, name: str = v.AGENT_DURATION.name) -> int:
    data = reader.get_metrics_data()
    metrics = [m for r in data.resource_metrics for s in r.scope_metrics for m in s.metrics if m.name == name]
    return sum(point.count for metric in metrics for point in metric.data.data_points)
