"""Python children of `tachograph run`: the same spans as under the launcher, and nothing where there are none."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from support import COMMAND, clean_environment, spooled

PYTHON = Path(sys.executable)

SPANS = """
from opentelemetry import trace
tracer = trace.get_tracer("theirs")
with tracer.start_as_current_span("one"):
    with tracer.start_as_current_span("two", attributes={"size": 3}): pass
tracer.start_span("three").end()
"""


def run(
    folder: Path, program: str, *arguments: str, command: Path = COMMAND, **variables: str
) -> subprocess.CompletedProcess[str]:
    """The program by `tachograph run`."""
    (folder / "app.py").write_text(program)
    return subprocess.run(
        [command, "run", "--", PYTHON, *arguments, folder / "app.py"],
        env=clean_environment(folder / "home", **variables),
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_spans_of_the_program_are_in_the_trace_of_the_command(tmp_path: Path) -> None:
    """With parents, attributes and what they inherit; whoever made them."""
    ended = run(tmp_path, SPANS)
    assert (ended.returncode, ended.stderr) == (0, "")
    spans = {span.name: span for span in spooled(tmp_path / "home")}
    (command,) = [span for span in spans.values() if "process.exit.code" in span.attributes]
    assert spans.keys() == {"one", "two", "three", command.name}
    assert spans["two"].parent == spans["one"].id
    assert spans["one"].parent == spans["three"].parent == command.id
    assert {span.trace for span in spans.values()} == {command.trace}
    assert spans["two"].attributes["size"] == 3
    assert spans["two"].attributes["user.id"] == command.attributes["user.id"]


def test_decorators_work_as_they_do_under_the_launcher(tmp_path: Path) -> None:
    """Agents and their marks."""
    run(tmp_path, "import tachograph\n@tachograph.agent('coder')\ndef code(): pass\ncode()\n")
    names = {span.name for span in spooled(tmp_path / "home")}
    assert names == {"invoke_agent coder", PYTHON.name}


def test_a_program_without_spans_loads_nothing_of_opentelemetry(tmp_path: Path) -> None:
    """Nor most of ours."""
    ended = run(
        tmp_path, "import sys\nprint(*[name for name in sys.modules if 'telemetry' in name or 'wrapt' in name])"
    )
    assert ended.stdout == "\n"
    assert len(spooled(tmp_path / "home")) == 1


OWN_PROVIDER = """
from opentelemetry import trace
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
early = trace.get_tracer("early")
seen = InMemorySpanExporter()
provider = TracerProvider()
provider.add_span_processor(SimpleSpanProcessor(seen))
trace.set_tracer_provider(provider)
assert trace.get_tracer_provider() is provider
early.start_span("mine").end()
print([span.name for span in seen.get_finished_spans()])
"""


def test_a_program_with_a_provider_of_its_own_keeps_it(tmp_path: Path) -> None:
    """Its exporters get its spans as ever, and so does the spool."""
    ended = run(tmp_path, OWN_PROVIDER)
    assert (ended.stdout, ended.stderr) == ("['mine']\n", "")
    assert "mine" in [span.name for span in spooled(tmp_path / "home")]


def test_a_fault_of_ours_is_one_line_and_the_program_runs_on(tmp_path: Path) -> None:
    """Here a home that cannot be made, and settings that are garbage."""
    (tmp_path / "home").write_text("a file where the folder should be")
    ended = run(tmp_path, SPANS + "print('done')", TACHOGRAPH_SPOOL_MAX_MB="much")
    assert (ended.returncode, ended.stdout) == (0, "done\n")
    assert "Traceback" not in ended.stderr


def test_the_users_own_sitecustomize_still_runs(tmp_path: Path) -> None:
    """Ours stands before it on the path and hides it otherwise."""
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "sitecustomize.py").write_text("print('mine')")
    ended = run(tmp_path, SPANS, PYTHONPATH=str(tmp_path / "mine"))
    assert (ended.stdout, ended.stderr) == ("mine\n" * 2, "")  # in the Python of `tachograph` itself, and in the child
    assert len(spooled(tmp_path / "home")) == 4


@pytest.mark.parametrize("flag", ["-E", "-I", "-S"])
def test_a_python_that_is_told_to_look_at_nothing_runs_without_us(tmp_path: Path, flag: str) -> None:
    """Its command has a span all the same."""
    ended = run(tmp_path, "print('done')", flag)
    assert (ended.returncode, ended.stdout) == (0, "done\n")
    assert len(spooled(tmp_path / "home")) == 1


def test_a_program_under_both_has_one_command_span(tmp_path: Path) -> None:
    """The child tells `tachograph run` what only its command library knows: subcommand, options, the exception."""
    program = """
import argparse
parser = argparse.ArgumentParser(prog="app")
sub = parser.add_subparsers().add_parser("build")
sub.add_argument("--fast", action="store_true")
parser.parse_args()
raise ValueError("broken")
"""
    (tmp_path / "app.py").write_text(program)
    launcher = PYTHON.with_name("opentelemetry-instrument")
    ended = subprocess.run(
        [COMMAND, "run", "--", launcher, PYTHON, tmp_path / "app.py", "build", "--fast"],
        env=clean_environment(tmp_path / "home"),
        capture_output=True,
        timeout=60,
        check=False,
    )
    assert ended.returncode == 1
    (span,) = spooled(tmp_path / "home")
    assert span.name == "app build"
    assert span.attributes["dev_agency.command.options"] == ["--fast"]
    assert (span.attributes["process.exit.code"], span.attributes["error.type"]) == (1, "ValueError")
    assert span.status["message"] == "broken"
    assert not [file for file in (tmp_path / "home").iterdir() if file.name.startswith("run-")]


def test_instrumentations_of_others_are_loaded_with_what_they_instrument(tmp_path: Path) -> None:
    """Found by the name of their distribution; a made-up one stands for those that are not installed here."""
    site = tmp_path / "site"
    (site / "opentelemetry_instrumentation_madeup-1.0.dist-info").mkdir(parents=True)
    (site / "opentelemetry_instrumentation_madeup-1.0.dist-info" / "METADATA").write_text(
        "Metadata-Version: 2.1\nName: opentelemetry-instrumentation-madeup\nVersion: 1.0\n"
    )
    (site / "opentelemetry_instrumentation_madeup-1.0.dist-info" / "entry_points.txt").write_text(
        "[opentelemetry_instrumentor]\nmadeup = madeup_instrumentation:Instrumentor\n"
    )
    (site / "madeup.py").write_text("def call(): pass\n")
    (site / "madeup_instrumentation.py").write_text(
        "import madeup\nfrom opentelemetry import trace\n"
        "class Instrumentor:\n"
        "    def instrument(self):\n"
        "        plain = madeup.call\n"
        "        def call():\n"
        "            with trace.get_tracer('madeup').start_as_current_span('madeup.call'): plain()\n"
        "        madeup.call = call\n"
    )
    ended = run(tmp_path, "import madeup; madeup.call()", PYTHONPATH=str(site))
    assert (ended.returncode, ended.stderr) == (0, "")
    assert "madeup.call" in {span.name for span in spooled(tmp_path / "home")}


def test_lines_written_without_an_sdk_are_otlp(tmp_path: Path) -> None:
    """Both lines parse as protobuf-JSON requests, whatever stands in names and variables."""
    from google.protobuf import json_format
    from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
    from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

    odd = tmp_path / 'o"d\\d\nname'
    odd.write_text("#!/bin/sh\nexit 3\n")
    odd.chmod(0o755)
    variables = {"OTEL_RESOURCE_ATTRIBUTES": "team=a%20b,service.version=2", "OTEL_SERVICE_NAME": "shop"}
    subprocess.run(
        [COMMAND, "run", "--", odd], env=clean_environment(tmp_path / "home", **variables), timeout=60, check=False
    )
    (file,) = (tmp_path / "home" / "spool").iterdir()
    log, span = file.read_text().splitlines()
    json_format.Parse(log, ExportLogsServiceRequest())
    read = json_format.Parse(span, ExportTraceServiceRequest())
    assert read.resource_spans[0].scope_spans[0].spans[0].name == 'o"d\\d\nname'
    resource = {
        item["key"]: item["value"]["stringValue"]
        for item in json.loads(span)["resourceSpans"][0]["resource"]["attributes"]
    }
    assert (resource["service.name"], resource["team"], resource["service.version"]) == ("shop", "a b", "2")
    assert oct(file.stat().st_mode)[-3:] == "600"
