"""`tachograph ship` against a receiver that answers in every way there is: nothing is lost, nothing sent in vain."""

import gzip
import json
import signal
import socket
import subprocess
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from support import COMMAND, LAUNCHER, Run, clean_environment, serving

from tachograph.deliver import losses

LINE = (
    '{"resourceSpans":[{"resource":{"attributes":[]},"scopeSpans":[{"scope":{"name":"t"},"spans":[{"traceId":"%032x",'
    '"spanId":"%016x","name":"%s","kind":1,"startTimeUnixNano":"1","endTimeUnixNano":"2","attributes":[],'
    '"status":{"code":0}}]}]}]}\n'
)
LOG = (
    '{"resourceLogs":[{"resource":{"attributes":[]},"scopeLogs":[{"scope":{"name":"t"},"logRecords":[{"timeUnixNano":"1",'
    '"eventName":"dev_agency.execution.started","traceId":"00000000000000000000000000000001","spanId":"%016x"}]}]}]}\n'
)

Answer = Callable[["Handler", str, list[str]], None]


class Handler(BaseHTTPRequestHandler):
    """Keeps the ids of what it accepts; `answers` are used up one a request, then everything is accepted."""

    protocol_version = "HTTP/1.1"
    accepted: dict[str, list[str]]
    requests: list[tuple[str, list[str], Any]]
    answers: list[Answer]
    lock = threading.Lock()

    def do_POST(self) -> None:
        body = gzip.decompress(self.rfile.read(int(self.headers["Content-Length"])))
        ids = [record["spanId"] for record in records(json.loads(body))]
        with self.lock:
            self.requests.append((self.path, ids, self.headers))
            answer = self.answers.pop(0) if self.answers else accept
        answer(self, self.path, ids)

    def reply(self, status: int, body: bytes = b"", kind: str = "application/json", **headers: str) -> None:
        self.send_response(status)
        for name, value in {"Content-Type": kind, **headers}.items():
            self.send_header(name.replace("_", "-"), value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Nothing to say."""


def records(request: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for kind, scopes, inner in (("resourceSpans", "scopeSpans", "spans"), ("resourceLogs", "scopeLogs", "logRecords")):
        for resource in request.get(kind, []):
            for scope in resource[scopes]:
                yield from scope[inner]


def accept(handler: Handler, path: str, ids: list[str]) -> None:
    handler.accepted.setdefault(path, []).extend(ids)
    handler.reply(200, b"{}")


def status(code: int, body: bytes = b"", kind: str = "application/json", **headers: str) -> Answer:
    return lambda handler, _, __: handler.reply(code, body, kind, **headers)


def hang_up(handler: Handler, _: str, __: list[str]) -> None:
    handler.connection.shutdown(socket.SHUT_RDWR)
    handler.close_connection = True


def bad(handler: Handler, path: str, ids: list[str]) -> None:
    """A receiver that cannot read one span, and with it no request that holds it."""
    handler.answers.append(bad)
    if id_of(13) in ids:
        handler.reply(400, b'{"code":3,"message":"span 13 is unlucky"}')
    else:
        accept(handler, path, ids)


def id_of(number: int) -> str:
    return f"{number:016x}"


@pytest.fixture
def collector() -> Iterator[ThreadingHTTPServer]:
    """Listens on a free port; `Handler` knows what it got."""
    Handler.accepted, Handler.requests, Handler.answers = {}, [], []
    with serving(Handler) as server:
        yield server


@pytest.fixture
def spool(tmp_path: Path) -> Path:
    """Two segments of processes that are gone, of twenty spans each and with a log record."""
    folder = tmp_path / "home" / "spool"
    folder.mkdir(parents=True)
    for file in (0, 1):
        spans = [LINE % (1, number, "s") for number in range(20 * file + 1, 20 * file + 21)]
        (folder / f"{file + 1}-{file + 1}-abcd.otlp.jsonl").write_text(LOG % (20 * file + 1) + "".join(spans))
    return folder


@pytest.fixture
def ship(tmp_path: Path, tachograph: Run, collector: ThreadingHTTPServer) -> Callable[..., Any]:
    """Runs `tachograph ship` against the receiver and gives status, result and what it said."""

    def run(*options: str) -> tuple[int, Any, str]:
        endpoint = f"http://127.0.0.1:{collector.server_port}"
        ended = tachograph("ship", "--endpoint", endpoint, "--format", "json", *options)
        assert "Traceback" not in ended.stderr
        return ended.returncode, json.loads(ended.stdout) if ended.stdout else None, ended.stderr

    return run


SPANS = [id_of(number) for number in range(1, 41)]
NOTHING = {"delivered": 0, "already": 0, "left": 0, "rejected": 0, "waiting": 0, "damaged": 0}


def test_everything_arrives_once(spool: Path, ship: Callable[..., Any]) -> None:
    """Spans and log records, each at its own path; a second run has nothing to send, a third one only what is new."""
    assert ship() == (0, {**NOTHING, "delivered": 42}, "")
    assert Handler.accepted == {"/v1/traces": SPANS, "/v1/logs": [id_of(1), id_of(21)]}
    assert len(Handler.requests) == 2
    assert ship() == (0, {**NOTHING, "already": 42}, "")
    with (spool / "2-2-abcd.otlp.jsonl").open("a") as file:
        file.write(LINE % (1, 41, "s"))
    assert ship() == (0, {**NOTHING, "delivered": 1, "already": 42}, "")
    assert Handler.accepted["/v1/traces"] == [*SPANS, id_of(41)]


def test_batches_are_bounded(spool: Path, ship: Callable[..., Any]) -> None:
    """About a mebibyte before compression."""
    (spool / "3-3-abcd.otlp.jsonl").write_text("".join(LINE % (1, n, "x" * 10_000) for n in range(100, 500)))
    assert ship()[1]["delivered"] == 442
    sizes = [len(ids) for path, ids, _ in Handler.requests if path == "/v1/traces"]
    assert sum(sizes) == 440
    assert len(sizes) >= 4


def test_without_a_spool_there_is_nothing_to_do(tmp_path: Path, ship: Callable[..., Any]) -> None:
    """And nobody is asked."""
    assert ship() == (0, NOTHING, "")
    assert Handler.requests == []


@pytest.mark.parametrize("code", [429, 500, 502, 503, 504])
def test_a_busy_receiver_is_tried_again(spool: Path, ship: Callable[..., Any], code: int) -> None:
    """Not before the time that it asks for."""
    Handler.answers = [status(code, Retry_After="1"), hang_up]
    assert ship()[:2] == (0, {**NOTHING, "delivered": 42})
    assert Handler.accepted["/v1/traces"] == SPANS


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (status(503), "answers 503, tried for 1 s"),
        (status(429, Retry_After="3600"), "answers 429 and asks to come back in 3600 s"),
        (status(503, Retry_After="Fri, 31 Dec 2100 23:59:59 GMT"), "asks to come back in"),
        (hang_up, "closes the connection"),
        (status(401), "OTEL_EXPORTER_OTLP_HEADERS"),
        (status(403, b'{"code":7,"message":"no entry"}'), "no entry"),
        (status(404), "check the address"),
        (status(415), "does not take OTLP as JSON"),
        (status(302, Location="http://127.0.0.1:1/"), "answers 302"),
        (status(400), "even to an empty request"),
        (status(200, b"<html>hello</html>", "text/html"), "not OTLP"),
        (status(200, b"", "text/html"), "not OTLP"),
        (status(200, b"\x0a\x07garbage", "application/x-protobuf"), "not OTLP"),
        (status(200, b"[]"), "not OTLP"),
    ],
)
def test_a_receiver_that_will_not_loses_nothing(
    spool: Path, ship: Callable[..., Any], answer: Answer, said: str
) -> None:
    """One line says why and how much is left; the status is 3; later everything is delivered."""
    Handler.answers = [answer] * 50
    code, result, told = ship("--for", "1s")
    assert (code, result) == (3, {**NOTHING, "left": 42})
    assert said in told
    assert "0 delivered, 42 left" in told
    assert len(told.splitlines()) == 1
    Handler.answers = []
    assert ship()[:2] == (0, {**NOTHING, "delivered": 42})
    assert Handler.accepted == {"/v1/traces": SPANS, "/v1/logs": [id_of(1), id_of(21)]}


def test_a_receiver_without_logs_gets_the_spans(spool: Path, ship: Callable[..., Any]) -> None:
    """Once; the log records wait for one that takes them."""

    def traces_only(handler: Handler, path: str, ids: list[str]) -> None:
        accept(handler, path, ids) if path == "/v1/traces" else handler.reply(404)

    Handler.answers = [traces_only] * 10
    code, result, told = ship()
    assert (code, result) == (3, {**NOTHING, "delivered": 40, "left": 2})
    assert "/v1/logs" in told
    ship()
    assert Handler.accepted["/v1/traces"] == SPANS


def test_one_bad_line_is_set_aside(tmp_path: Path, spool: Path, ship: Callable[..., Any]) -> None:
    """All others arrive; it is kept, counted and not sent again."""
    Handler.answers = [bad]
    code, result, told = ship()
    assert (code, result) == (0, {**NOTHING, "delivered": 41, "rejected": 1})
    assert "span 13 is unlucky" in told
    assert sorted(Handler.accepted["/v1/traces"]) == [span for span in SPANS if span != id_of(13)]
    (kept,) = (tmp_path / "home" / "spool.state" / "rejected").read_text().splitlines()
    assert [record["spanId"] for record in records(json.loads(kept))] == [id_of(13)]
    assert losses.totals(spool) == {("traces", "ship_rejected"): 1}
    assert ship()[1]["delivered"] == 0


def test_a_partial_success_is_told_and_not_repeated(spool: Path, ship: Callable[..., Any]) -> None:
    """The receiver has said what it will not have."""
    partial = b'{"partialSuccess":{"rejectedSpans":"3","errorMessage":"too old"}}'
    Handler.answers = [status(200, partial)]
    code, result, told = ship()
    assert (code, result) == (0, {**NOTHING, "delivered": 39, "rejected": 3})
    assert "too old" in told
    assert losses.totals(spool) == {("traces", "ship_rejected"): 3}
    assert ship()[1]["delivered"] == 0


def test_where_nothing_listens(spool: Path, tachograph: Run) -> None:
    """The line names the address."""
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        port = unused.getsockname()[1]
        ended = tachograph("ship", "--endpoint", f"http://127.0.0.1:{port}", "--for", "500ms")
    assert ended.returncode == 3
    assert f"nothing listens at 127.0.0.1:{port}" in ended.stderr


def test_a_receiver_that_accepts_and_never_answers(spool: Path, tachograph: Run) -> None:
    """It is not waited for longer than was said."""
    with socket.create_server(("127.0.0.1", 0)) as mute:
        ended = tachograph("ship", "--endpoint", f"http://127.0.0.1:{mute.getsockname()[1]}", "--for", "1s")
    assert ended.returncode == 3
    assert "does not answer" in ended.stderr


def test_a_receiver_that_speaks_no_http(spool: Path, tachograph: Run) -> None:
    """As one for gRPC does."""
    server = socket.create_server(("127.0.0.1", 0))

    def answer() -> None:
        connection, _ = server.accept()
        connection.recv(65_536)
        connection.sendall(b"\x00\x00\x06\x04\x00\x00\x00\x00\x00\x00\x05\x00\x00\x40\x00")
        connection.close()

    thread = threading.Thread(target=answer)
    thread.start()
    ended = tachograph("ship", "--endpoint", f"http://127.0.0.1:{server.getsockname()[1]}", "--for", "5s")
    thread.join()
    server.close()
    assert ended.returncode == 3
    assert "speaks no HTTP" in ended.stderr


@pytest.mark.parametrize(
    ("options", "variables", "said"),
    [
        (["--endpoint", "http://localhost:4317"], {}, "HTTP port"),
        ([], {"OTEL_EXPORTER_OTLP_PROTOCOL": "grpc"}, "HTTP port"),
        (["--endpoint", "localhost"], {}, "is no address"),
        (["--endpoint", "http://localhost:99999"], {}, "is no address"),
        ([], {"OTEL_EXPORTER_OTLP_TIMEOUT": "soon"}, "is no number of seconds"),
        ([], {"OTEL_EXPORTER_OTLP_CERTIFICATE": "/nowhere"}, "certificate"),
        (["--for", "ever"], {}, "is no time"),
    ],
)
def test_wrong_use_is_one_line(
    spool: Path, tmp_path: Path, options: list[str], variables: dict[str, str], said: str
) -> None:
    """With status 2, before anybody is asked."""
    environment = clean_environment(tmp_path / "home", **variables)
    command = [COMMAND, "ship", *options]
    ended = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60, check=False)
    assert (ended.returncode, ended.stdout, len(ended.stderr.splitlines())) == (2, "", 1)
    assert said in ended.stderr


def test_the_standard_variables_name_the_receiver(spool: Path, tmp_path: Path, collector: ThreadingHTTPServer) -> None:
    """Address and headers; those of one signal win."""
    address = f"http://127.0.0.1:{collector.server_port}"
    environment = clean_environment(
        tmp_path / "home",
        OTEL_EXPORTER_OTLP_ENDPOINT=f"{address}/base",
        OTEL_EXPORTER_OTLP_TRACES_ENDPOINT=f"{address}/exactly/here",
        OTEL_EXPORTER_OTLP_HEADERS="api-key=a%20b,tenant=c",
    )
    subprocess.run([COMMAND, "ship"], env=environment, check=True, timeout=60)
    assert {path for path, _, _ in Handler.requests} == {"/exactly/here", "/base/v1/logs"}
    assert {(headers["api-key"], headers["tenant"]) for *_, headers in Handler.requests} == {("a b", "c")}


def test_lines_that_are_no_telemetry_are_passed_over(spool: Path, ship: Callable[..., Any]) -> None:
    """A line that a full disk has cut, and one without an end; both are told."""
    (spool / "3-3-abcd.otlp.jsonl").write_text(LINE[:60] + "\n" + LINE % (1, 41, "s") + LINE[:80])
    assert ship()[:2] == (0, {**NOTHING, "delivered": 43, "damaged": 2})


def test_an_interrupted_run_is_repeated(spool: Path, tmp_path: Path, collector: ThreadingHTTPServer) -> None:
    """Killed while it waits for an answer: what was acknowledged before is not sent again."""
    (spool / "3-3-abcd.otlp.jsonl").write_text("".join(LINE % (1, n, "x" * 10_000) for n in range(100, 400)))
    asked, go_on = threading.Event(), threading.Event()

    def stall(handler: Handler, path: str, ids: list[str]) -> None:
        asked.set()
        go_on.wait(60)
        hang_up(handler, path, ids)

    Handler.answers = [accept, stall]
    command = [COMMAND, "ship", "--endpoint", f"http://127.0.0.1:{collector.server_port}"]
    with subprocess.Popen(command, env=clean_environment(tmp_path / "home"), stdout=subprocess.PIPE) as process:
        assert asked.wait(60)
        process.send_signal(signal.SIGKILL)
    go_on.set()
    before = len(Handler.accepted["/v1/traces"])
    assert before > 0
    ended = subprocess.run(
        [*command, "--format", "json"], env=clean_environment(tmp_path / "home"), stdout=subprocess.PIPE, check=True
    )
    assert json.loads(ended.stdout)["already"] == before
    assert len(Handler.accepted["/v1/traces"]) == len(set(Handler.accepted["/v1/traces"])) == 340


def test_two_at_once_send_nothing_twice(spool: Path, tmp_path: Path, collector: ThreadingHTTPServer) -> None:
    """The second one waits for the first, and then has nothing to do."""
    command = [COMMAND, "ship", "--endpoint", f"http://127.0.0.1:{collector.server_port}"]
    environment = clean_environment(tmp_path / "home")
    running = [subprocess.Popen(command, env=environment, stdout=subprocess.PIPE) for _ in range(3)]
    assert [process.wait(timeout=60) for process in running] == [0, 0, 0]
    for process in running:
        assert process.stdout
        process.stdout.close()
    assert Handler.accepted == {"/v1/traces": SPANS, "/v1/logs": [id_of(1), id_of(21)]}


EXPORTING = """
import sys
import tachograph
from opentelemetry import trace
for number in range(30):
    with tachograph.tool(f"t{number}"):
        pass
trace.get_tracer_provider().force_flush()
with tachograph.tool("last"):
    pass
print("flushed", flush=True)
sys.stdin.readline()
import os
os._exit(0)
"""


def test_what_an_exporter_delivered_is_not_sent_again(
    tmp_path: Path, collector: ThreadingHTTPServer, ship: Callable[..., Any]
) -> None:
    """A process that exports by itself is left alone as long as it runs; what it leaves behind is sent then."""
    (tmp_path / "app.py").write_text(EXPORTING)
    got: list[bytes] = []

    def exporter(handler: Any) -> None:
        got.append(handler.rfile.read(int(handler.headers["Content-Length"])))
        handler.reply(200, b"", "application/x-protobuf")

    protobuf = type("Protobuf", (Handler,), {"do_POST": exporter})
    server = ThreadingHTTPServer(("127.0.0.1", 0), protobuf)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    environment = clean_environment(
        tmp_path / "home",
        OTEL_EXPORTER_OTLP_ENDPOINT=f"http://127.0.0.1:{server.server_port}",
        OTEL_EXPORTER_OTLP_PROTOCOL="http/protobuf",
        OTEL_METRICS_EXPORTER="none",
        OTEL_LOGS_EXPORTER="none",
        OTEL_BSP_SCHEDULE_DELAY="3600000",
    )
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    with subprocess.Popen([LAUNCHER, "python", "app.py"], cwd=tmp_path, env=environment, text=True, **pipes) as process:
        assert process.stdout
        assert process.stdout.readline() == "flushed\n"
        assert ship() == (0, {**NOTHING, "waiting": 1}, "")
        process.communicate("\n", timeout=60)
    server.shutdown()
    server.server_close()
    thread.join()
    assert len(got) == 1
    assert ship()[:2] == (0, {**NOTHING, "delivered": 1, "already": 30})
    assert len(Handler.accepted["/v1/traces"]) == 1
    assert ship()[1] == {**NOTHING, "already": 31}


LIVE = "import sys, tachograph\ntachograph.install()\nwith tachograph.tool('t'):\n    pass\nprint('done', flush=True)\n"


def test_a_process_without_exporter_is_sent_while_it_runs(tmp_path: Path, ship: Callable[..., Any]) -> None:
    """Up to its last whole line."""
    command = ["python", "-c", LIVE + "sys.stdin.readline()"]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    with subprocess.Popen(command, env=clean_environment(tmp_path / "home"), text=True, **pipes) as process:
        assert process.stdout
        assert process.stdout.readline() == "done\n"
        assert ship()[:2] == (0, {**NOTHING, "delivered": 1})
        process.communicate("\n", timeout=60)


def test_ingest_reads_telemetry_only(spool: Path, tachograph: Run, ship: Callable[..., Any]) -> None:
    """What ship notes beside the spool is nothing to it, before and after."""
    Handler.answers = [bad]
    ship()
    result = json.loads(tachograph("ingest", "--format", "json").stdout)
    assert (result["spans"], result["rejected"]) == (40, 0)
    (spool / "1-1-abcd.otlp.jsonl").unlink()
    again = json.loads(tachograph("ingest", "--format", "json").stdout)
    assert (again["spans"], again["rejected"]) == (0, 0)
