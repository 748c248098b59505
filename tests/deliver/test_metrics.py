"""What finished spans add to the metrics: which points, how many labels, over which window."""

import re
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from opentelemetry import trace
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import InMemoryMetricReader
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.trace import StatusCode, Tracer
from prometheus_client import REGISTRY, generate_latest
from support import Run

from tachograph import vocabulary as v
from tachograph.annotate.processor import AnnotatingProcessor
from tachograph.deliver.metrics.histograms import Histograms
from tachograph.deliver.metrics.recorder import Recorder
from tachograph.deliver.metrics.series import WINDOW_COUNT, WINDOW_NS, Recent
from tachograph.deliver.prometheus import ScrapedReader
from tachograph.deliver.spool import Spool
from tachograph.semantics.ended import Ended

Read = Callable[[], dict[str, dict[tuple[str, ...], Any]]]


class Process:
    """A real tracer provider whose finished spans a started recorder takes."""

    def __init__(self) -> None:
        self.recorder = Recorder()
        provider = TracerProvider(shutdown_on_exit=False)
        provider.add_span_processor(AnnotatingProcessor(self.recorder.record, {}))
        self.tracer: Tracer = provider.get_tracer("theirs")
        self._reader = InMemoryMetricReader()
        self.recorder.start(MeterProvider([self._reader], shutdown_on_exit=False).get_meter("tachograph"))

    def run(self, name: str, status: StatusCode = StatusCode.UNSET, **attributes: Any) -> None:
        """An agent execution from start to end."""
        with self.agent(name, **attributes) as span:
            span.set_status(status)

    def agent(self, name: str, **attributes: Any) -> Any:
        named = {v.OPERATION: v.INVOKE_AGENT, v.AGENT_NAME: name, **attributes}
        return self.tracer.start_as_current_span(f"invoke_agent {name}", attributes=named)

    def read(self) -> dict[str, dict[tuple[str, ...], Any]]:
        """Every point by metric and label values; of a histogram its count and sum."""
        data = self._reader.get_metrics_data()
        found: dict[str, dict[tuple[str, ...], Any]] = {}
        for resource in data.resource_metrics if data else []:
            for metric in resource.scope_metrics[0].metrics:
                points = {tuple(point.attributes.values()): _value(point) for point in metric.data.data_points}
                found[metric.name] = points
        return found


def _value(point: Any) -> Any:
    return (point.count, point.sum) if hasattr(point, "count") else point.value


@pytest.fixture
def process() -> Process:
    return Process()


def test_metrics_are_those_of_the_contract(fixtures: Path) -> None:
    """Name, type and labels, in the order of its table."""
    section = (fixtures.parent / "contract.md").read_text().split("## 2.")[1].split("## 3.")[0]
    rows = re.findall(r"^\| `(dev_agency_\w+)` \| (\w+)[^|]*\| ([^|]*) \|$", section, re.MULTILINE)
    declared = [(name, kind, tuple(re.findall(r"`(\w+)`", labels))) for name, kind, labels in rows]
    assert [(it.prometheus_name, it.kind, it.labels) for it in v.METRICS] == declared
    assert len(declared) == 18


def test_ratios_and_scores_have_no_unit() -> None:
    """With the unit 1 a Collector would call a success rate success_rate_ratio."""
    assert {metric.unit for metric in v.METRICS if metric.kind == v.GAUGE} == {""}


def test_names_come_out_as_declared_when_scraped(process: Process) -> None:
    """OpenTelemetry's own translation of instrument and unit gives the names of the contract."""
    reader = ScrapedReader(Histograms(process.recorder))
    try:
        process.recorder.dropped = lambda: {("traces", "spool_full"): 1}
        meter = MeterProvider([reader], shutdown_on_exit=False).get_meter("tachograph")
        process.recorder.start(meter, reads_distributions=True)
        everything(process)
        text = generate_latest(REGISTRY).decode()
    finally:
        reader.shutdown()
    for metric in v.METRICS:
        sample = metric.prometheus_name + ("_count" if metric.kind == v.HISTOGRAM else "")
        found = re.search(rf"^{sample}\{{(.*?)\}} ", text, re.MULTILINE)
        assert found, sample
        names = set(re.findall(r'(\w+)="', found[1]))
        assert {name for name in names if not name.startswith("otel_scope_")} == set(metric.labels)


def everything(process: Process) -> None:
    """At least one point of each metric."""
    usage = {v.INPUT_TOKENS: 5, v.COST_USD: 0.5, v.CONTEXT_SIZE: 9}
    recipe = {v.OPERATION: v.INVOKE_RECIPE, v.RECIPE_NAME: "fix", v.MANUAL_DURATION: 60}
    with process.tracer.start_as_current_span("invoke_workflow fix", attributes=recipe) as span:
        span.add_event(v.EVALUATION_RESULT, {v.EVALUATION_NAME: v.USER_SATISFACTION, v.EVALUATION_SCORE: 4})
        with process.tracer.start_as_current_span("step find", attributes={v.STEP_NAME: "find"}):
            with process.agent("coder", **usage) as agent:
                agent.add_event(v.EVALUATION_RESULT, {v.EVALUATION_NAME: "overall", v.EVALUATION_SCORE: 8.5})
            process.run("coder", StatusCode.ERROR)
    with process.tracer.start_as_current_span("app build", attributes={v.COMMAND_NAME: "app build"}):
        pass


def test_evaluations_become_means(process: Process) -> None:
    """Of the agent or recipe that the span belongs to; scores off their scale and unknown names count nowhere."""
    for name, score in (("overall", 8), ("overall", 6.0), ("overall", 11), ("beauty", 5), ("correctness", "high")):
        with process.agent("coder") as span:
            span.add_event(v.EVALUATION_RESULT, {v.EVALUATION_NAME: name, v.EVALUATION_SCORE: score})
    assert process.read()[v.AGENT_QUALITY.name] == {("coder", "overall"): 7.0}


def test_skipped_executions_only_count_by_outcome(process: Process) -> None:
    """They have no duration, no success and no error."""
    process.run("coder", **{v.OUTCOME: "skip"})
    read = process.read()
    assert read[v.AGENT_INVOCATIONS.name] == {("coder", "skip", "unknown"): 1}
    assert read.keys() == {v.AGENT_INVOCATIONS.name}


def test_a_person_is_no_agent(process: Process) -> None:
    """What people do is the base to compare with."""
    process.run("coder", **{v.EXECUTOR: "human"})
    assert process.read() == {}


def test_an_error_without_a_type_takes_that_of_its_exception(process: Process) -> None:
    """The last exception, else it is unknown; so errors add up to executions without success."""
    with pytest.raises(KeyError), process.agent("raises"):
        raise KeyError("x")
    process.run("silent", StatusCode.ERROR)
    process.run("named", StatusCode.ERROR, **{v.ERROR_TYPE: "no_patch"})
    errors = process.read()[v.AGENT_ERRORS.name]
    assert errors == {("raises", "KeyError"): 1, ("silent", "unknown"): 1, ("named", "no_patch"): 1}


def test_the_context_is_the_agents_own_else_the_largest_prepared_below(process: Process) -> None:
    """As the store has it."""
    for own in ({}, {v.CONTEXT_SIZE: 7}):
        with process.agent("coder", **own), process.tracer.start_as_current_span("between"):
            for size in (10, 500, 20):
                prepared = {v.OPERATION_KIND: v.PREPARE_CONTEXT, v.CONTEXT_SIZE: size}
                process.tracer.start_span("prepare_context", attributes=prepared).end()
    assert process.read()[v.AGENT_CONTEXT_SIZE.name] == {("coder",): (2, 507)}


def test_the_names_of_one_label_are_shared_by_all_metrics(process: Process) -> None:
    """An agent that keeps its name in one metric keeps it in all; the others are one, called other."""
    for number in range(v.LABEL_VALUES + 7):
        process.run(f"agent {number}", StatusCode.ERROR)
    read = process.read()
    for metric in (v.AGENT_INVOCATIONS, v.AGENT_DURATION, v.AGENT_ERRORS, v.AGENT_SUCCESS_RATE):
        assert len({labels[0] for labels in read[metric.name]}) == v.LABEL_VALUES + 1
    assert read[v.AGENT_INVOCATIONS.name]["other", "failure", "unknown"] == 7


def test_hostile_names_do_not_break_a_scrape() -> None:
    """Lone surrogates, quotes, newlines and very long names come out as labels that can be written."""
    process = Process()
    reader = ScrapedReader(Histograms(process.recorder))
    try:
        meter = MeterProvider([reader], shutdown_on_exit=False).get_meter("tachograph")
        process.recorder.start(meter, reads_distributions=True)
        for name in ("\ud800", 'a"b\n\\', "x" * 100_000):
            process.run(name)
        text = generate_latest(REGISTRY).decode()
    finally:
        reader.shutdown()
    assert 'agent_name="?"' in text
    assert 'agent_name="a\\"b\\n\\\\"' in text
    assert f'agent_name="{"x" * 256}"' in text


def test_a_window_holds_the_latest_thousand_of_a_day() -> None:
    """What is older, or further back, is forgotten; with nothing left there is no value."""
    full, sparse = Recent(), Recent()
    for number in range(WINDOW_COUNT + 500):
        full.add(float(number >= 500), ended_at(number))
    sparse.add(0.0, ended_at(0))
    sparse.add(1.0, ended_at(10))
    assert (full.mean(now_ns=0), sparse.mean(now_ns=0)) == (1.0, 0.5)
    assert (full.mean(now_ns=WINDOW_NS + 10), sparse.mean(now_ns=WINDOW_NS + 10)) == (1.0, 1.0)
    assert (full.mean(now_ns=2 * WINDOW_NS), sparse.mean(now_ns=2 * WINDOW_NS)) == (None, None)


def ended_at(time_ns: int) -> ReadableSpan:
    return ReadableSpan("x", end_time=time_ns)


def test_what_the_spool_lost_is_told(process: Process, tmp_path: Path) -> None:
    """A folder that cannot be made: each line that should have gone there is counted."""
    (tmp_path / "spool").write_text("a file where the folder should be")
    spool = Spool(tmp_path / "spool")
    process.recorder.dropped = lambda: spool.losses
    assert v.TELEMETRY_DROPPED.name not in process.read()
    for _ in range(3):
        spool.write(b'{"resourceSpans":[]}\n')
    assert process.read()[v.TELEMETRY_DROPPED.name] == {("traces", "spool_write_failed"): 3}


def test_threads_lose_no_count(process: Process) -> None:
    """Eight of them at once."""

    def work() -> None:
        for _ in range(200):
            process.run("coder", **{v.INPUT_TOKENS: 3})

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    read = process.read()
    assert read[v.AGENT_INVOCATIONS.name] == {("coder", "success", "unknown"): 1600}
    assert read[v.AGENT_TOKENS.name]["coder", "input"] == 4800
    assert read[v.AGENT_DURATION.name]["coder", "unknown"][0] == 1600


def test_a_call_that_ends_after_its_agent_still_counts(process: Process) -> None:
    """It hands up to nobody; a total that the next agent repeats counts once, for its own call."""
    with process.agent("coder") as parent:
        pass
    late = trace.set_span_in_context(parent)
    process.tracer.start_span("chat", late, attributes={v.OPERATION: v.CHAT, v.INPUT_TOKENS: 1}).end()
    with process.agent("last", **{v.INPUT_TOKENS: 8}):
        process.tracer.start_span("chat", attributes={v.OPERATION: v.CHAT, v.INPUT_TOKENS: 8}).end()
    tokens = process.read()[v.AGENT_TOKENS.name]
    assert tokens["last", "input"] == 8
    assert ("coder", "input") not in tokens


@pytest.fixture
def exponential() -> Iterator[ScrapedReader]:
    from opentelemetry.sdk.metrics.view import ExponentialBucketHistogramAggregation, View

    reader = ScrapedReader(Histograms(Recorder()))
    view = View(instrument_name="*.latency", aggregation=ExponentialBucketHistogramAggregation())
    meter = MeterProvider([reader], views=[view], shutdown_on_exit=False).get_meter("theirs")
    meter.create_histogram("their.latency").record(1)
    meter.create_counter("their.requests").add(1)
    yield reader
    reader.shutdown()


def test_an_exponential_histogram_of_others_does_not_fail_the_scrape(exponential: ScrapedReader) -> None:
    """It is left out, with a warning; the rest is there."""
    text = generate_latest(REGISTRY).decode()
    assert "their_requests_total" in text
    assert "their_latency" not in text


OWN_PROVIDER = """
from opentelemetry import metrics, trace
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import InMemoryMetricReader
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
reader = InMemoryMetricReader()
metrics.set_meter_provider(MeterProvider([reader]))
trace.set_tracer_provider(TracerProvider())
import tachograph
tachograph.install()
with tachograph.agent("a"): pass
print([metric.name for metric in reader.get_metrics_data().resource_metrics[0].scope_metrics[0].metrics])
"""


def test_a_program_with_a_meter_provider_of_its_own_gets_them_there(tmp_path: Path, launch: Run) -> None:
    """`install()` adds to what the program has set up."""
    ended = launch("env", "-u", "PYTHONPATH", "python", "-c", OWN_PROVIDER)
    assert "'dev_agency.agent.invocations'" in ended.stdout, ended.stderr


def test_a_recorder_that_was_not_started_does_nothing() -> None:
    """No meter, no cost."""
    recorder = Recorder()
    span = TracerProvider(shutdown_on_exit=False).get_tracer("t").start_span("x")
    span.end()
    recorder.record(Ended(span, {}, status_is_error=False))
    assert not recorder._series
