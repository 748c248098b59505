"""A program under opentelemetry-instrument: no change to its code, nothing lost, nothing disturbed."""

import os
import shutil
import signal
import subprocess
from http.server import ThreadingHTTPServer
from pathlib import Path

import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from support import LAUNCHER, Receiver, Run, clean_environment, spooled

APP = """
import sys
from opentelemetry import trace
import work

tracer = trace.get_tracer("theirs")
with tracer.start_as_current_span("invoke_agent theirs", attributes={
    "gen_ai.operation.name": "invoke_agent", "gen_ai.agent.name": "theirs"}):
    print(work.complete("hello"))
work.Coder().run(work.Task())
print("to stderr", file=sys.stderr)
sys.exit(int(sys.argv[1]))
"""
WORK = """
class Usage:
    given = 12
    made = 3

class Answer:
    usage = Usage()
    text = "hi"
    def __str__(self): return self.text

class Task:
    kind = "bug"
    complexity = "simple"

def complete(prompt, model="m-1"):
    return Answer()

class Coder:
    name = "coder"
    def run(self, task):
        complete(task.kind)
"""
POINTS = (
    "model: work:complete name=model input_tokens=result.usage.given output_tokens=result.usage.made;"
    " agent: work:*.run class=task.kind complexity=task.complexity"
)


@pytest.fixture
def app(tmp_path: Path) -> Path:
    (tmp_path / "app.py").write_text(APP)
    (tmp_path / "work.py").write_text(WORK)
    return tmp_path


def test_entry_points_become_spans_without_a_change_to_the_code(app: Path, launch: Run) -> None:
    """Names, tokens, class and complexity come from arguments and results; others' agents are marked too."""
    ended = launch("python", "app.py", "0", TACHOGRAPH_ENTRY_POINTS=POINTS)
    assert (ended.returncode, ended.stdout, ended.stderr) == (0, "hi\n", "to stderr\n")
    call, theirs, call_below, coder = spooled(app / "home")
    assert [span.name for span in (call, theirs, call_below, coder)] == [
        "chat m-1",
        "invoke_agent theirs",
        "chat m-1",
        "invoke_agent coder",
    ]
    assert call.parent == theirs.id
    assert theirs.attributes["dev_agency.tokens.total"] == 15
    assert call_below.attributes["gen_ai.agent.name"] == "coder"
    assert coder.attributes["dev_agency.task.class"] == "bug"
    assert coder.attributes["dev_agency.task.complexity"] == "simple"


def test_entry_points_may_stand_in_pyproject(app: Path, launch: Run) -> None:
    """As text or as a table, in the nearest pyproject.toml that has the table."""
    (app / "pyproject.toml").write_text(
        '[tool.tachograph]\nentry_points = ["agent: work:Coder.run", {role = "model", target = "work:complete"}]\n'
    )
    launch("python", "app.py", "0")
    assert {span.name for span in spooled(app / "home")} == {
        "chat complete",
        "invoke_agent theirs",
        "invoke_agent coder",
    }


def test_a_pattern_on_a_package_reaches_its_submodules(tmp_path: Path, launch: Run) -> None:
    """Whether the package imports them itself or the program does, later."""
    package = tmp_path / "crew"
    package.mkdir()
    (package / "__init__.py").write_text("from crew.early import Early\n")
    for name in ("Early", "Late"):
        (package / f"{name.lower()}.py").write_text(f"class {name}:\n    def run(self): return '{name}'\n")
    (tmp_path / "app.py").write_text(
        "import crew\nprint(crew.Early().run())\nfrom crew.late import Late\nprint(Late().run())\n"
    )
    ended = launch("python", "app.py", TACHOGRAPH_ENTRY_POINTS="agent: crew:*.run")
    assert (ended.stdout, ended.stderr) == ("Early\nLate\n", "")
    assert [span.name for span in spooled(tmp_path / "home")] == ["invoke_agent Early", "invoke_agent Late"]


@pytest.mark.parametrize("code", [0, 3])
def test_the_exit_status_is_the_programs_own(app: Path, launch: Run, code: int) -> None:
    """Whatever it is."""
    assert launch("python", "app.py", str(code)).returncode == code


KILLED = """
import os, sys, time
import tachograph

for number in range(50):
    with tachograph.tool(f"t{number}"):
        pass
print("ready", flush=True)
with tachograph.agent("open"):
    time.sleep(60)
"""


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM])
def test_finished_spans_survive_a_kill(tmp_path: Path, how: signal.Signals) -> None:
    """All fifty, and not the one that was still open."""
    (tmp_path / "app.py").write_text(KILLED)
    environment = clean_environment(tmp_path / "home")
    command = [LAUNCHER, "python", "app.py"]
    with subprocess.Popen(command, cwd=tmp_path, env=environment, stdout=subprocess.PIPE) as process:
        assert process.stdout
        assert process.stdout.readline() == b"ready\n"
        process.send_signal(how)
    assert [span.name for span in spooled(tmp_path / "home")] == [f"execute_tool t{number}" for number in range(50)]


def unwritable(home: Path) -> None:
    home.write_text("a file where the folder should be")


def untouched(home: Path) -> None:
    """The settings are what is broken."""


BROKEN = {
    "unwritable home": (unwritable, {}),
    "home in the middle of nowhere": (untouched, {"TACHOGRAPH_HOME": "/proc/nowhere/at/all"}),
    "garbage in settings": (
        untouched,
        {
            "TACHOGRAPH_ENTRY_POINTS": "agent; :::; agent: work:*.run name=)(; nonsense: a:b; agent: no.such:thing",
            "TACHOGRAPH_EXIT_MS": "soon",
            "TACHOGRAPH_SPOOL": "\x01",
        },
    ),
    "garbage in OpenTelemetry's settings": (
        untouched,
        {
            "OTEL_TRACES_SAMPLER": "dice",
            "OTEL_TRACES_EXPORTER": "pigeon",
            "OTEL_BSP_SCHEDULE_DELAY": "later",
            "OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT": "many",
        },
    ),
    "an exporter that reaches nobody": (
        untouched,
        {"OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:9", "OTEL_EXPORTER_OTLP_PROTOCOL": "http/protobuf"},
    ),
}


@pytest.mark.parametrize("case", BROKEN)
def test_with_telemetry_broken_the_program_behaves_as_without_it(app: Path, launch: Run, case: str) -> None:
    """Same result, same output; what is wrong is told on standard error at most."""
    prepare, variables = BROKEN[case]
    prepare(app / "home")
    ended = launch("python", "app.py", "3", **{"TACHOGRAPH_ENTRY_POINTS": POINTS, **variables})
    assert (ended.returncode, ended.stdout) == (3, "hi\n")
    assert "to stderr" in ended.stderr


def test_spans_are_kept_when_an_exporter_cannot_be_had(app: Path, launch: Run) -> None:
    """A wrong name for an exporter costs the exporter, not the spool."""
    ended = launch("python", "app.py", "0", OTEL_TRACES_EXPORTER="pigeon")
    assert "pigeon" in ended.stderr
    assert "Traceback" not in ended.stderr
    assert [span.name for span in spooled(app / "home")] == ["invoke_agent theirs"]


def test_a_broken_pyproject_is_told_in_one_line(app: Path, launch: Run) -> None:
    """And the program runs."""
    (app / "pyproject.toml").write_text("[tool.tachograph\nentry_points = ")
    ended = launch("python", "app.py", "0")
    assert ended.returncode == 0
    complaints = [line for line in ended.stderr.splitlines() if line != "to stderr"]
    assert len(complaints) == 1
    assert "pyproject.toml cannot be read" in complaints[0]


@pytest.mark.skipif(os.geteuid() != 0 or not shutil.which("mount"), reason="needs to mount a small disk")
def test_a_full_disk_does_not_disturb_the_program(app: Path, launch: Run) -> None:
    """A real file system of 64 KiB that fills up under the spool."""
    home = app / "home"
    home.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", str(home)], check=False)
    if mounted.returncode:
        pytest.skip("mounting is not allowed here")
    try:
        (app / "app.py").write_text(KILLED.replace("range(50)", "range(500)").replace("time.sleep(60)", "print('end')"))
        ended = launch("python", "app.py")
        assert (ended.returncode, ended.stdout) == (0, "ready\nend\n")
        assert ended.stderr.count("cannot be written") == 1
    finally:
        subprocess.run(["umount", str(home)], check=True)


def test_a_named_endpoint_gets_annotated_spans_beside_the_spool(
    app: Path, launch: Run, receiver: ThreadingHTTPServer
) -> None:
    """Also the agent span that another instrumentation made and ended before anybody could mark it."""
    launch(
        "python",
        "app.py",
        "0",
        TACHOGRAPH_ENTRY_POINTS=POINTS,
        OTEL_EXPORTER_OTLP_ENDPOINT=f"http://127.0.0.1:{receiver.server_port}",
        OTEL_EXPORTER_OTLP_PROTOCOL="http/protobuf",
        TACHOGRAPH_EXIT_MS="20000",
    )
    sent = {
        span.name: {item.key: item.value for item in span.attributes}
        for request in map(ExportTraceServiceRequest.FromString, Receiver.received["/v1/traces"])
        for resource in request.resource_spans
        for scope in resource.scope_spans
        for span in scope.spans
    }
    assert sent.keys() == {span.name for span in spooled(app / "home")}
    assert sent["invoke_agent theirs"]["dev_agency.tokens.total"].int_value == 15


def test_the_spool_can_be_switched_off(app: Path, launch: Run) -> None:
    """Then nothing is written at all but the salt of the user's hash."""
    launch("python", "app.py", "0", TACHOGRAPH_SPOOL="off")
    assert not (app / "home" / "spool").exists()


def test_without_a_launcher_install_starts_it_from_code(tmp_path: Path) -> None:
    """Once, however often it is called; also on a tracer provider that the program made itself."""
    own_provider = """
from opentelemetry import trace
from opentelemetry.sdk.trace import TracerProvider
trace.set_tracer_provider(TracerProvider())
"""
    use = "import tachograph\ntachograph.install(); tachograph.install()\nwith tachograph.agent('a'): pass\n"
    for name, program in (("plain", use), ("own", own_provider + use)):
        environment = clean_environment(tmp_path / name)
        subprocess.run(["python", "-c", program], env=environment, check=True, timeout=60)
        assert [span.name for span in spooled(tmp_path / name)] == ["invoke_agent a"]


def test_a_declarative_configuration_file_still_gets_our_processor(app: Path, launch: Run) -> None:
    """It replaces what a configurator passes, so ours is attached afterwards."""
    (app / "otel.yaml").write_text(
        'file_format: "1.0"\ntracer_provider: {processors: [{simple: {exporter: {console: {}}}}]}\n'
    )
    launch("python", "app.py", "0", OTEL_CONFIG_FILE="otel.yaml")
    assert [span.name for span in spooled(app / "home")] == ["invoke_agent theirs"]
