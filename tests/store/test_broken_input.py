"""Whatever is wrong with a file costs only the piece that is wrong, and is kept aside with the reason."""

import gzip
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import zstandard
from telemetry import START, TRACE, agent, hex_id, line, read, rows, span, write

from tachograph.store import PathUnreadable, Store, ingest


def names(store: Store) -> list[str]:
    return [name for (name,) in rows(store, "SELECT name FROM spans ORDER BY name")]


@pytest.mark.parametrize(
    ("fault", "why"),
    [
        ({"endTimeUnixNano": str(START - 1)}, "ends before it starts"),
        ({"endTimeUnixNano": None}, "has no end time"),
        ({"endTimeUnixNano": "0"}, "has no end time"),
        ({"startTimeUnixNano": ""}, "has no start time"),
        ({"startTimeUnixNano": str(2**63)}, "has a time outside 1970 to 2262"),
        ({"startTimeUnixNano": -5}, "has a time outside 1970 to 2262"),
        ({"startTimeUnixNano": "9" * 5_000}, "has a time that is no number: '999"),
        ({"startTimeUnixNano": "soon"}, "has a time that is no number: 'soon'"),
        ({"traceId": None}, "has no trace id"),
        ({"traceId": ""}, "has no trace id"),
        ({"traceId": "0" * 32}, "has no trace id"),
        ({"traceId": "ab" * 15}, "has a trace id that is not 32 hex digits"),
        ({"traceId": "0x" + "ab" * 15}, "has a trace id that is not 32 hex digits"),
        ({"traceId": "ab " * 11}, "has a trace id that is not 32 hex digits"),
        ({"traceId": " ab" * 10 + "ab"}, "has a trace id that is not 32 hex digits"),
        ({"spanId": None}, "has no span id"),
        ({"spanId": "0" * 16}, "has no span id"),
        ({"spanId": 77}, "Expected `str | null`, got `int` - at `$.spanId`"),
        ({"parentSpanId": "zz"}, "has a parent span id that is not 16 hex digits"),
        ({"name": ["x"]}, "Expected `str | null`, got `array` - at `$.name`"),
        ({"kind": "SPAN_KIND_ODD"}, "has an unknown kind: 'SPAN_KIND_ODD'"),
        ({"kind": 4_000}, "has an unknown kind: 4000"),
        ({"status": {"code": "BAD"}}, "has an unknown status code: 'BAD'"),
        ({"status": 7}, "Expected `object | null`, got `int` - at `$.status`"),
        ({"attributes": {"a": 1}}, "Expected `array | null`, got `object` - at `$.attributes`"),
        ({"attributes": [{"key": "n", "value": {"intValue": "1.5"}}]}, "invalid literal for int()"),
        ({"attributes": [{"key": "n", "value": {"intValue": 1.5}}]}, "1.5 is not a whole number"),
        ({"events": [{"name": "e", "timeUnixNano": "x"}]}, "has a time that is no number: 'x'"),
    ],
)
def test_a_span_that_cannot_be_stored_costs_only_itself(
    store: Store, file: Path, fault: dict[str, Any], why: str
) -> None:
    """The other spans of its line are stored; the reason names file, line and span, the text is kept aside."""
    result = read(
        store, file, line(span(1, name="first")), line(span(2, name="a"), span(3, **fault), span(4, name="z"))
    )
    assert (result.spans, result.rejected) == (3, 1)
    assert names(store) == ["a", "first", "z"]
    (reason,) = result.reasons
    assert reason.startswith(f"{file}:2: span 2 {why}")
    ((kept_file, number, offset, content),) = rows(store, "SELECT file, line, byte_offset, content FROM rejected")
    assert (kept_file, number, offset) == (str(file), 2, file.read_bytes().index(b"\n") + 1)
    assert json.loads(content)["attributes"] is not None


def test_numbers_and_names_in_any_wire_form(store: Store, file: Path) -> None:
    """64-bit integers come as text or numbers, enumerations as numbers or names, ids in either case."""
    odd = span(
        1,
        traceId=TRACE.upper(),
        kind="SPAN_KIND_CLIENT",
        startTimeUnixNano=START,
        status={"code": "STATUS_CODE_ERROR"},
        unheardOf={"of": 1},
        attributes=[
            {"key": "dev_agency.context.size", "value": {"intValue": 12.0}},
            {"key": "dev_agency.step.index", "value": {"intValue": 3}},
            {"key": "huge", "value": {"intValue": "123456789012345678901234567890"}},
            {"key": "none", "value": {}},
            {"key": "nothing", "value": None},
            {"key": "nan", "value": {"doubleValue": "NaN"}},
            {"key": "far", "value": {"doubleValue": "-Infinity"}},
            {"key": "bytes", "value": {"bytesValue": "aGk="}},
            {"key": "nested", "value": {"kvlistValue": {"values": [{"key": "k", "value": {"arrayValue": {}}}]}}},
        ],
    )
    result = read(store, file, line(odd))
    assert (result.spans, result.reasons) == (1, ())
    ((trace, kind, outcome, size, index, text),) = rows(
        store, "SELECT trace_id, kind, outcome, context_size, step_index, attributes FROM spans"
    )
    assert (trace, kind, outcome, size, index) == (TRACE, 3, "failure", 12, 3)
    assert json.loads(text) == {
        "dev_agency.context.size": 12,
        "dev_agency.step.index": 3,
        "huge": 123456789012345678901234567890,
        "none": None,
        "nothing": None,
        "nan": "NaN",
        "far": "-Infinity",
        "bytes": {"bytesValue": "aGk="},
        "nested": {"k": []},
    }


def test_wrong_types_in_typed_columns_become_null(store: Store, file: Path) -> None:
    """What a column cannot hold stays in the JSON, and the other spans keep their values."""
    wrong = {
        "gen_ai.operation.name": "invoke_agent",
        "gen_ai.agent.name": 7,
        "dev_agency.context.size": "large",
        "dev_agency.step.index": -1,
        "dev_agency.recipe.steps_total": 2**70,
        "dev_agency.task.complexity": ["simple"],
        "dev_agency.step.depends_on": ["a", 1],
        "dev_agency.cost.usd": "free",
        "gen_ai.usage.input_tokens": 10**15,
        "gen_ai.usage.output_tokens": True,
        "dev_agency.call.hash": 5,
        "user.id": 5,
    }
    costs = {"gen_ai.usage.input_cost": "x", "gen_ai.usage.output_cost": 0.5}
    result = read(store, file, line(span(1, wrong), agent(2), span(3, costs)))
    assert (result.spans, result.reasons) == (3, ())
    columns = (
        "agent_name, context_size, step_index, steps_total, complexity, depends_on, cost_usd, input_tokens, "
        "output_tokens, call_hash, user_id"
    )
    assert rows(store, f"SELECT {columns} FROM spans WHERE span_id = '{hex_id(1)}'") == [(None,) * 11]
    assert rows(store, "SELECT agent_name FROM spans WHERE agent_name IS NOT NULL") == [("coder",)]
    assert rows(store, "SELECT cost_usd FROM spans WHERE cost_usd IS NOT NULL") == [(0.5,)]
    ((text,),) = rows(store, f"SELECT attributes FROM spans WHERE span_id = '{hex_id(1)}'")
    assert json.loads(text) == wrong


@pytest.mark.parametrize(
    ("bad", "why"),
    [
        (b"not json", "JSON is malformed"),
        (b"\x00" * 64, "JSON is malformed"),
        (b"[1, 2]", "Expected `object`, got `array`"),
        (b"{}", "holds no resourceSpans, resourceLogs or resourceMetrics"),
        (b'{"resourceSpans": 5}', "Expected `array | null`, got `int` - at `$.resourceSpans`"),
        (b'{"resourceSpans": [{"scopeSpans": "x"}]}', "Expected `array | null`, got `str`"),
        (b'{"deep": ' + b"[" * 100_000 + b"]" * 100_000 + b"}", "is nested too deeply"),
        (b"{" + os.urandom(4_000).replace(b"\n", b"") + b"}", ""),
    ],
)
def test_a_line_that_is_no_request_costs_only_itself(store: Store, file: Path, bad: bytes, why: str) -> None:
    """The lines around it are stored, blank ones are none, and the line itself is kept as it is."""
    result = read(store, file, line(span(1)), b"\n", bad + b"\n", b"  \r\n", line(span(2)))
    assert (result.spans, result.rejected) == (2, 1)
    assert result.reasons[0].startswith(f"{file}:3: {why}")
    assert rows(store, "SELECT line, byte_offset, content FROM rejected") == [(3, len(line(span(1))) + 1, bad)]


def test_invalid_utf8_costs_one_span(store: Store, file: Path) -> None:
    """The bytes are kept as they came; the other spans of the line are stored."""
    raw = line(span(1, name="good"), span(2, name="XX"), span(3, name="fine")).replace(b"XX", b"\xff\xfe")
    result = read(store, file, raw)
    assert (result.spans, result.reasons) == (2, (f"{file}:1: span 2 is not valid UTF-8",))
    assert b"\xff\xfe" in rows(store, "SELECT content FROM rejected")[0][0]


def test_what_only_python_takes_for_json_is_read(store: Store, file: Path) -> None:
    """Its json module writes NaN, and half a surrogate pair where bytes were no text: both are mended."""
    raw = line(span(1, name="good"), span(2, {"k": "XX", "number": 0.5}, name="odd XX")).replace(b"XX", b"\\udcff")
    result = read(store, file, raw.replace(b"0.5", b"NaN"))
    assert (result.spans, result.reasons) == (2, ())
    ((text,),) = rows(store, "SELECT attributes FROM spans WHERE name = 'odd \ufffd'")
    assert json.loads(text) == {"k": "\ufffd", "number": "NaN"}


def test_nul_characters_inside_text_are_kept(store: Store, file: Path) -> None:
    """An escaped NUL is text like any other."""
    result = read(store, file, line(span(1, {"k": "a\0b"}, name="x\0y")))
    assert (result.spans, result.reasons) == (1, ())
    ((name, text),) = rows(store, "SELECT name, attributes FROM spans")
    assert (name, json.loads(text)) == ("x\0y", {"k": "a\0b"})


@pytest.mark.parametrize("depth", [100, 200, 300, 450, 600, 5_000])
def test_deep_nesting_is_stored_or_rejected(store: Store, file: Path, depth: int) -> None:
    """However deep attribute values nest, no RecursionError comes out, and the next line is read."""
    value = b'{"arrayValue":{"values":[' * depth + b'{"intValue":1}' + b"]}}" * depth
    deep = b'[{"key":"deep","value":' + value + b"}]"
    result = read(store, file, line(span(1, attributes="DEEP")).replace(b'"DEEP"', deep), line(span(2)))
    assert (result.spans + result.rejected, names(store)[-1:]) == (2, ["work"])
    assert all("is nested too deeply" in reason for reason in result.reasons)
    assert result.spans == 2 or depth > 100


def test_a_cut_last_line_is_read_once_it_is_whole(store: Store, file: Path) -> None:
    """It counts as one rejected, is told each time, and leaves no trace when the file has grown."""
    whole = line(span(1)) + line(span(2))
    cut = whole[:-40]
    first = read(store, file, cut)
    assert (first.spans, first.rejected) == (1, 1)
    assert first.reasons == (f"{file}:2: is cut off before its end",)
    again = ingest(store, [file])
    assert (again.spans, again.duplicates, again.rejected) == (0, 1, 1)
    assert len(rows(store, "SELECT * FROM rejected")) == 1
    with file.open("ab") as stream:
        stream.write(whole[len(cut) :] + line(span(3)))
    grown = ingest(store, [file])
    assert (grown.spans, grown.duplicates, grown.rejected) == (2, 1, 0)
    assert rows(store, "SELECT * FROM rejected") == []


def test_a_whole_last_line_without_line_end_is_read(store: Store, file: Path) -> None:
    """And line numbers stay right when the file grows after it."""
    assert read(store, file, line(span(1)), line(span(2)).rstrip()).spans == 2
    with file.open("ab") as stream:
        stream.write(b"\n" + line(span(3)) + b"oops\n")
    grown = ingest(store, [file])
    assert (grown.spans, grown.duplicates) == (1, 2)
    assert grown.reasons == (f"{file}:4: JSON is malformed: invalid character (byte 0)",)


@pytest.mark.parametrize("content", [b"", b"\n\n", b"\xef\xbb\xbf"])
def test_empty_files(store: Store, file: Path, content: bytes) -> None:
    """Nothing in, nothing out."""
    result = read(store, file, content)
    assert (result.spans, result.rejected) == (0, 0)


def test_a_byte_order_mark_is_no_error(store: Store, file: Path) -> None:
    """Editors on Windows write one."""
    assert read(store, file, b"\xef\xbb\xbf" + line(span(1)).replace(b"\n", b"\r\n")).spans == 1


def test_a_folder_without_files(store: Store, tmp_path: Path) -> None:
    """Is no error."""
    (tmp_path / "empty").mkdir()
    assert ingest(store, [tmp_path / "empty"]).spans == 0


def test_a_binary_file(store: Store, file: Path) -> None:
    """All of it is rejected, none of it raises, and what is reported stays short."""
    result = read(store, file, os.urandom(200_000))
    assert result.spans == 0
    assert result.rejected > 100
    assert len(result.reasons) == 20
    assert all("\n" not in reason for reason in result.reasons)


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="reads the peak of memory from /proc")
def test_garbage_in_one_endless_line_takes_little_memory(tmp_path: Path) -> None:
    """100 MB without a line end are rejected as one line, the line after it is read, memory stays bounded."""
    file = tmp_path / "long.jsonl"
    with file.open("wb") as stream:
        stream.write(line(span(1)))
        for _ in range(100):
            stream.write(b"x" * 1_000_000)
        stream.write(b"\n" + line(span(2)) + b"oops\n")
    script = (
        "import re; from pathlib import Path; from tachograph.store import ingest, open_store\n"
        f"with open_store({str(tmp_path / 'm.db')!r}) as store:\n"
        f"    result = ingest(store, [Path({str(file)!r})])\n"
        "    kept = store.connection.execute('SELECT max(octet_length(content)) FROM rejected').fetchone()[0]\n"
        "print(result.spans, '; '.join(reason.split('.jsonl:')[1] for reason in result.reasons), kept)\n"
        # Not getrusage: its peak begins with that of the process that started this one.
        "print(re.search(r'VmHWM:\\s+(\\d+)', Path('/proc/self/status').read_text())[1])"
    )
    answer = subprocess.run([sys.executable, "-c", script], check=True, capture_output=True, text=True).stdout
    found, peak_kib = answer.splitlines()
    assert found.startswith("2 2: is not JSON; 4: JSON is malformed")
    assert found.endswith(str(1 << 20))
    assert int(peak_kib) < 300 * 1024


def test_a_valid_line_far_larger_than_a_block_is_read(store: Store, file: Path) -> None:
    """40 MB in one line are one request."""
    padding = "x" * 400_000
    result = read(store, file, line(*(span(n, {"p": padding}) for n in range(1, 101))), line(span(101)))
    assert (result.spans, result.rejected) == (101, 0)


@pytest.mark.parametrize("packed", [gzip.compress, zstandard.compress])
def test_compressed_files(store: Store, tmp_path: Path, packed: Any) -> None:
    """gzip and zstd are told by their first bytes, several members in a file are one stream."""
    file = tmp_path / "spans.jsonl.packed"
    file.write_bytes(packed(line(span(1))) + packed(line(span(2)) + b"oops\n"))
    first = ingest(store, [file])
    assert (first.spans, first.rejected) == (2, 1)
    assert first.reasons[0].startswith(f"{file}:3: ")
    again = ingest(store, [file])
    assert (again.spans, again.duplicates, again.rejected) == (0, 2, 0)


@pytest.mark.parametrize("damage", ["cut", "overwritten"])
@pytest.mark.parametrize("packed", [gzip.compress, zstandard.compress])
def test_damaged_compressed_files(store: Store, tmp_path: Path, packed: Any, damage: str) -> None:
    """What could be decompressed is stored, and the damage is told; a file that has grown is read whole again."""
    whole = b"".join(line(span(number, {"noise": os.urandom(40).hex()})) for number in range(1, 3_001))
    data = packed(whole)
    middle = len(data) // 2
    bad = data[:middle] if damage == "cut" else data[:middle] + b"\0" * 64 + data[middle + 64 :]
    file = write(tmp_path / "spans.jsonl.packed", bad)
    first = ingest(store, [file])
    assert first.spans < 3_000
    assert first.rejected >= 1
    assert first.spans > 300 or (damage == "overwritten" and packed is zstandard.compress)
    file.write_bytes(data)
    assert ingest(store, [file]).spans == 3_000 - first.spans
    assert rows(store, "SELECT count(*) FROM spans") == [(3_000,)]


def test_missing_and_unreadable_paths(store: Store, tmp_path: Path) -> None:
    """One line says which path it is; nothing is stored of the others, for the user meant all of them."""
    good = write(tmp_path / "good.jsonl", line(span(1)))
    with pytest.raises(PathUnreadable, match=r"gone\.jsonl: no such file or folder"):
        ingest(store, [good, tmp_path / "gone.jsonl"])
    assert rows(store, "SELECT count(*) FROM spans") == [(0,)]


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_file_that_may_not_be_read(store: Store, file: Path) -> None:
    """Is an error of ours, in one line."""
    write(file, line(span(1))).chmod(0)
    with pytest.raises(PathUnreadable, match="cannot be read"):
        ingest(store, [file])


def test_standard_input(tmp_path: Path) -> None:
    """`-` reads what is piped in; twice the same adds nothing though no ledger can know it."""
    script = (
        "from tachograph.store import ingest, open_store\n"
        f"with open_store({str(tmp_path / 's.db')!r}) as store:\n"
        "    print(ingest(store, ['-']))"
    )
    command = [sys.executable, "-c", script]
    piped = line(span(1), span(2)) + b"oops\n"
    for expected in ("spans=2, executions=0, duplicates=0, rejected=1", "spans=0, executions=0, duplicates=2"):
        answer = subprocess.run(command, check=True, capture_output=True, input=piped)
        assert expected.encode() in answer.stdout
        assert b"'-:2: JSON is malformed" in answer.stdout


def test_what_follows_a_torn_beginning_is_not_lost_with_it(store: Store, file: Path) -> None:
    """A writer that was killed leaves half a line, and the next one writes on behind it: only the half is rejected."""
    whole = [line(span(n, name=f"n{n}")) for n in (1, 2, 3)]
    torn = whole[0][: len(whole[0]) // 2] + whole[1][:40] + whole[2]
    result = read(store, file, line(span(4, name="before")), torn, line(span(5, name="after")))
    assert (result.spans, result.rejected) == (3, 2)
    assert names(store) == ["after", "before", "n3"]
