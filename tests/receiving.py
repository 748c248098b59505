"""A real `tachograph receive`, requests of every kind to it, and what came to stand in its spool."""

import base64
import gzip
import http.client
import json
import re
import socket
import struct
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from google.protobuf import json_format
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from support import COMMAND, clean_environment

TRACES, JSON, PROTOBUF = "/v1/traces", "application/json", "application/x-protobuf"


@dataclass
class Answer:
    """An HTTP response."""

    status: int
    headers: dict[str, str]
    body: bytes


@dataclass
class Running:
    """A receiver that runs in a process of its own."""

    process: subprocess.Popen[str]
    host: str
    port: int
    home: Path

    def send(self, body: Any, kind: str = JSON, path: str = TRACES, **headers: str) -> Answer:
        """One request on a connection of its own; header names with _ for -."""
        connection = http.client.HTTPConnection(self.host, self.port, timeout=30)
        try:
            named = {name.replace("_", "-"): text for name, text in headers.items()}
            connection.request("POST", path, body, {"Content-Type": kind, **named})
            answer = connection.getresponse()
            told = {name.lower(): text for name, text in answer.getheaders()}
            return Answer(answer.status, told, answer.read())
        finally:
            connection.close()

    def opened(self) -> socket.socket:
        """A bare connection."""
        return socket.create_connection((self.host, self.port), timeout=30)

    def lines(self) -> list[bytes]:
        """Every line in the spool."""
        files = sorted((self.home / "spool").glob("*.otlp.jsonl"))
        return [line for file in files for line in file.read_bytes().splitlines(keepends=True)]

    def span_ids(self) -> list[str]:
        """Ids of all spans in the spool."""
        return [span["spanId"] for span in self.spans()]

    def spans(self) -> list[dict[str, Any]]:
        """All spans in the spool, as OTLP/JSON."""
        requests = map(json.loads, self.lines())
        return [
            span
            for request in requests
            for resource in request.get("resourceSpans", ())
            for scope in resource["scopeSpans"]
            for span in scope["spans"]
        ]

    def peak_bytes(self) -> int:
        """The most memory that the process ever had (Linux)."""
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        found = re.search(r"VmHWM:\s+(\d+) kB", status)
        assert found
        return int(found[1]) * 1024

    def stop(self) -> tuple[int, str]:
        """End it with SIGTERM: exit status and what it said."""
        self.process.terminate()
        _, said = self.process.communicate(timeout=30)
        return self.process.returncode, said


@contextmanager
def receiving(home: Path, *arguments: str) -> Iterator[Running]:
    """A receiver on a free port of loopback, with `home` for its spool."""
    command = [str(COMMAND), "receive", "--port", "0", *arguments]
    with subprocess.Popen(command, env=clean_environment(home), stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr
        for line in process.stderr:
            found = re.search(r"on http://(\S+):(\d+) into", line)
            if found:
                break
        else:
            raise AssertionError(f"it did not start, status {process.wait()}")
        try:
            yield Running(process, found[1], int(found[2]), home)
        finally:
            process.kill()


def as_protobuf(line: bytes) -> bytes:
    """A request of traces in OTLP/JSON as protobuf, by the protocol's own library."""
    request = json.loads(line)
    for resource in request["resourceSpans"]:
        for span in (span for scope in resource["scopeSpans"] for span in scope["spans"]):
            for holder in (span, *span.get("links", ())):
                ids = {name: holder[name] for name in ("traceId", "spanId", "parentSpanId") if name in holder}
                # JSON of protobuf has base64 where OTLP/JSON has hex.
                holder.update({name: base64.b64encode(bytes.fromhex(text)).decode() for name, text in ids.items()})
    made = json_format.ParseDict(request, ExportTraceServiceRequest())
    return made.SerializeToString()


def from_spool(line: bytes) -> ExportTraceServiceRequest:
    """A line of the spool as the protocol's own library reads it."""
    return ExportTraceServiceRequest.FromString(as_protobuf(line))


def _head(length: int, **headers: str) -> bytes:
    more = "".join(f"{name}: {text}\r\n" for name, text in headers.items())
    return (
        f"POST {TRACES} HTTP/1.1\r\nHost: x\r\nContent-Type: {JSON}\r\nContent-Length: {length}\r\n{more}\r\n".encode()
    )


def _refused(status: int, body: Any, kind: str = JSON, **headers: str) -> Callable[[Running], None]:
    def send(to: Running) -> None:
        answer = to.send(body, kind, **headers)
        assert answer.status in (status, 503), answer

    return send


def _half_closed(to: Running) -> None:
    with to.opened() as connection:
        connection.sendall(_head(1000) + b'{"resourceSpans"')
        connection.shutdown(socket.SHUT_WR)
        while connection.recv(4096):
            pass


def _reset(to: Running) -> None:
    with to.opened() as connection:
        connection.sendall(_head(1000) + b'{"resource')
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


def _announced_too_large(to: Running) -> None:
    with to.opened() as connection:
        connection.sendall(_head(2**40))
        assert connection.recv(4096)[9:12] in (b"413", b"503")


def _no_http(to: Running) -> None:
    with to.opened() as connection:
        connection.sendall(b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"\0" * 200)
        while connection.recv(4096):
            pass


def _long_headers(to: Running) -> None:
    with to.opened() as connection:
        try:
            connection.sendall(b"POST /v1/traces HTTP/1.1\r\nX: " + b"a" * 100_000)
            while connection.recv(4096):
                pass
        except OSError:  # it hung up before all was sent
            return


BOMB = gzip.compress(b"[" * (64 << 20), 9)
# What a receiver must not take, each with the status it may answer (or 503, where too much comes at once).
HOSTILE: tuple[Callable[[Running], None], ...] = (
    _refused(400, b'{"resourceSpans": [{'),
    _refused(400, b'{"resourceSpans": 5}'),
    _refused(400, b"[" * 100_000),
    _refused(400, b"\x0a\xff\xff\xff\xff\x0f", PROTOBUF),
    _refused(400, b"no gzip", Content_Encoding="gzip"),
    _refused(413, BOMB, Content_Encoding="gzip"),
    _refused(415, b"{}", "text/plain"),
    _refused(415, b"{}", Content_Encoding="br"),
    _refused(403, b"{}", Origin="https://example.com"),
    _half_closed,
    _reset,
    _announced_too_large,
    _no_http,
    _long_headers,
)


def flooded(to: Running, requests: int, good: Callable[[int], tuple[bytes, str]], slow: int) -> list[int]:
    """Send `requests` of all kinds beside `slow` connections that stay half sent: numbers of good ones, all taken.

    Each third is a good one, as `good` makes it of its number: body and content type.
    """
    held = [to.opened() for _ in range(slow)]
    for connection in held:
        connection.sendall(_head(1000)[:-20])
    sent = []
    for number in range(1, requests + 1):
        if number % 3:
            HOSTILE[number % len(HOSTILE)](to)
        else:
            body, kind = good(number)
            assert to.send(body, kind).status == 200
            sent.append(number)
    for connection in held:
        connection.close()
    return sent
