"""What peers cost the thread that calls, what of theirs survives a kill, and how long they hold up a short command.

    python bench/peers.py [PEER…] [--blocks 31] [--calls 200] [--runs 3] [--json FILE]

Each peer is installed as it ships into an environment of its own below `.venvs/peers/`, the first time. Cost is CPU
time of the calling thread ÷ `hand` (as in capture.py), in turns in one process, with a Collector that takes everything;
the row `hand` is `hand` against itself, so it says how far ratios can be trusted. `arrived` and `killed` are the spans
of three calls that are at the Collector or on disk after an ordinary exit, and after SIGKILL right behind the third
call. `exit` is the median time from the program's last line to the end of its process where nothing listens. Peers do
different work: most record no metric, some record what goes in and out. A peer that fails is a row that says so.
"""

import argparse
import gzip
import json
import os
import signal
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from capture import sink
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

ROOT = Path(__file__).resolve().parents[1]
HTTP = "opentelemetry-exporter-otlp-proto-http"
# openlit and traceloop cannot be installed beside the newest patch release of OpenTelemetry.
EARLIER = ("opentelemetry-api==1.45.1", "opentelemetry-sdk==1.45.1", f"{HTTP}==1.45.1")
REQUIRED: dict[str, tuple[str, ...]] = {
    "hand": (),
    "tachograph": (),
    "openlit": ("openlit==1.45.0", *EARLIER),
    "traceloop": ("traceloop-sdk==0.62.4", "httpx", *EARLIER),  # it imports httpx and does not ask for it
    "util-genai": ("opentelemetry-util-genai==1.3b0", "opentelemetry-sdk~=1.45.1", HTTP),
    "openinference": ("openinference-instrumentation==0.1.72", "opentelemetry-sdk~=1.45.1", HTTP),
    "logfire": ("logfire==5.2.0", HTTP),
    "langfuse": ("langfuse==5.0.4", HTTP),
    "agentops": ("agentops==0.4.21", HTTP),
    "mlflow": ("mlflow==3.17.2", HTTP),
}
REFUSED = "http://127.0.0.1:9"
LONGEST_S = 180
CALLS = 3  # that peer_calls.py makes in a short command
# Nothing of what runs here reports to its makers.
SILENT = {
    "DO_NOT_TRACK": "1",
    "TRACELOOP_TELEMETRY": "false",
    "MLFLOW_DISABLE_TELEMETRY": "true",
    "LOGFIRE_SEND_TO_LOGFIRE": "false",
    "NO_PROXY": "127.0.0.1",
}


class Failed(Exception):
    """Why a peer has no figures."""


def main() -> None:
    options = _options()
    rows: dict[str, dict[str, Any]] = {}
    for peer in options.peers or REQUIRED:
        print(f"measuring: {peer}", file=sys.stderr)
        rows[peer] = _row(peer, options)
    _show(rows)
    if options.json:
        options.json.write_text(json.dumps(rows, indent=1) + "\n")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("peers", nargs="*", metavar="PEER", help=", ".join(REQUIRED))
    parser.add_argument("--blocks", type=int, default=31)
    parser.add_argument("--calls", type=int, default=200)
    parser.add_argument("--runs", type=int, default=3, help="of the short command")
    parser.add_argument("--json", type=Path, help="file to write the table to")
    options = parser.parse_args()
    for peer in options.peers:
        if peer not in REQUIRED:
            parser.error(f"no such peer: {peer}; there are {', '.join(REQUIRED)}")
    return options


def _row(peer: str, options: argparse.Namespace) -> dict[str, Any]:
    """Its figures; each that failed says why, under its own name."""
    row: dict[str, Any] = {}
    try:
        python = _installed(peer)
    except Failed as failed:
        return {"failed": f"not installed: {failed}"}
    measures: dict[str, Callable[[], Any]] = {
        "cost": lambda: _cost(python, peer, options),
        "arrived": lambda: _surviving(python, peer, "three", 0),
        "killed": lambda: _surviving(python, peer, "killed", -signal.SIGKILL),
        "exit_s": lambda: _exit(python, peer, options.runs),
    }
    for name, measure in measures.items():
        try:
            row[name] = measure()
        except Failed as failed:
            row.setdefault("failed", f"{name}: {failed}")
    return row


def _installed(peer: str) -> Path:
    """The Python of the peer's environment, which is made where it is missing or was made for something else."""
    if not REQUIRED[peer]:
        return Path(sys.executable)
    folder = ROOT / ".venvs" / "peers" / peer
    python, mark, wanted = folder / "bin" / "python", folder / ".ready", "\n".join(REQUIRED[peer])
    if not mark.exists() or mark.read_text() != wanted:
        print(f"installing: {peer}", file=sys.stderr)
        _install([sys.executable, "-m", "venv", "--clear", str(folder)])
        _install([str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *REQUIRED[peer]])
        mark.write_text(wanted)
    return python


def _install(command: list[str]) -> None:
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode:
        raise Failed(_reason(done.stderr))


def _reason(text: str) -> str:
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return lines[-1][:160] if lines else "it said nothing"


def _cost(python: Path, peer: str, options: argparse.Namespace) -> dict[str, Any]:
    arguments = ["--blocks", str(options.blocks), "--calls", str(options.calls)]
    with sink() as address, tempfile.TemporaryDirectory() as home:
        said = _said(python, peer, address, Path(home), *arguments)
    if isinstance(said, Failed):
        raise said
    figures: dict[str, Any] = json.loads(said.splitlines()[-1])
    return figures


def _said(python: Path, peer: str, address: str, home: Path, *arguments: str) -> str | Failed:
    """What it printed; a failure is handed back, as a sink that is left by an exception waits for ever."""
    try:
        return _run(python, peer, "cost", address, home, *arguments)
    except Failed as failed:
        return failed


def _surviving(python: Path, peer: str, what: str, status: int) -> int:
    """Spans that are at the Collector or on disk once the process is gone."""
    with tempfile.TemporaryDirectory() as home:
        with _collector() as (address, spans):
            _run(python, peer, what, address, Path(home), status=status)
        spans |= _on_disk(Path(home) / "spool")
    return len(spans)


def _on_disk(spool: Path) -> set[str]:
    lines = [line for file in spool.glob("*.jsonl") for line in file.read_text().splitlines()]
    return {
        span["spanId"].lower()
        for line in lines
        for resource in json.loads(line).get("resourceSpans", ())
        for scope in resource["scopeSpans"]
        for span in scope["spans"]
    }


@contextmanager
def _collector() -> Iterator[tuple[str, set[str]]]:
    """Its address, and the ids of the spans it was sent, which are complete once it is closed."""
    spans: set[str] = set()
    server = _Server(("127.0.0.1", 0), lambda *asked: _Receiver(spans, *asked))
    address = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield address, spans
        # Connections are accepted in their order: after this one all of the process were.
        urllib.request.urlopen(address).close()
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


class _Server(ThreadingHTTPServer):
    daemon_threads = False  # so that closing waits for requests that were accepted


class _Receiver(BaseHTTPRequestHandler):
    timeout = 20  # a connection that somebody keeps open and does not use

    def __init__(self, spans: set[str], *asked: Any) -> None:
        self._spans = spans
        super().__init__(*asked)

    def do_GET(self) -> None:
        self._answer()

    def do_POST(self) -> None:
        length = int(self.headers.get("Content-Length", 0))
        body = self.rfile.read(length)
        if self.path.endswith("/traces") and len(body) == length:
            self._spans |= _span_ids(gzip.decompress(body) if self.headers["Content-Encoding"] == "gzip" else body)
        self._answer()

    def _answer(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"{}")

    def log_message(self, *_: Any) -> None: ...


def _span_ids(body: bytes) -> set[str]:
    request = ExportTraceServiceRequest.FromString(body)
    scopes = [scope for resource in request.resource_spans for scope in resource.scope_spans]
    return {span.span_id.hex() for scope in scopes for span in scope.spans}


def _exit(python: Path, peer: str, runs: int) -> float:
    return round(statistics.median(_exit_once(python, peer) for _ in range(runs)), 2)


def _exit_once(python: Path, peer: str) -> float:
    with tempfile.TemporaryDirectory() as home:
        said = _run(python, peer, "three", REFUSED, Path(home))
        ended = time.clock_gettime_ns(time.CLOCK_MONOTONIC)
    return (ended - int(said.splitlines()[-1])) / 1e9


def _run(python: Path, peer: str, what: str, endpoint: str, home: Path, *more: str, status: int = 0) -> str:
    command = [str(python), str(ROOT / "bench" / "peer_calls.py"), peer, what, *more]
    said = {"OTEL_EXPORTER_OTLP_ENDPOINT": endpoint, "OTEL_EXPORTER_OTLP_PROTOCOL": "http/protobuf"}
    said["OTEL_EXPORTER_OTLP_TRACES_ENDPOINT"] = f"{endpoint}/v1/traces"  # mlflow looks only here
    environment = {**_kept(), **SILENT, **said, "HOME": str(home), "TACHOGRAPH_HOME": str(home)}
    try:
        done = subprocess.run(command, env=environment, cwd=home, capture_output=True, text=True, timeout=LONGEST_S)
    except subprocess.TimeoutExpired:
        raise Failed(f"did not end within {LONGEST_S} s") from None
    if done.returncode != status:
        raise Failed(_reason(done.stderr))
    return done.stdout


def _kept() -> dict[str, str]:
    """Our environment without what speaks of telemetry or of secrets of ours."""
    return {key: os.environ[key] for key in ("PATH", "LANG", "LC_ALL", "TMPDIR") if key in os.environ}


def _show(rows: dict[str, dict[str, Any]]) -> None:
    print(f"{'':14}{'hand µs':>9}{'sync × hand':>20}{'async × hand':>20}{'arrived':>9}{'killed':>8}{'exit s':>8}")
    for peer, row in rows.items():
        cost = row.get("cost")
        figures = f"{cost['hand']['us']:>9.1f}{_cell(cost['sync'])}{_cell(cost['async'])}" if cost else f"{'–':>9}"
        print(f"{peer:14}{figures:49}{_counts(row)}{_note(row)}")


def _counts(row: dict[str, Any]) -> str:
    widths = {"arrived": 9, "killed": 8, "exit_s": 8}
    return "".join(f"{row.get(name, '–'):>{width}}" for name, width in widths.items())


def _note(row: dict[str, Any]) -> str:
    if "failed" in row:
        return f"  {row['failed']}"
    return "" if row["arrived"] >= CALLS else "  exports nothing as it ships: what it costs and how it ends say little"


def _cell(figures: dict[str, float]) -> str:
    spread = f"[{figures['q1']:.2f}–{figures['q3']:.2f}]"
    return f"{figures['ratio']:>7.2f} {spread:>12}"


if __name__ == "__main__":
    main()
