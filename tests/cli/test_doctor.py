"""`tachograph doctor`: each thing that can be wrong with telemetry is found, and a healthy set-up gives no finding."""

import json
import socket
import threading
import time
from collections.abc import Iterator
from http.server import ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from support import Receiver, Run, serving
from telemetry import START, call, line, span

HEALTHY = dict.fromkeys(
    (
        "made",
        "kept",
        "received",
        "lost",
        "delivered",
        "read",
        "clocks",
        "orphans",
        "counted once",
        "reconciled",
        "priced",
    ),
    "ok",
)


def states(tachograph: Run, *options: str, status: int = 0) -> dict[str, str]:
    """The state of each check; those that are not well say what to do."""
    ended = tachograph("doctor", "--format", "json", *options)
    assert (ended.returncode, ended.stderr) == (status, "")
    found: list[dict[str, str]] = json.loads(ended.stdout)
    assert all(bool(one["advice"]) == (one["state"] != "ok") for one in found)
    return {one["check"]: one["state"] for one in found}


def ingest(tmp_path: Path, tachograph: Run, *spans: dict[str, Any], **resource: Any) -> None:
    (tmp_path / "told.jsonl").write_bytes(line(*spans, **resource))
    assert tachograph("ingest", tmp_path / "told.jsonl").returncode == 0


@pytest.fixture
def healthy(tmp_path: Path, launch: Run, tachograph: Run) -> None:
    """A program has run under the launcher, and the spool was read."""
    assert launch("python", "-c", "import tachograph\nwith tachograph.agent('a'): pass").returncode == 0
    assert tachograph("ingest").returncode == 0


def test_nothing_is_instrumented(tachograph: Run) -> None:
    """No spool and no store: that is a finding, and what to run is said."""
    assert states(tachograph, status=1) == HEALTHY | {"made": "fail", "read": "warn"}


def test_a_healthy_set_up(healthy: None, tachograph: Run, receiver: ThreadingHTTPServer) -> None:
    """With a Collector that takes what it is sent, once all was shipped to it."""
    assert states(tachograph) == HEALTHY
    endpoint = f"http://127.0.0.1:{receiver.server_port}"
    assert states(tachograph, "--endpoint", endpoint) == HEALTHY | {"delivered": "warn"}
    assert tachograph("ship", "--endpoint", endpoint).returncode == 0
    assert states(tachograph, "--endpoint", endpoint) == HEALTHY
    text = tachograph("doctor").stdout
    assert text.count("✓") == len(HEALTHY)


def test_a_spool_that_cannot_be_written(tmp_path: Path, tachograph: Run) -> None:
    """A file stands where its folder should be."""
    (tmp_path / "home").mkdir()
    (tmp_path / "home" / "spool").write_text("")
    assert states(tachograph, status=1)["kept"] == "fail"


def test_an_unread_spool(healthy: None, launch: Run, tachograph: Run) -> None:
    """Another program has run since."""
    launch("python", "-c", "import tachograph\nwith tachograph.agent('b'): pass")
    assert states(tachograph) == HEALTHY | {"read": "warn"}


def test_a_store_that_is_none(tmp_path: Path, healthy: None, tachograph: Run) -> None:
    """Its own file is garbage."""
    (tmp_path / "home" / "store.duckdb").write_text("garbage")
    assert states(tachograph, status=1)["read"] == "fail"


class Refusing(Receiver):
    """A stand-in for a Collector that wants a token."""

    def do_POST(self) -> None:  # noqa: N802  (the base class names it)
        self.send_response(401)
        self.end_headers()


@pytest.fixture
def refusing() -> Iterator[int]:
    with serving(Refusing) as server:
        yield server.server_port


def test_a_collector_that_refuses(healthy: None, tachograph: Run, refusing: int) -> None:
    """Without a token it takes nothing."""
    assert states(tachograph, "--endpoint", f"http://127.0.0.1:{refusing}", status=1)["delivered"] == "fail"


def test_nothing_listens(healthy: None, tachograph: Run) -> None:
    """The discard port is free."""
    assert states(tachograph, "--endpoint", "http://127.0.0.1:9", status=1)["delivered"] == "fail"


def test_the_wrong_protocol_on_the_port(healthy: None, tachograph: Run) -> None:
    """A server that speaks no HTTP, and a port that is named for gRPC."""
    with socket.create_server(("127.0.0.1", 0)) as server:

        def greet() -> None:
            connection, _ = server.accept()
            with connection:
                connection.sendall(b"\x00\x00\x12\x04\x00\x00\x00\x00\x00not http\r\n")

        threading.Thread(target=greet).start()
        named = f"http://127.0.0.1:{server.getsockname()[1]}"
        assert states(tachograph, "--endpoint", named, status=1)["delivered"] == "fail"
    assert states(tachograph, "--endpoint", "http://127.0.0.1:4317", status=1)["delivered"] == "fail"


def test_spans_that_were_lost(tmp_path: Path, healthy: None, tachograph: Run) -> None:
    """What bounds cost the spool is remembered beside it."""
    from tachograph.deliver import losses

    losses.record(tmp_path / "home" / "spool", {("traces", losses.FULL): 3})
    assert states(tachograph) == HEALTHY | {"lost": "warn"}


def test_clocks_that_disagree(tmp_path: Path, healthy: None, tachograph: Run) -> None:
    """A span that begins tomorrow."""
    tomorrow = time.time_ns() + 86_400 * 10**9 - START
    ingest(tmp_path, tachograph, span(1, start=tomorrow, end=tomorrow + 1))
    assert states(tachograph) == HEALTHY | {"clocks": "warn"}


def test_orphans(tmp_path: Path, healthy: None, tachograph: Run) -> None:
    """A span names a parent that never came."""
    ingest(tmp_path, tachograph, span(1, parent=99))
    assert states(tachograph) == HEALTHY | {"orphans": "warn"}


def test_two_instrumentations_tell_of_the_same_call(tmp_path: Path, healthy: None, tachograph: Run) -> None:
    """Same trace, same tokens, at the same time, by different instrumentations."""
    requests = [json.loads(line(call(1))), json.loads(line(call(2)))]
    for number, request in enumerate(requests):
        request["resourceSpans"][0]["scopeSpans"][0]["scope"] = {"name": f"instrumentation {number}"}
    (tmp_path / "told.jsonl").write_text("".join(json.dumps(request) + "\n" for request in requests))
    assert tachograph("ingest", tmp_path / "told.jsonl").returncode == 0
    assert states(tachograph) == HEALTHY | {"counted once": "warn"}
