"""`tachograph trace`, through the real command line: the path, its drag, and the formats of viewers and of OTLP."""

import base64
import json
from pathlib import Path
from typing import Any

import pytest
from google.protobuf import json_format
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from support import Run
from telemetry import START, TRACE, call, hex_id, line, recipe, span, step, tool

MS = 1_000_000
FAILED: dict[str, Any] = {"status": {"code": 2, "message": "no answer"}}


def needs(*names: str) -> dict[str, Any]:
    return {"dev_agency.step.depends_on": list(names)}


def at(start: float, end: float) -> dict[str, int]:
    return {"start": int(start * MS), "end": int(end * MS)}


# a and b run together; c waits for a only, though b ends a little later; in c a call fails and is made again.
SPANS = [
    recipe(1, "ship", **at(0, 110)),
    step(2, "a", parent=1, facts=needs(), **at(0, 50)),
    step(3, "b", parent=1, facts=needs(), **at(0, 54)),
    step(4, "c", parent=1, facts=needs("a"), **at(58, 100)),
    call(5, parent=4, **at(58, 70), **FAILED),
    call(6, parent=4, **at(80, 99)),
    tool(
        7, parent=3, **at(10, 20), facts={"ratio": 0.5, "list": ["x", 1], "yes": True, "deep": {"a": 1}},
        events=[{"timeUnixNano": str(START + 12 * MS), "name": "noted", "attributes": []}],
        links=[{"traceId": TRACE, "spanId": hex_id(2), "attributes": []}],
    ),
]  # fmt: skip


@pytest.fixture
def told(tmp_path: Path, tachograph: Run) -> Run:
    """A store with that trace, told by two processes."""
    lines = [
        line(*SPANS[:6], resource={"service.name": "shop", "process.pid": 11}),
        line(*SPANS[6:], resource={"service.name": "tools", "process.pid": 12}),
    ]
    (tmp_path / "spans.jsonl").write_bytes(b"".join(lines))
    assert tachograph("ingest", "spans.jsonl").returncode == 0
    return tachograph


def asked(run: Run, form: str) -> Any:
    ended = run("trace", TRACE[:8], "--format", form)
    assert (ended.returncode, ended.stderr) == (0, "")
    return json.loads(ended.stdout)


def test_the_path_goes_by_what_is_declared(told: Run) -> None:
    """From the recipe's end over c to a, although b ended between the two; sections have the contract's fields only."""
    made = asked(told, "json")
    expected = [(2, 0, 50), (1, 50, 58), (5, 58, 70), (4, 70, 80), (6, 80, 99), (4, 99, 100), (1, 100, 110)]
    assert made["critical_path"] == [
        {"span_id": hex_id(number), "start_unix_nano": START + low * MS, "end_unix_nano": START + high * MS}
        for number, low, high in expected
    ]


def test_drag_says_what_a_removal_would_gain(told: Run) -> None:
    """Without a the end would wait for b: c starts 50 ms earlier, then b's 54 and c's end at 50 decide."""
    made = asked(told, "json")
    drags = {span["span_id"]: span["drag_ns"] / MS for span in made["spans"]}
    assert drags == {hex_id(1): 110, hex_id(2): 46, hex_id(3): 0, hex_id(4): 42, hex_id(5): 12, hex_id(6): 19,
                     hex_id(7): 0}  # fmt: skip
    parts = {part["component"]: part for part in made["components"]}
    assert parts["a"]["drag_ns"] == 46 * MS
    assert parts["m"]["drag_ns"] == 31 * MS  # both calls of the model
    assert sum(part["share"] for part in parts.values()) == pytest.approx(1)


def test_waiting_to_try_again_is_told(told: Run) -> None:
    """10 ms between the call that failed and the same call made again."""
    made = asked(told, "json")
    assert made["blocked"] == [
        {"span_id": hex_id(4), "start_unix_nano": START + 70 * MS, "end_unix_nano": START + 80 * MS}
    ]
    said = told("trace", TRACE).stdout
    assert "Waiting to try again took 10.0 ms" in said
    assert "drag" in said
    assert "46.0 ms" in said


def test_clocks_that_differ_are_told_and_not_set_right(tmp_path: Path, tachograph: Run) -> None:
    """A child that begins before its parent, a step that begins before what it waits for has ended."""
    spans = [
        recipe(1, "ship", **at(100, 300)),
        step(2, "a", parent=1, facts=needs(), **at(70, 200)),
        step(3, "b", parent=1, facts=needs("a"), **at(190, 300)),
    ]
    (tmp_path / "spans.jsonl").write_bytes(line(*spans))
    assert tachograph("ingest", "spans.jsonl").returncode == 0
    made = asked(tachograph, "json")
    assert {span["span_id"]: span["early_ns"] // MS for span in made["spans"]} == {
        hex_id(1): 0,
        hex_id(2): 30,
        hex_id(3): 10,
    }
    assert made["skew_ns"] == 30 * MS
    assert [span["start_unix_nano"] for span in made["spans"]] == [START + ms * MS for ms in (100, 70, 190)]
    # What was waited for is cut where the next began; the sections cover the recipe all the same.
    path = [(section["span_id"], section["start_unix_nano"] - START) for section in made["critical_path"]]
    assert path == [(hex_id(2), 100 * MS), (hex_id(3), 190 * MS)]
    assert "Clocks differ by 30.0 ms or more" in tachograph("trace", TRACE).stdout


def test_perfetto_gets_complete_events_whose_stacks_nest(told: Run) -> None:
    """As the Trace Event Format has it: names and processes as metadata, times in microseconds, and on each thread no
    two events that overlap without one lying within the other."""
    made = asked(told, "perfetto")
    events = made["traceEvents"]
    assert {event["ph"] for event in events} == {"X", "M"}
    for event in events:
        assert isinstance(event["name"], str)
        assert isinstance(event["pid"], int)
        assert isinstance(event["tid"], int)
        assert event["ph"] == "M" or (event["ts"] >= 0 and event["dur"] >= 0)
    spans = [event for event in events if event["ph"] == "X"]
    shown = {event["args"]["span_id"]: event for event in spans if event["cat"] != "critical path"}
    assert shown.keys() == {hex_id(number) for number in range(1, 8)}
    assert (shown[hex_id(4)]["ts"], shown[hex_id(4)]["dur"]) == (58_000, 42_000)
    names = {event["args"]["name"] for event in events if event["name"] == "process_name"}
    assert names == {"critical path", "shop (11)", "tools (12)"}
    for first in spans:
        for second in spans:
            if first is not second and (first["pid"], first["tid"]) == (second["pid"], second["tid"]):
                nested_or_apart(first["ts"], first["ts"] + first["dur"], second["ts"], second["ts"] + second["dur"])


def nested_or_apart(a: float, b: float, c: float, d: float) -> None:
    assert b <= c or d <= a or (a <= c and d <= b) or (c <= a and b <= d)


def test_speedscope_gets_balanced_events(told: Run) -> None:
    """As its file format schema has it: every frame opened is closed in the order of a stack, at times that never go
    back, within the profile's bounds."""
    made = asked(told, "speedscope")
    assert made["$schema"] == "https://www.speedscope.app/file-format-schema.json"
    frames = made["shared"]["frames"]
    assert made["profiles"][made["activeProfileIndex"]]["name"] == "critical path"
    for profile in made["profiles"]:
        assert (profile["type"], profile["unit"]) == ("evented", "nanoseconds")
        stack: list[int] = []
        before = profile["startValue"]
        for event in profile["events"]:
            assert before <= event["at"] <= profile["endValue"]
            assert 0 <= event["frame"] < len(frames)
            before = event["at"]
            if event["type"] == "O":
                stack.append(event["frame"])
            else:
                assert (event["type"], stack.pop()) == ("C", event["frame"])
        assert stack == []


def test_otlp_is_what_came_in(told: Run) -> None:
    """It parses as OTLP's protobuf JSON, with every id, time, attribute, event, link and status."""
    made = asked(told, "otlp")
    for group in made["resourceSpans"]:
        for scope in group["scopeSpans"]:
            for item in scope["spans"]:
                for holder in (item, *item.get("links", [])):
                    for key in {"traceId", "spanId", "parentSpanId"} & holder.keys():
                        holder[key] = base64.b64encode(bytes.fromhex(holder[key])).decode()
    request = json_format.ParseDict(made, ExportTraceServiceRequest())
    spans = {item.span_id.hex(): item for group in request.resource_spans for item in group.scope_spans[0].spans}
    assert spans.keys() == {hex_id(number) for number in range(1, 8)}
    assert spans[hex_id(5)].parent_span_id.hex() == hex_id(4)
    assert (spans[hex_id(5)].status.code, spans[hex_id(5)].status.message) == (2, "no answer")
    assert spans[hex_id(7)].start_time_unix_nano == START + 10 * MS
    facts = {item.key: item.value for item in spans[hex_id(7)].attributes}
    assert (facts["ratio"].double_value, facts["yes"].bool_value) == (0.5, True)
    assert [item.string_value or item.int_value for item in facts["list"].array_value.values] == ["x", 1]
    assert facts["deep"].kvlist_value.values[0].value.int_value == 1
    assert spans[hex_id(7)].events[0].name == "noted"
    assert spans[hex_id(7)].links[0].span_id.hex() == hex_id(2)
    facts_of = [{fact.key: fact.value for fact in item.resource.attributes} for item in request.resource_spans]
    services = {facts["service.name"].string_value for facts in facts_of}
    assert services == {"shop", "tools"}


def test_what_was_exported_can_be_read_again(told: Run, tmp_path: Path) -> None:
    """As one line in a second store, where it is the same trace."""
    (tmp_path / "again.jsonl").write_text(json.dumps(asked(told, "otlp")) + "\n")
    assert told("ingest", "again.jsonl", "--store", "second.duckdb").returncode == 0
    second = json.loads(told("trace", TRACE, "--format", "json", "--store", "second.duckdb").stdout)
    assert second == asked(told, "json")


def test_a_trace_of_fifty_thousand_spans(tmp_path: Path, tachograph: Run) -> None:
    """Deep, wide and with overlaps: every format is there, and the path covers the root."""
    wide = [span(number, name="wide", parent=1, **at(number, number + 3)) for number in range(2, 25_001)]
    deep = [
        span(
            number,
            name="deep",
            parent=number - 1 if number > 25_001 else 1,
            **at(25_100 + (number - 25_000) / 10, 49_000),
        )
        for number in range(25_001, 50_001)
    ]
    spans = [span(1, name="root", **at(0, 50_000)), *wide, *deep]
    lines = [line(*spans[first : first + 1_000]) for first in range(0, len(spans), 1_000)]
    (tmp_path / "spans.jsonl").write_bytes(b"".join(lines))
    assert tachograph("ingest", "spans.jsonl").returncode == 0
    made = asked(tachograph, "json")
    assert len(made["spans"]) == 50_000
    covered = sum(part["end_unix_nano"] - part["start_unix_nano"] for part in made["critical_path"])
    assert covered == 50_000 * MS
    assert "49,000 more spans" in tachograph("trace", TRACE).stdout
