"""No secret, no content and nobody's name in any byte that leaves a process: spool, OTLP, Prometheus, logs."""

import json
import socket
import stat
import subprocess
import urllib.request
from contextlib import closing
from http.server import ThreadingHTTPServer
from pathlib import Path
from urllib.parse import quote

import pytest
from secret_samples import SAMPLES, pieces
from support import LAUNCHER, Receiver, Run, clean_environment, spooled

PROGRAM = """
import json, logging, os, sys
from opentelemetry import metrics, trace
from opentelemetry._logs import get_logger
import tachograph

said = json.load(open("said.json"))
tracer = trace.get_tracer("theirs")
logger = get_logger("theirs")
ours = logging.getLogger("tachograph")
ours.addHandler(logging.StreamHandler())
ours.handlers[0].setFormatter(logging.Formatter("OURS %(message)r"))
from opentelemetry.trace import Link, Status, StatusCode

for number, text in enumerate(said):
    other = tracer.start_span("GET " + text, attributes={"http.response.body": text})
    with tracer.start_as_current_span("GET", links=[Link(other.get_span_context(), {"of": text})], attributes={
            "url.full": "https://example.com/?q=" + text, "error": text, "list": ["fine", text],
            "process.environment": "PATH=/bin MESSAGE=" + text, "http.request.header.authorization": [text],
            "gen_ai.operation.name": "chat", "gen_ai.request.model": text, "gen_ai.usage.input_tokens": 7}) as span:
        span.add_event("retry", {"reason": text})
        span.set_status(Status(StatusCode.ERROR, "failed: " + text))
    other.end()
    try:
        with tachograph.agent(f"agent {number % 3} {text}"), tachograph.tool("t"):
            raise RuntimeError("cannot go on: " + text)
    except RuntimeError:
        pass
    try:
        with tachograph.recipe(text), tachograph.step(text):
            with tracer.start_as_current_span("inner"):
                raise ValueError(text)
    except ValueError as error:
        logging.getLogger("app").error("it failed: %s", error)
    logger.emit(event_name="note", body="about " + text, attributes={"what": text})
    logger.emit(event_name="note", body={"deeper": {"text": text}})
    ours.warning("told of %s", text)
try:
    with tachograph.agent("reader"):
        open(os.path.expanduser("~/private/file"))
except OSError:
    pass
with tachograph.agent("asks for " + os.environ["USER"]) as run:
    run.set({"process.owner": os.environ["USER"], "path": os.path.expanduser("~") + "/x"})
    run.set({"why": os.environ["APP_TOKEN"]})
with tracer.start_as_current_span("chat m", attributes={
        "gen_ai.input.messages": "CONTENT-1", "input.value": "CONTENT-2",
        "gen_ai.prompt.0.content": "CONTENT-3", "traceloop.entity.output": "CONTENT-4"}) as span:
    span.add_event("gen_ai.user.message", {"content": "CONTENT-5"})
logger.emit(event_name="gen_ai.user.message", body={"content": "CONTENT-6"})
print("done", flush=True)
sys.stdin.read()
"""
PERSON = "zaphodbeeble"
WHAT_ELSE = [PERSON, "hush-hush-value", "ARGUMENT-VALUE", *(f"CONTENT-{number}" for number in range(1, 7))]


def free_port() -> int:
    """A port that nobody listens on."""
    with closing(socket.create_server(("127.0.0.1", 0))) as server:
        return int(server.getsockname()[1])


def found_in(content: bytes) -> list[str]:
    """Kinds of secrets of which anything stands there."""
    kinds = [
        kind for kind, (_, secret) in SAMPLES.items() if any(piece.encode() in content for piece in pieces(secret))
    ]
    return kinds + [text for text in WHAT_ELSE if text.encode() in content]


@pytest.fixture
def left(tmp_path: Path, receiver: ThreadingHTTPServer) -> tuple[Path, dict[str, bytes]]:
    """What left a program that puts every kind of secret everywhere, by the way it took."""
    (tmp_path / "app.py").write_text(PROGRAM)
    (tmp_path / "said.json").write_text(json.dumps([said for said, _ in SAMPLES.values()]))
    port = free_port()
    resource = ",".join(f"res.{number}={quote(said)}" for number, (said, _) in enumerate(SAMPLES.values()))
    environment = clean_environment(
        tmp_path / "kept",
        HOME=str(tmp_path / PERSON),
        USER=PERSON,
        LOGNAME=PERSON,
        APP_TOKEN="hush-hush-value",
        OTEL_RESOURCE_ATTRIBUTES=resource,
        OTEL_EXPERIMENTAL_RESOURCE_DETECTORS="process,otel",
        OTEL_EXPORTER_OTLP_ENDPOINT=f"http://127.0.0.1:{receiver.server_port}",
        OTEL_EXPORTER_OTLP_PROTOCOL="http/protobuf",
        OTEL_METRICS_EXPORTER="otlp,prometheus",
        OTEL_EXPORTER_PROMETHEUS_HOST="127.0.0.1",
        OTEL_EXPORTER_PROMETHEUS_PORT=str(port),
        OTEL_PYTHON_LOGGING_AUTO_INSTRUMENTATION_ENABLED="true",
        TACHOGRAPH_EXIT_MS="20000",
    )
    command = [LAUNCHER, "python", "app.py", "--issue", "ARGUMENT-VALUE", "--to=ARGUMENT-VALUE", "ARGUMENT-VALUE"]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, cwd=tmp_path, env=environment, stdin=pipe, stdout=pipe, stderr=pipe) as process:
        assert process.stdout
        assert process.stdout.readline() == b"done\n"
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=30) as response:
            scraped = response.read()
        _, told = process.communicate(b"", timeout=60)
    spool = b"".join(file.read_bytes() for file in (tmp_path / "kept" / "spool").iterdir())
    warnings = b"\n".join(line for line in told.splitlines() if line.startswith(b"OURS"))
    sent = {path: b"".join(bodies) for path, bodies in Receiver.received.items()}
    return tmp_path, {"spool": spool, "prometheus": scraped, "warnings": warnings, **sent}


def test_nothing_that_leaves_holds_a_secret(left: tuple[Path, dict[str, bytes]], tachograph: Run) -> None:
    """Attributes, events, links, names, messages, logs, labels, resources; and the figures are there all the same."""
    folder, ways = left
    pytest.importorskip("duckdb", reason="what is exported needs the analysis extra")
    tachograph("ingest", home=folder / "kept")
    ways["export"] = tachograph("export", "--format", "logs", home=folder / "kept").stdout.encode()
    ways["errors"] = tachograph("errors", "--format", "json", home=folder / "kept").stdout.encode()
    assert {"/v1/traces", "/v1/metrics", "/v1/logs"} <= ways.keys()
    assert {way: found_in(content) for way, content in ways.items()} == {way: [] for way in ways}
    for way in ("spool", "/v1/traces", "/v1/logs", "/v1/metrics", "prometheus", "export", "warnings"):
        assert b"[redacted]" in ways[way], way
    assert len(spooled(folder / "kept")) == 7 * len(SAMPLES) + 3
    assert b"cannot go on: " in ways["export"]
    assert b"~/private/file" in ways["export"]


def test_spool_and_store_are_private(left: tuple[Path, dict[str, bytes]], tachograph: Run) -> None:
    """Folders for their owner only, and every file in them: salt, spool, store and what the database puts beside it."""
    folder, _ = left
    pytest.importorskip("duckdb", reason="what is exported needs the analysis extra")
    tachograph("ingest", home=folder / "kept")
    modes = {path: stat.S_IMODE(path.stat().st_mode) for path in [folder / "kept", *(folder / "kept").rglob("*")]}
    assert {oct(mode) for path, mode in modes.items() if path.is_dir()} == {"0o700"}
    assert {oct(mode) for path, mode in modes.items() if path.is_file()} == {"0o600"}
    assert any(path.name == "store.duckdb" for path in modes)
