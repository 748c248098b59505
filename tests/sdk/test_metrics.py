"""What a running process tells about itself by metrics: the same as its spans say, scraped or sent."""

import json
import socket
import subprocess
import urllib.request
from collections import Counter, defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest
from prometheus_client.parser import text_string_to_metric_families
from support import LAUNCHER, Receiver, Run, Span, clean_environment, free_port, spooled

from tachograph import settings

SERVICE = """
import random, sys
from opentelemetry import trace
import tachograph

tracer = trace.get_tracer("theirs")
chance = random.Random(7)
OUTCOMES = ["success", "success", "success", "failure", "timeout", "cancellation", "error", "skip"]

def call(name):
    cached = chance.randrange(50)
    usage = {"gen_ai.usage.input_tokens": cached + chance.randrange(900),
             "gen_ai.usage.output_tokens": chance.randrange(90),
             "gen_ai.usage.cache_read.input_tokens": cached, "dev_agency.cost.usd": chance.random()}
    with tracer.start_as_current_span("chat m", attributes={
            "gen_ai.operation.name": "chat", "gen_ai.request.model": chance.choice("xyz"), **usage}):
        # The same call once more, as a second instrumentation underneath would report it.
        with tracer.start_as_current_span("POST", attributes={
                "gen_ai.operation.name": "chat", "gen_ai.request.model": "x", **usage}):
            pass
    return usage

def agent(name, depth=1):
    complexity = chance.choice([None, "simple", "medium", "complex"])
    with tachograph.agent(name, complexity=complexity) as run:
        with tracer.start_as_current_span("prepare_context", attributes={
                "dev_agency.operation": "prepare_context", "dev_agency.context.size": chance.randrange(100_000)}):
            pass
        total = call(name)
        with tachograph.tool("grep"):
            pass
        if depth and chance.random() < 0.3:
            agent("helper", depth - 1)
        if chance.random() < 0.2:
            run.set(total)  # a total that repeats what is below
        outcome = chance.choice(OUTCOMES)
        went_well = outcome in ("success", "skip")
        run.outcome(outcome, None if went_well else chance.choice([None, "no_patch", "budget"]))

def recipe(name):
    try:
        with tachograph.recipe(name, manual_duration=chance.choice([None, 60.0])) as run:
            for step in ("find", "fix", "test"):
                with run.step(step) as running:
                    agent(chance.choice(["coder", "tester"]))
                    running.outcome(chance.choice(OUTCOMES))
            if chance.random() < 0.3:
                raise KeyError(name)
    except KeyError:
        pass

def command(name):
    try:
        with tachograph.command(name):
            sys.exit(chance.choice([0, 0, 3]))
    except SystemExit:
        pass

def work():
    for number in range(300):
        agent(f"agent {number}")
    for _ in range(40):
        recipe(chance.choice(["bug_fix", "review"]))
        command(chance.choice(["app build", "app test"]))

if __name__ == "__main__":
    work()
    print("done", flush=True)
    sys.stdin.read()
"""

Scraped = dict[str, dict[tuple[tuple[str, str], ...], float]]


@contextmanager
def running(folder: Path, program: str = SERVICE, **variables: str) -> Iterator[subprocess.Popen[str]]:
    """A service under the launcher that has done its work and waits; it ends with the block."""
    (folder / "service.py").write_text(program)
    environment = clean_environment(folder / "home", **variables)
    command = [LAUNCHER, "python", "service.py"]
    pipe = subprocess.PIPE
    with subprocess.Popen(
        command, cwd=folder, env=environment, stdin=pipe, stdout=pipe, stderr=pipe, text=True
    ) as process:
        assert process.stdout
        assert process.stdout.readline() == "done\n"
        yield process


def on_port(port: int) -> dict[str, str]:
    """The standard variables that have metrics scraped there."""
    return {
        "OTEL_METRICS_EXPORTER": "prometheus",
        "OTEL_EXPORTER_PROMETHEUS_HOST": "127.0.0.1",
        "OTEL_EXPORTER_PROMETHEUS_PORT": str(port),
    }


def scrape(port: int) -> Scraped:
    """Every sample of ours by name and labels, without the labels that name the instrumentation scope."""
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=30) as response:
        text = response.read().decode()
    found: defaultdict[str, dict[tuple[tuple[str, str], ...], float]] = defaultdict(dict)
    for family in text_string_to_metric_families(text):
        for sample in family.samples:
            if sample.name.startswith("dev_agency_"):
                labels = {key: value for key, value in sample.labels.items() if not key.startswith("otel_scope_")}
                found[sample.name][tuple(sorted(labels.items()))] = sample.value
    return dict(found)


def labels(**values: str) -> tuple[tuple[str, str], ...]:
    """Labels as `scrape` has them."""
    return tuple(sorted(values.items()))


def outcome_of(span: Span) -> str:
    """As the contract has it."""
    failed = span.status["code"] == 2 or span.attributes.get("process.exit.code", 0) != 0
    return str(span.attributes.get("dev_agency.outcome", "failure" if failed else "success"))


def kept(spans: list[Span]) -> set[str]:
    """The first 200 names that any span of an agent, or call for one, brought in; in the order of their ends."""
    names = [str(span.attributes["gen_ai.agent.name"]) for span in spans if counts_for_agent(span)]
    return set(list(dict.fromkeys(names))[:200])


def counts_for_agent(span: Span) -> bool:
    return span.attributes.get("gen_ai.operation.name") in ("chat", "invoke_agent")


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Scraped, list[Span]]:
    """Where a service has run, what it was scraped for, and its spans."""
    folder, port = tmp_path_factory.mktemp("service"), free_port()
    with running(folder, **on_port(port)) as process:
        scraped = scrape(port)
        _, complaints = process.communicate("")
    assert (process.returncode, complaints) == (0, "")
    return folder, scraped, spooled(folder / "home")


Service = tuple[Path, Scraped, list[Span]]


def test_executions_are_counted_by_outcome(service: Service) -> None:
    """Agents, recipes, steps and commands; agents beyond the first 200 are one called other."""
    _, scraped, spans = service
    names = kept(spans)
    expected: Counter[tuple[str, Any]] = Counter()
    for span in spans:
        ended, facts = outcome_of(span), span.attributes
        operation = facts.get("gen_ai.operation.name")
        if operation == "invoke_agent":
            agent = facts["gen_ai.agent.name"] if facts["gen_ai.agent.name"] in names else "other"
            complexity = facts.get("dev_agency.task.complexity", "unknown")
            key = labels(agent_name=agent, outcome=ended, task_complexity=complexity)
            expected["dev_agency_agent_invocations_total", key] += 1
            if ended not in ("success", "skip"):
                key = labels(agent_name=agent, error_type=facts.get("error.type", "unknown"))
                expected["dev_agency_agent_errors_total", key] += 1
        elif operation == "invoke_workflow":
            key = labels(recipe_name=facts["gen_ai.workflow.name"], outcome=ended)
            expected["dev_agency_recipe_executions_total", key] += 1
        elif span.name.startswith("step "):
            step = labels(recipe_name=facts["gen_ai.workflow.name"], step_name=span.name[5:], outcome=ended)
            expected["dev_agency_recipe_steps_total", step] += 1
        elif "dev_agency.command.name" in facts:
            key = labels(command=facts["dev_agency.command.name"], outcome=ended)
            expected["dev_agency_cli_commands_total", key] += 1
    for name in {name for name, _ in expected}:
        assert scraped[name] == {key: count for (of, key), count in expected.items() if of == name}, name
    assert len({dict(key)["agent_name"] for key in scraped["dev_agency_agent_invocations_total"]}) == 201


def test_tokens_and_cost_count_each_call_once(service: Service) -> None:
    """A total further up, or the same call reported by two instrumentations, adds nothing; cached input is apart."""
    _, scraped, spans = service
    names = kept(spans)
    parents = {span.parent for span in spans if "gen_ai.usage.input_tokens" in span.attributes}
    tokens: Counter[Any] = Counter()
    costs: defaultdict[Any, float] = defaultdict(float)
    for span in spans:
        facts = span.attributes
        if "gen_ai.usage.input_tokens" not in facts or span.id in parents:
            continue
        agent = facts["gen_ai.agent.name"] if facts["gen_ai.agent.name"] in names else "other"
        cached = facts["gen_ai.usage.cache_read.input_tokens"]
        of_type = {
            "input": facts["gen_ai.usage.input_tokens"] - cached,
            "cache_read": cached,
            "cache_write": 0,
            "output": facts["gen_ai.usage.output_tokens"],
        }
        for kind, count in of_type.items():
            tokens[labels(agent_name=agent, token_type=kind)] += count
        costs[labels(agent_name=agent, model=facts["gen_ai.request.model"])] += facts["dev_agency.cost.usd"]
    assert scraped["dev_agency_agent_tokens_total"] == tokens
    assert scraped["dev_agency_agent_cost_usd_total"] == pytest.approx(dict(costs), rel=1e-9)


def test_durations_add_up(service: Service) -> None:
    """Without what was skipped; counts exactly, sums to a billionth."""
    _, scraped, spans = service
    names = kept(spans)
    counts: Counter[Any] = Counter()
    sums: defaultdict[Any, float] = defaultdict(float)
    for span in spans:
        facts, operation = span.attributes, span.attributes.get("gen_ai.operation.name")
        if outcome_of(span) == "skip":
            continue
        if operation == "invoke_agent":
            agent = facts["gen_ai.agent.name"] if facts["gen_ai.agent.name"] in names else "other"
            complexity = facts.get("dev_agency.task.complexity", "unknown")
            key = ("dev_agency_agent_duration_seconds", labels(agent_name=agent, task_complexity=complexity))
        elif operation == "invoke_workflow":
            key = ("dev_agency_recipe_duration_seconds", labels(recipe_name=facts["gen_ai.workflow.name"]))
        elif span.name.startswith("step "):
            of = labels(recipe_name=facts["gen_ai.workflow.name"], step_name=span.name[5:])
            key = ("dev_agency_recipe_step_duration_seconds", of)
        elif "dev_agency.command.name" in facts:
            key = ("dev_agency_cli_duration_seconds", labels(command=facts["dev_agency.command.name"]))
        else:
            continue
        counts[key] += 1
        sums[key] += (span.end - span.start) / 1e9
    for name in {name for name, _ in counts}:
        assert scraped[f"{name}_count"] == {key: count for (of, key), count in counts.items() if of == name}
        summed = {key: amount for (of, key), amount in sums.items() if of == name}
        assert scraped[f"{name}_sum"] == pytest.approx(summed, rel=1e-9)


def test_metrics_agree_with_the_command_line(service: Service, tachograph: Run) -> None:
    """After ingest `tachograph agents` and `recipes` say the same of every agent that kept its name."""
    pytest.importorskip("duckdb", reason="the command line's figures need the analysis extra")
    folder, scraped, spans = service
    home = folder / "home"
    tachograph("ingest", home=home)
    agents = {row["agent_name"]: row for row in json.loads(tachograph("agents", "--format", "json", home=home).stdout)}
    recipes = json.loads(tachograph("recipes", "--format", "json", home=home).stdout)
    for name in kept(spans) & agents.keys():
        row = agents[name]
        counted = summed(scraped, "dev_agency_agent_invocations_total", agent_name=name)
        skipped = summed(scraped, "dev_agency_agent_invocations_total", agent_name=name, outcome="skip")
        succeeded = summed(scraped, "dev_agency_agent_invocations_total", agent_name=name, outcome="success")
        assert (counted - skipped, succeeded) == (row["total_invocations"], row["successful_invocations"])
        rate = scraped["dev_agency_agent_success_rate"][labels(agent_name=name)]
        assert rate == pytest.approx(row["success_rate"], rel=1e-9)
        seconds = summed(scraped, "dev_agency_agent_duration_seconds_sum", agent_name=name)
        assert seconds * 1e3 == pytest.approx(row["avg_duration_ms"] * row["total_invocations"], rel=1e-9)
        sizes = summed(scraped, "dev_agency_agent_context_size_tokens_sum", agent_name=name)
        assert sizes == pytest.approx(row["avg_context_size"] * row["total_invocations"], rel=1e-9)
        if not skipped:  # tokens are counted before it is known that their execution will be skipped
            for kind in ("input", "cache_read", "cache_write", "output"):
                tokens = summed(scraped, "dev_agency_agent_tokens_total", agent_name=name, token_type=kind)
                assert tokens == row["tokens"][kind]
            cost = summed(scraped, "dev_agency_agent_cost_usd_total", agent_name=name)
            assert cost == pytest.approx(row["cost_usd"], rel=1e-9)
    for row in recipes:
        of = labels(recipe_name=row["recipe_name"])
        assert scraped["dev_agency_recipe_duration_seconds_count"][of] == row["total_executions"]
        assert scraped["dev_agency_recipe_success_rate"][of] == pytest.approx(row["success_rate"], rel=1e-9)
        saved = scraped["dev_agency_recipe_time_saved_ratio"][of]
        assert saved * 100 == pytest.approx(row["avg_time_savings_pct"], rel=1e-9)


def summed(scraped: Scraped, name: str, **wanted: str) -> float:
    """The sum of a metric over all label sets with the wanted labels."""
    return sum(value for key, value in scraped[name].items() if wanted.items() <= dict(key).items())


PARENT = """
import os, signal, subprocess, sys
import tachograph

with tachograph.agent("parent"):
    pass
child = "import tachograph\\nwith tachograph.agent('child'): pass\\nprint('child ran')"
ended = subprocess.run(["python", "-c", child], capture_output=True, text=True)
print("done", flush=True)
print(ended.returncode, ended.stdout.strip(), ended.stderr.strip(), sep="|", flush=True)
forked = os.fork()
if not forked:
    with tachograph.agent("forked"):
        pass
    print(os.getpid(), flush=True)
    sys.stdin.read()
    os._exit(0)
signal.pause()  # until it is killed; the forked child lives on until its input ends
"""


def test_a_child_that_inherits_the_setting_works_and_leaves_the_port(tmp_path: Path) -> None:
    """It is told once that it is not scraped; its spans go on, and the parent is still the one that answers."""
    port = free_port()
    with running(tmp_path, PARENT, **on_port(port)) as process:
        assert process.stdout
        code, said, complaint = process.stdout.readline().rstrip("\n").split("|")
        agents = {dict(key)["agent_name"] for key in scrape(port)["dev_agency_agent_invocations_total"]}
        process.stdout.readline()  # the forked child is there
        process.kill()
        process.communicate()
    assert (code, said, agents) == ("0", "child ran", {"parent"})
    assert complaint.startswith(f"tachograph: no metrics for Prometheus on 127.0.0.1:{port} (")
    names = {f"invoke_agent {name}" for name in ("parent", "child", "forked")}
    assert {span.name for span in spooled(tmp_path / "home")} == names


def test_a_forked_child_does_not_keep_the_port_of_a_parent_that_ended(tmp_path: Path) -> None:
    """The next service can have it at once."""
    port = free_port()
    with running(tmp_path, PARENT, **on_port(port)) as process:
        assert process.stdout
        process.stdout.readline()
        forked = process.stdout.readline()
        assert int(forked) != process.pid
        process.kill()
        process.wait()
        with socket.socket() as listener:
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listener.bind(("127.0.0.1", port))


def test_a_port_that_is_taken_is_told_in_one_line(tmp_path: Path, launch: Run) -> None:
    """The program runs, its spans are kept."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        use = "import tachograph\nwith tachograph.agent('a'): pass\nprint('ran')"
        ended = launch("python", "-c", use, **on_port(port))
    assert (ended.returncode, ended.stdout) == (0, "ran\n")
    assert len(ended.stderr.splitlines()) == 1
    assert [span.name for span in spooled(tmp_path / "home")] == ["invoke_agent a"]


@pytest.mark.parametrize("port", ["many", "-1", "65536"])
def test_a_port_that_is_no_port_gives_way_to_the_usual_one(monkeypatch: pytest.MonkeyPatch, port: str) -> None:
    """With a line that says so."""
    monkeypatch.setenv("OTEL_EXPORTER_PROMETHEUS_PORT", port)
    _, used, problem = settings.prometheus_address()
    assert used == 9464
    assert problem == f"OTEL_EXPORTER_PROMETHEUS_PORT={port!r} is not a port; using 9464"


def test_a_collector_is_sent_what_is_scraped(tmp_path: Path, receiver: ThreadingHTTPServer) -> None:
    """Both exporters beside each other: the same label sets and the same values, under names that come out alike."""
    port = free_port()
    variables = on_port(port) | {
        "OTEL_METRICS_EXPORTER": "otlp,prometheus",
        "OTEL_EXPORTER_OTLP_ENDPOINT": f"http://127.0.0.1:{receiver.server_port}",
        "OTEL_EXPORTER_OTLP_PROTOCOL": "http/protobuf",
        "OTEL_TRACES_EXPORTER": "none",
        "TACHOGRAPH_EXIT_MS": "20000",
    }
    with running(tmp_path, **variables) as process:
        scraped = scrape(port)
        _, complaints = process.communicate("")
    assert complaints == ""
    assert sent(ExportMetricsServiceRequest.FromString(Receiver.received["/v1/metrics"][-1])) == {
        name: values for name, values in scraped.items() if not name.endswith(("_bucket", "_created"))
    }


def sent(request: ExportMetricsServiceRequest) -> Scraped:
    """What was sent, as a Collector's Prometheus exporter names it."""
    found: defaultdict[str, dict[tuple[tuple[str, str], ...], float]] = defaultdict(dict)
    for resource in request.resource_metrics:
        for scope in resource.scope_metrics:
            for metric in scope.metrics:
                name = metric.name.replace(".", "_") + ("_seconds" if metric.unit == "s" else "")
                for point in metric.histogram.data_points:
                    of = labels(**{item.key: item.value.string_value for item in point.attributes})
                    found[f"{name}_count"][of], found[f"{name}_sum"][of] = point.count, point.sum
                suffix = "_total" if metric.sum.is_monotonic else ""
                for number in (*metric.sum.data_points, *metric.gauge.data_points):
                    of = labels(**{item.key: item.value.string_value for item in number.attributes})
                    found[name + suffix][of] = number.as_double if number.HasField("as_double") else number.as_int
    return dict(found)


def test_without_a_metrics_exporter_nothing_is_counted(tmp_path: Path, launch: Run) -> None:
    """What counts is not even loaded."""
    program = """
import sys
import tachograph
with tachograph.agent("a"): pass
print([name for name in sys.modules if name.startswith(("tachograph.deliver.metrics", "prometheus_client"))])
"""
    assert launch("python", "-c", program).stdout == "[]\n"


FORKED = """
import os, sys
from opentelemetry import metrics
import tachograph
with tachograph.agent("parent"): pass
if os.fork() == 0:
    with tachograph.agent("child"): pass
    metrics.get_meter_provider().force_flush()
    os._exit(0)
os.wait()
"""


def test_a_forked_child_counts_only_its_own(launch: Run, receiver: ThreadingHTTPServer) -> None:
    """Its sums go on from nothing, or the parent's would count twice; and a flush reaches our readers."""
    endpoint = f"http://127.0.0.1:{receiver.server_port}"
    variables = {"OTEL_EXPORTER_OTLP_PROTOCOL": "http/protobuf", "OTEL_TRACES_EXPORTER": "none"}
    ended = launch("python", "-c", FORKED, OTEL_EXPORTER_OTLP_ENDPOINT=endpoint, TACHOGRAPH_EXIT_MS="9000", **variables)
    assert ended.returncode == 0, ended.stderr
    bodies = [sent(ExportMetricsServiceRequest.FromString(body)) for body in Receiver.received["/v1/metrics"]]
    agents = [{dict(of)["agent_name"] for of in body["dev_agency_agent_invocations_total"]} for body in bodies]
    assert sorted(agents, key=sorted) == [{"child"}, {"parent"}]
