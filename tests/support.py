"""What tests of real processes share: a clean environment, the launcher, and what a spool holds."""

import gzip
import json
import os
import random
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

LAUNCHER = Path(sys.executable).with_name("opentelemetry-instrument")
COMMAND = Path(sys.executable).with_name("tachograph")

_given: set[int] = set()  # ports that somebody is about to listen on

# Runs a command to its end; fixtures of this type are in conftest.py.
Run = Callable[..., subprocess.CompletedProcess[str]]


def clean_environment(home: Path, **variables: str) -> dict[str, str]:
    """This environment without any telemetry setting of its own, with `home` for spool and store, and with the
    commands of this interpreter's environment in front."""
    kept = {key: value for key, value in os.environ.items() if not key.startswith(("OTEL_", "TACHOGRAPH_"))}
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    return {**kept, "PATH": path, "TACHOGRAPH_HOME": str(home), **variables}


def free_port() -> int:
    """A port of loopback that nobody listens on at the moment, and that no connection is given for its own end: those
    are taken from 32768 on, also between this answer and its use."""
    while True:
        port = random.randrange(10_000, 32_768)
        with socket.socket() as listener, suppress(OSError):
            listener.bind(("127.0.0.1", port))
            if port not in _given:
                _given.add(port)
                return port


@dataclass(frozen=True)
class Span:
    """A span as a spool line holds it."""

    name: str
    id: str
    parent: str
    attributes: dict[str, Any]
    status: dict[str, Any]
    start: int
    end: int
    trace: str
    events: list[dict[str, Any]]


def spooled(home: Path) -> list[Span]:
    """Every span in every spool file below `home`, in the order in which they ended."""
    lines = [line for file in sorted((home / "spool").glob("*.otlp.jsonl")) for line in file.read_text().splitlines()]
    return [span for line in lines for span in _spans(json.loads(line))]


def _spans(request: dict[str, Any]) -> Iterator[Span]:
    for resource in request.get("resourceSpans", []):
        for scope in resource["scopeSpans"]:
            for span in scope["spans"]:
                yield Span(
                    span["name"],
                    span["spanId"],
                    span.get("parentSpanId", ""),
                    {item["key"]: plain(item["value"]) for item in span["attributes"]},
                    span["status"],
                    int(span["startTimeUnixNano"]),
                    int(span["endTimeUnixNano"]),
                    span["traceId"],
                    span.get("events", []),
                )


def plain(value: dict[str, Any]) -> Any:
    """An OTLP/JSON value as Python has it."""
    kind, content = next(iter(value.items()))
    if kind == "intValue":
        return int(content)
    return [plain(item) for item in content["values"]] if kind == "arrayValue" else content


@contextmanager
def serving(handler: type[BaseHTTPRequestHandler]) -> Iterator[ThreadingHTTPServer]:
    """A server on a free port of loopback whose requests `handler` answers."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


class Receiver(BaseHTTPRequestHandler):
    """A stand-in for a Collector's OTLP/HTTP receiver: keeps the bodies it is sent, by path such as /v1/traces."""

    received: dict[str, list[bytes]]

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if self.headers.get("Content-Encoding") == "gzip":
            body = gzip.decompress(body)
        self.received.setdefault(self.path, []).append(body)
        self.send_response(200)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Nothing to say."""
