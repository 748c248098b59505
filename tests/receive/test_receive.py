"""`tachograph receive` as a process: what programs send it is in the spool, and nothing that is sent harms it."""

import gzip
import json
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from receiving import BOMB, HOSTILE, JSON, PROTOBUF, Running, as_protobuf, flooded, from_spool, receiving
from support import Run
from telemetry import agent, attributes, call, hex_id, line, log_line

SECRET = "ghp_" + "a1B2c3D4e5" * 4


@pytest.fixture
def receiver(tmp_path: Path) -> Iterator[Running]:
    """A receiver whose home is the one that the fixture `tachograph` reads."""
    with receiving(tmp_path / "home") as running:
        yield running


def good(number: int) -> tuple[bytes, str]:
    """A request with one span of that number, now in JSON, now in protobuf."""
    made = line(call(number))
    return (made, JSON) if number % 2 else (as_protobuf(made), PROTOBUF)


def test_what_is_sent_is_read_by_ingest(receiver: Running, tachograph: Run) -> None:
    """Spans sent in JSON and in protobuf, plain and compressed, become executions."""
    assert receiver.send(line(agent(1), call(2, parent=1))).status == 200
    assert receiver.send(gzip.compress(line(agent(3))), Content_Encoding="gzip").status == 200
    assert receiver.send(as_protobuf(line(agent(4, parent=1))), PROTOBUF).status == 200
    assert receiver.send(gzip.compress(as_protobuf(line(agent(5)))), PROTOBUF, Content_Encoding="gzip").status == 200
    told = json.loads(tachograph("ingest", "--format", "json").stdout)
    assert told == {"spans": 5, "executions": 4, "duplicates": 0, "rejected": 0}


def test_both_formats_make_the_same_line(receiver: Running) -> None:
    """One span sent in either format stands in the spool alike, and the protocol's own library reads it."""
    facts = {"text": "é 😀", "n": 2**53 + 1, "x": 1.5, "yes": True, "list": ["a", 1], "map": {"k": [2.5]}, "bytes": ""}
    event = {"name": "e", "timeUnixNano": "5", "attributes": attributes({"a": 1})}
    link = {"traceId": "0af7651916cd43dd8448eb211c80319c", "spanId": hex_id(9)}
    made = line(call(1, parent=2, facts=facts, events=[event], links=[link], status={"code": 2, "message": "no"}))
    receiver.send(made)
    receiver.send(as_protobuf(made), PROTOBUF)
    of_json, of_protobuf = receiver.lines()
    assert of_json == of_protobuf
    assert from_spool(of_json) == from_spool(made)


def test_logs_and_metrics_are_kept(receiver: Running) -> None:
    """The other two signals go to the spool, too."""
    points = [{"timeUnixNano": "5", "asInt": "3"}]
    metric = {"name": "m", "sum": {"aggregationTemporality": 1, "isMonotonic": True, "dataPoints": points}}
    metrics = {"resourceMetrics": [{"scopeMetrics": [{"metrics": [metric]}]}]}
    record = {"timeUnixNano": "5", "eventName": "e", "body": {"stringValue": f"key {SECRET}"}}
    assert receiver.send(log_line(record), path="/v1/logs").status == 200
    assert receiver.send(json.dumps(metrics), path="/v1/metrics").status == 200
    logs, kept = map(json.loads, receiver.lines())
    assert logs["resourceLogs"][0]["scopeLogs"][0]["logRecords"][0]["body"] == {"stringValue": "key [redacted]"}
    assert kept["resourceMetrics"][0]["scopeMetrics"][0]["metrics"] == [metric]


def test_bad_spans_cost_only_themselves(receiver: Running) -> None:
    """The answer says how many spans were rejected and why, in the format of the request; the others are kept."""
    nameless = {**call(2), "spanId": "zz"}
    answer = receiver.send(line(call(1), nameless, {**call(3), "startTimeUnixNano": "0"}))
    partial = json.loads(answer.body)["partialSuccess"]
    assert (answer.status, partial["rejectedSpans"], receiver.span_ids()) == (200, "2", [hex_id(1)])
    assert "not hex" in partial["errorMessage"]
    assert answer.headers["content-type"] == JSON


@pytest.mark.parametrize("send", HOSTILE)
def test_what_is_not_taken_leaves_nothing(receiver: Running, send: object) -> None:
    """Each kind of bad request is refused in its own way, and a good one after it is kept."""
    assert callable(send)
    send(receiver)
    assert receiver.send(line(call(1))).status == 200
    assert receiver.span_ids() == [hex_id(1)]


def test_one_connection_carries_many_requests(receiver: Running) -> None:
    """A connection is kept open, also over a chunked request, a refused one and one that asked before sending."""
    with receiver.opened() as connection:
        body = line(call(1))
        head = b"POST /v1/traces HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
        chunked = b"%x\r\n%s\r\n%x\r\n%s\r\n0\r\n\r\n" % (10, body[:10], len(body) - 10, body[10:])
        connection.sendall(head + b"Transfer-Encoding: chunked\r\n\r\n" + chunked)
        answers = connection.makefile("rb")
        assert _status(answers) == 200
        connection.sendall(head + b"Content-Length: 1\r\n\r\n{")
        assert _status(answers) == 400
        connection.sendall(head + b"Expect: 100-continue\r\nContent-Length: %d\r\n\r\n" % len(body))
        assert answers.readline().startswith(b"HTTP/1.1 100")
        answers.readline()
        connection.sendall(body)
        assert _status(answers) == 200


def _status(answers) -> int:  # type: ignore[no-untyped-def]
    status = int(answers.readline().split()[1])
    length = 0
    while (header := answers.readline().strip().lower()) != b"":
        if header.startswith(b"content-length:"):
            length = int(header.split(b":")[1])
    answers.read(length)
    return status


def test_large_requests_become_lines_that_readers_take(receiver: Running) -> None:
    """A request of several MiB is split, each line is below 1 MiB, and one span that is longer is shortened."""
    text = "x" * 50_000
    spans = [call(number, facts={"note": text}) for number in range(1, 101)]
    huge = call(101, facts={f"note.{number}": text for number in range(50)})
    assert receiver.send(line(*spans, huge)).status == 200
    assert max(map(len, receiver.lines())) < 2**20
    assert len(receiver.lines()) > 5
    assert receiver.span_ids() == [hex_id(number) for number in range(1, 102)]
    kept = {pair["key"]: pair["value"] for pair in receiver.spans()[-1]["attributes"]}
    assert kept["gen_ai.usage.input_tokens"] == {"intValue": "100"}


def test_secrets_are_taken_out(receiver: Running) -> None:
    """By value and by name, in attributes, resource, events and status; what models were told is kept."""
    event = {"name": "e", "attributes": attributes({"password": "hunter2"})}
    failed = {"code": 2, "message": f"401 for {SECRET}"}
    facts = {"note": f"use {SECRET}", "deep": {"api_key": "abc", "n": 1}, "gen_ai.input.messages": "hello"}
    receiver.send(line(call(1, facts=facts, events=[event], status=failed), resource={"token": SECRET, "a": "b"}))
    (kept,) = receiver.lines()
    assert SECRET.encode() not in kept
    assert b"hunter2" not in kept
    assert b'"abc"' not in kept
    assert b'{"stringValue":"hello"}' in kept
    assert kept.count(b"[redacted]") == 5


def test_secrets_are_kept_where_that_is_asked_for(tmp_path: Path) -> None:
    """With --keep-secrets what was sent is kept as it is."""
    with receiving(tmp_path, "--keep-secrets") as receiver:
        receiver.send(line(call(1, facts={"note": SECRET})))
        assert SECRET.encode() in receiver.lines()[0]


@pytest.mark.parametrize("host", ["0.0.0.0", "::"])  # noqa: S104
def test_it_listens_on_loopback_only(tachograph: Run, host: str) -> None:
    """Another address is refused as wrong use, with the switch that allows it."""
    refused = tachograph("receive", "--port", "0", "--host", host)
    assert refused.returncode == 2
    assert "--allow-remote" in refused.stderr


def test_it_says_when_others_can_reach_it(tmp_path: Path) -> None:
    """With --allow-remote the address is taken, and said."""
    with receiving(tmp_path, "--host", "0.0.0.0", "--allow-remote") as receiver:  # noqa: S104
        assert receiver.send(line(call(1))).status == 200
        assert receiver.host == "0.0.0.0"  # noqa: S104


def test_a_port_that_is_taken_is_said(receiver: Running, tachograph: Run) -> None:
    """A second receiver on the same port says so in one line, exit status 3."""
    second = tachograph("receive", "--port", receiver.port)
    assert (second.returncode, second.stderr.count("\n")) == (3, 1)
    assert "--port" in second.stderr


def test_it_stops_cleanly(receiver: Running) -> None:
    """SIGTERM ends it with status 0, its count, and connections that wait for nothing."""
    with receiver.opened():
        receiver.send(line(call(1), call(2)))
        status, said = receiver.stop()
    assert status == 0
    assert "2 spans" in said
    assert not (receiver.home / "receiver.json").exists()


@pytest.mark.skipif(sys.platform != "linux", reason="memory is read from /proc")
def test_a_flood_leaves_the_good_ones(receiver: Running) -> None:
    """Of 300 requests beside slow connections every good one is kept once, and memory is bounded."""
    assert len(BOMB) < 100_000
    sent = flooded(receiver, 300, good, slow=20)
    assert sorted(receiver.span_ids()) == [hex_id(number) for number in sent]
    assert receiver.peak_bytes() < 400 * 2**20


def test_doctor_says_that_it_runs(receiver: Running, tachograph: Run) -> None:
    """While a receiver runs, `tachograph doctor` says where; afterwards it says that none does."""
    assert f"http://127.0.0.1:{receiver.port}" in tachograph("doctor").stdout
    receiver.stop()
    assert "no receiver runs" in tachograph("doctor").stdout
