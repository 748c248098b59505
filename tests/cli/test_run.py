"""`tachograph run -- CMD`: the program as if nobody stood around it, and one command span."""

import hashlib
import json
import os
import pty
import select
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from support import COMMAND, LAUNCHER, Run, Span, clean_environment, spooled

TRACE, PARENT = "0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331"


def only_span(tmp_path: Path) -> Span:
    (span,) = spooled(tmp_path / "home")
    return span


@pytest.mark.parametrize(
    ("command", "status", "outcome", "error"),
    [
        (["sh", "-c", "exit 7"], 7, "failure", "exit_code_7"),
        (["true"], 0, "success", None),
        (["sh", "-c", "kill -KILL $$"], 137, "error", "SIGKILL"),
        (["sh", "-c", "kill -TERM $$"], 143, "cancellation", "SIGTERM"),
        (["sh", "-c", "exit 130"], 130, "cancellation", "SIGINT"),
        (["no-such-command"], 127, "failure", "exit_code_127"),
        (["./no/such/file"], 127, "failure", "exit_code_127"),
        (["./plain.txt"], 126, "failure", "exit_code_126"),
        (["."], 126, "failure", "exit_code_126"),
        (["./headless", "5"], 5, "failure", "exit_code_5"),
    ],
)
def test_the_exit_status_is_the_programs(
    tmp_path: Path, tachograph: Run, command: list[str], status: int, outcome: str, error: str | None
) -> None:
    """Also where a signal killed it, where it is not there or no program, as a shell has it."""
    (tmp_path / "plain.txt").write_text("text")
    (tmp_path / "headless").write_text("exit $1\n")
    (tmp_path / "headless").chmod(0o755)
    ended = tachograph("run", "--", *command)
    assert ended.returncode == status
    assert ended.stdout == ""
    assert ended.stderr.count("\n") == (1 if status in (126, 127) else 0)
    span = only_span(tmp_path)
    name = command[0].rpartition("/")[2]
    assert (span.name, span.attributes["process.executable.name"]) == (name, name)
    assert span.attributes["process.exit.code"] == status
    assert span.attributes.get("dev_agency.outcome", "success") == outcome
    assert span.attributes.get("error.type") == error


def test_options_of_the_child_are_its_own(tmp_path: Path, tachograph: Run) -> None:
    """Everything behind the dashes, more dashes included, and none of it in the telemetry."""
    ended = tachograph("run", "--", "echo", "--help", "--store", "--", "s3cret")
    assert ended.stdout == "--help --store -- s3cret\n"
    assert all(b"s3cret" not in file.read_bytes() for file in (tmp_path / "home" / "spool").iterdir())


@pytest.mark.parametrize("arguments", [["run"], ["run", "--"], ["run", "true"]])
def test_nothing_to_run_is_wrong_use(tachograph: Run, arguments: list[str]) -> None:
    """One line that says how."""
    ended = tachograph(*arguments)
    assert (ended.returncode, ended.stdout, ended.stderr.count("\n")) == (2, "", 1)


def test_input_goes_in_and_a_hundred_megabytes_come_out(tmp_path: Path) -> None:
    """Byte for byte, through pipes."""
    copy = "import shutil, sys; shutil.copyfileobj(sys.stdin.buffer, sys.stdout.buffer)"
    block = os.urandom(1 << 20)
    (tmp_path / "data").write_bytes(block * 100)
    with (tmp_path / "data").open("rb") as stdin:
        ended = subprocess.run(
            [COMMAND, "run", "--", sys.executable, "-c", copy],
            env=clean_environment(tmp_path / "home"),
            stdin=stdin,
            capture_output=True,
            timeout=120,
            check=True,
        )
    expected = hashlib.sha256((tmp_path / "data").read_bytes()).digest()
    assert hashlib.sha256(ended.stdout).digest() == expected
    assert ended.stderr == b""


# Writes without a buffer, for a handler may run while the line before it is being written.
WAITS = """
import os, signal, sys
def say(*words):
    os.write(1, (" ".join(map(str, words)) + "\\n").encode())
def told(number, frame):
    say(signal.Signals(number).name)
    if number != signal.SIGWINCH: sys.exit(9)
for name in ("SIGINT", "SIGTERM", "SIGHUP", "SIGQUIT", "SIGWINCH", "SIGUSR1"):
    signal.signal(getattr(signal, name), told)
say("ready", sys.stdin.isatty(), sys.stdout.isatty())
while True: signal.pause()
"""


@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM", "SIGHUP", "SIGQUIT", "SIGUSR1"])
def test_signals_to_the_parent_reach_the_child(tmp_path: Path, name: str) -> None:
    """Which decides what becomes of them."""
    command = [COMMAND, "run", "--", sys.executable, "-c", WAITS]
    environment = clean_environment(tmp_path / "home")
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        assert process.stdout.readline().startswith("ready")
        process.send_signal(signal.SIGWINCH)
        assert process.stdout.readline() == "SIGWINCH\n"
        process.send_signal(getattr(signal, name))
        assert process.stdout.read() == f"{name}\n"
    assert process.returncode == 9
    assert only_span(tmp_path).attributes["process.exit.code"] == 9


@pytest.mark.parametrize(("name", "status"), [("SIGTERM", 143), ("SIGINT", 130)])
def test_a_child_that_dies_of_a_signal(tmp_path: Path, name: str, status: int) -> None:
    """Ends the parent with the status of shells, and the span is there."""
    command = [COMMAND, "run", "--", "sh", "-c", "echo ready; exec sleep 60"]
    environment = clean_environment(tmp_path / "home")
    # Whoever runs the tests in the background may have them ignore Ctrl-C, which children inherit.
    as_ever = signal.signal(signal.SIGINT, signal.default_int_handler)
    process = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True)
    signal.signal(signal.SIGINT, as_ever)
    with process:
        assert process.stdout
        assert process.stdout.readline() == "ready\n"
        process.send_signal(getattr(signal, name))
    assert process.returncode == status
    assert only_span(tmp_path).attributes["dev_agency.outcome"] == "cancellation"


def read_until(descriptor: int, holds: Callable[[bytes], bool]) -> bytes:
    said = b""
    while not holds(said):
        ready, _, _ = select.select([descriptor], [], [], 60)
        assert ready, said
        try:
            said += os.read(descriptor, 4096)
        except OSError:  # the terminal was closed
            break
    return said


@pytest.mark.parametrize(("key", "name"), [(b"\x03", b"SIGINT"), (b"\x1c", b"SIGQUIT")])
def test_on_a_terminal(tmp_path: Path, key: bytes, name: bytes) -> None:
    """The program sees a terminal; keys and a change of its size reach it once each, and Ctrl-C is the program's."""
    environment = clean_environment(tmp_path / "home")
    child, terminal = pty.fork()
    if child == 0:
        os.execve(COMMAND, [str(COMMAND), "run", "--", sys.executable, "-c", WAITS], environment)  # noqa: S606
    read_until(terminal, lambda said: b"ready True True" in said)
    import termios

    termios.tcsetwinsize(terminal, (33, 99))
    read_until(terminal, lambda said: b"SIGWINCH" in said)
    os.write(terminal, key)
    said = read_until(terminal, lambda _: False)
    assert said.count(name) == 1
    _, status = os.waitpid(child, 0)
    os.close(terminal)
    assert os.waitstatus_to_exitcode(status) == 9
    assert only_span(tmp_path).attributes["process.exit.code"] == 9


def test_spans_of_the_child_attach_and_the_caller_stays_the_parent(tmp_path: Path) -> None:
    """TRACEPARENT in, TRACEPARENT out, over a shell to a program under the launcher."""
    (tmp_path / "app.py").write_text("import tachograph\nwith tachograph.tool('below'): pass\n")
    subprocess.run(
        [COMMAND, "run", "--", "sh", "-c", f"{LAUNCHER} python app.py"],
        cwd=tmp_path,
        env=clean_environment(tmp_path / "home", TRACEPARENT=f"00-{TRACE}-{PARENT}-01"),
        timeout=60,
        check=True,
    )
    spans = {span.name: span for span in spooled(tmp_path / "home")}
    assert {span.trace for span in spans.values()} == {TRACE}
    assert spans["sh"].parent == PARENT
    assert spans["execute_tool below"].parent == spans["sh"].id


def test_it_is_one_command_under_the_launcher_too(tmp_path: Path) -> None:
    """tachograph itself is no command of anybody."""
    environment = clean_environment(tmp_path / "home")
    subprocess.run([LAUNCHER, COMMAND, "run", "--", "true"], env=environment, timeout=60, check=True)
    assert only_span(tmp_path).name == "true"


def test_it_loads_no_analysis(tmp_path: Path) -> None:
    """It runs where the analysis extra is not installed, and does not wait for it where it is."""
    hide = (
        "import sys\nfor name in ('duckdb', 'numpy', 'pyarrow', 'msgspec', 'rich', 'scipy', 'zstandard'):"
        " sys.modules[name] = None\n"
        "from tachograph.cli import main\nmain(['run', '--', 'sh', '-c', 'exit 7'])"
    )
    environment = clean_environment(tmp_path / "home")
    ended = subprocess.run([sys.executable, "-c", hide], env=environment, capture_output=True, text=True, timeout=60)
    assert (ended.returncode, ended.stderr) == (7, "")
    assert only_span(tmp_path).attributes["process.exit.code"] == 7


def test_it_runs_where_nothing_can_be_recorded(tmp_path: Path) -> None:
    """A home that is a file, settings that are nonsense: the program does not notice."""
    (tmp_path / "home").write_text("not a folder")
    environment = clean_environment(tmp_path / "home", OTEL_TRACES_EXPORTER="nonsense", TACHOGRAPH_EXIT_MS="soon")
    command = [COMMAND, "run", "--", sys.executable, "-c", "import json; print(json.dumps(1)); raise SystemExit(3)"]
    ended = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60)
    assert (ended.returncode, json.loads(ended.stdout)) == (3, 1)
    assert "Traceback" not in ended.stderr
