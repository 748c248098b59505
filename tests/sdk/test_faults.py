"""Whatever breaks between a program and where its telemetry goes, the program runs as it would without us."""

import subprocess
import sys
from http.server import ThreadingHTTPServer
from pathlib import Path

import pytest
from support import clean_environment

PROGRAM = """
import asyncio, os, sys, worker
print(worker.add(1), worker.Agent().run("x"), asyncio.run(worker.later(3)), list(worker.count(2)))
try:
    worker.fail()
except LookupError as error:
    print("caught", error)
if hasattr(os, "fork"):
    sys.stdout.flush()
    child = os.fork()
    if not child:
        print("child", worker.add(5))
        sys.stdout.flush()
        os._exit(3)
    print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
from opentelemetry import trace
with trace.get_tracer("theirs").start_as_current_span("own", attributes={"a": [1, 2]}) as span:
    span.add_event("e")
trace.get_tracer_provider().force_flush() if hasattr(trace.get_tracer_provider(), "force_flush") else None
sys.exit(7)
"""
WORKER = """
def add(n): return n + 1
def fail(): raise LookupError("theirs")
async def later(n): return n * 2
def count(n): yield from range(n)
class Agent:
    name = "coder"
    def run(self, task): return {"ok": True, "task": task}
"""
ENTRY_POINTS = (
    "tool: worker:add name=n; tool: worker:fail; model: worker:later; tool: worker:count; "
    "agent: worker:Agent.run class=task success=result.ok"
)
# What the launcher does in the child, with one point broken before it.
BREAK = """
import importlib, runpy, sys
where, _, error = sys.argv[1].partition("=")
def broken(*_, **__): raise {"fault": RuntimeError, "memory": MemoryError, "disk": OSError}[error]("broken on purpose")
if where:
    module, _, path = where.partition(":")
    holder = importlib.import_module(module)
    *parents, name = path.split(".")
    for parent in parents: holder = getattr(holder, parent)
    assert hasattr(holder, name), where
    setattr(holder, name, broken)
from opentelemetry.instrumentation.auto_instrumentation import initialize
initialize()
sys.argv = ["program.py"]
runpy.run_path("program.py", run_name="__main__")
"""

POINTS = {
    "an exporter": "opentelemetry.exporter.otlp.proto.http.trace_exporter:OTLPSpanExporter.export",
    "making an exporter": "opentelemetry.exporter.otlp.proto.http.trace_exporter:OTLPSpanExporter.__init__",
    "shutting an exporter down": "opentelemetry.exporter.otlp.proto.http.trace_exporter:OTLPSpanExporter.shutdown",
    "the spans for an exporter": "tachograph.annotate.processor:AnnotatingProcessor.marked",
    "what an exporter delivered": "tachograph.deliver.segments:acknowledge",
    "the exporter of metrics": "opentelemetry.exporter.otlp.proto.http.metric_exporter:OTLPMetricExporter.export",
    "reading histograms": "tachograph.deliver.metrics.histograms:Histograms.added_to",
    "counting": "tachograph.deliver.metrics.recorder:points",
    "writing to the spool": "tachograph.deliver.spool:Spool.write",
    "opening a segment": "tachograph.deliver.spool:Spool._open",
    "a line": "tachograph.deliver.otlp_json:_start",
    "appending a line": "tachograph.deliver.appending:_Unyielding.write",
    "bounds of the spool": "tachograph.deliver.sweeping:sweep",
    "settings": "tachograph.settings:load",
    "the project's settings": "tachograph.settings:_project_files",
    "where things are kept": "tachograph.environment:home",
    "who runs it": "tachograph.annotate.identity:_salt",
    "an entry point": "tachograph.collect.entry_points:install",
    "a wrapped entry point": "tachograph.collect.entry_points:around",
    "facts at the start": "tachograph.collect.facts:Reader.begin",
    "facts at the end": "tachograph.collect.facts:Reader._judge",
    "following a path": "tachograph.collect.finding:Path.follow",
    "spans from templates": "tachograph.sdk.spans:_Maker.make",
    "the exit": "tachograph.deliver.exporters:bound_exit",
}


def run(folder: Path, broken: str, endpoint: str, *, plain: bool = False) -> "subprocess.CompletedProcess[str]":
    (folder / "program.py").write_text(PROGRAM)
    (folder / "worker.py").write_text(WORKER)
    variables = {"OTEL_EXPORTER_OTLP_ENDPOINT": endpoint, "OTEL_EXPORTER_OTLP_PROTOCOL": "http/protobuf"}
    said = {**variables, "TACHOGRAPH_ENTRY_POINTS": ENTRY_POINTS, "PYTHONPATH": str(folder)}
    command = ["program.py"] if plain else ["-c", BREAK, broken]
    return subprocess.run(
        [sys.executable, *command],
        cwd=folder,
        env=clean_environment(folder / "home", **said),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


# What a full disk and a full memory look like, where either is met first.
CASES = [
    *((point, "fault") for point in POINTS),
    *((point, "disk") for point in ("writing to the spool", "opening a segment", "appending a line", "an exporter")),
    *((point, "memory") for point in ("a line", "an exporter", "spans from templates")),
]


@pytest.fixture(scope="module")
def untouched(tmp_path_factory: pytest.TempPathFactory) -> str:
    """What the program prints without telemetry."""
    done = run(tmp_path_factory.mktemp("plain"), "", "", plain=True)
    assert done.returncode == 7
    return done.stdout


@pytest.mark.parametrize(("point", "error"), CASES)
def test_a_fault_behind_the_host_never_reaches_it(
    tmp_path: Path, receiver: ThreadingHTTPServer, untouched: str, point: str, error: str
) -> None:
    """Output, exit status and that of a forked child are those without telemetry, with the point broken."""
    broken = run(tmp_path, f"{POINTS[point]}={error}", f"http://127.0.0.1:{receiver.server_port}")
    assert (broken.stdout, broken.returncode) == (untouched, 7), broken.stderr


def test_with_nothing_broken_everything_is_recorded(tmp_path: Path, receiver: ThreadingHTTPServer) -> None:
    """So that the tests above break what is really there."""
    done = run(tmp_path, "", f"http://127.0.0.1:{receiver.server_port}")
    assert done.returncode == 7
    lines = "".join(file.read_text() for file in (tmp_path / "home" / "spool").glob("*.jsonl"))
    for name in (
        "execute_tool 1",
        "execute_tool fail",
        "invoke_agent coder",
        "chat later",
        "execute_tool count",
        "own",
    ):
        assert f'"name":"{name}"' in lines


@pytest.mark.parametrize("point", ["tachograph.settings:load", "tachograph.environment:home"])
def test_starting_from_code_never_raises(tmp_path: Path, point: str) -> None:
    """`install()` stands in the program's own lines."""
    program = (
        "import importlib, sys, tachograph\n"
        f"holder, name = importlib.import_module({point.partition(':')[0]!r}), {point.partition(':')[2]!r}\n"
        "def broken(): raise RuntimeError('broken on purpose')\n"
        "setattr(holder, name, broken)\n"
        "tachograph.install()\n"
        "print(tachograph.tool('t')(lambda: 5)())\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program],
        env=clean_environment(tmp_path / "home"),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (done.stdout, done.returncode) == ("5\n", 0), done.stderr
    assert "broken on purpose" in done.stderr
