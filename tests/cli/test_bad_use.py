"""Wrong use and bad input: one clear line that says what to do, the right exit status, never a traceback."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from support import COMMAND, Run, clean_environment

GOOD: dict[str, Any] = {
    "resourceSpans": [
        {
            "scopeSpans": [
                {
                    "spans": [
                        {
                            "traceId": "ab" * 16,
                            "spanId": "11" * 8,
                            "name": "invoke_agent a",
                            "startTimeUnixNano": "1000",
                            "endTimeUnixNano": "2000",
                            "attributes": [
                                {"key": "gen_ai.operation.name", "value": {"stringValue": "invoke_agent"}},
                                {"key": "gen_ai.agent.name", "value": {"stringValue": "a"}},
                            ],
                        }
                    ]
                }
            ]
        }
    ]
}


@pytest.mark.parametrize(
    ("arguments", "status", "says"),
    [
        ([], 2, "COMMAND"),
        (["nonsense"], 2, "invalid choice"),
        (["agents", "--format", "xml"], 2, "xml"),
        (["report", "--since", "soon"], 2, "30d"),
        (["report", "--since", "2026-02-01", "--until", "2026-01-01"], 3, "tachograph ingest"),
        (["agents"], 3, "tachograph ingest"),
        (["agents", "--store", "oracle://x"], 3, "duckdb:///"),
        (["trace"], 2, "TRACE_ID"),
        (["ingest", "no/such/file"], 2, "does not exist"),
    ],
)
def test_one_line_and_the_right_status(tachograph: Run, arguments: list[str], status: int, says: str) -> None:
    """On standard error; standard output is for data."""
    ended = tachograph(*arguments)
    assert ended.returncode == status
    assert ended.stdout == ""
    assert says in ended.stderr
    assert ended.stderr.count("\n") == 1


@pytest.fixture
def filled(tmp_path: Path, tachograph: Run) -> Run:
    (tmp_path / "good.jsonl").write_text(json.dumps(GOOD) + "\n")
    assert tachograph("ingest", "good.jsonl").returncode == 0
    return tachograph


def test_a_window_turned_round_is_wrong_use(filled: Run) -> None:
    """With what to do."""
    ended = filled("report", "--since", "2026-02-01", "--until", "2026-01-01")
    assert (ended.returncode, ended.stdout) == (2, "")
    assert "exchange" in ended.stderr


def test_an_unknown_name_is_an_answer_that_fails(filled: Run) -> None:
    """Exit status 1, and JSON that is still JSON."""
    for command in ("agents", "recipes", "tools", "errors"):
        ended = filled(command, "nobody", "--format", "json")
        assert (ended.returncode, json.loads(ended.stdout)) == (1, [])
        assert "nobody" in ended.stderr


def test_a_trace_that_is_not_there(filled: Run) -> None:
    """Not a traceback."""
    ended = filled("trace", "ffff")
    assert ended.returncode == 3
    assert "ffff" in ended.stderr


def test_a_store_that_is_none(tmp_path: Path, tachograph: Run) -> None:
    """A text file is not overwritten."""
    file = tmp_path / "notes.txt"
    file.write_text("shopping list")
    for arguments in (["agents"], ["ingest", tmp_path / "notes.txt"]):
        ended = tachograph(*arguments, "--store", file)
        assert ended.returncode == 3
        assert ended.stderr.count("\n") == 1
    assert file.read_text() == "shopping list"


def test_bad_lines_are_told_and_good_ones_kept(tmp_path: Path, tachograph: Run) -> None:
    """A good line between bad ones is stored; each bad one is named by file and line."""
    backwards = json.loads(json.dumps(GOOD).replace('"2000"', '"10"').replace("1111", "2222"))
    lines = ["not json", json.dumps(GOOD), json.dumps(backwards), "\x00\x01\x02", json.dumps(GOOD)[:100]]
    (tmp_path / "mixed.jsonl").write_text("\n".join(lines))
    ended = tachograph("ingest", "mixed.jsonl", "--format", "json")
    assert ended.returncode == 0
    assert json.loads(ended.stdout) == {"spans": 1, "executions": 1, "duplicates": 0, "rejected": 4}
    for line in (1, 3, 4, 5):
        assert f"mixed.jsonl:{line}:" in ended.stderr
    assert "Traceback" not in ended.stderr


def test_a_reader_that_closes_the_pipe_is_no_error(filled: Run, tmp_path: Path) -> None:
    """As in `tachograph report | head -1`."""
    with subprocess.Popen(
        ["sh", "-c", f"{COMMAND} report | head -1"],
        env=clean_environment(tmp_path / "home"),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        said, complaints = process.communicate(timeout=60)
    assert said.startswith("tachograph report")
    assert complaints == ""


def test_unread_spool_files_are_mentioned(filled: Run, tmp_path: Path) -> None:
    """Whoever asks sees that the answer is not the newest."""
    spool = tmp_path / "home" / "spool"
    spool.mkdir()
    (spool / "1.otlp.jsonl").write_text(json.dumps(GOOD) + "\n")
    assert "1 spool file has not been read" in filled("agents").stderr
    assert filled("ingest").returncode == 0
    assert filled("agents").stderr == ""


def test_text_into_a_pipe_has_no_colour_and_no_bars(filled: Run) -> None:
    """Not a single escape character, whatever the terminal's settings."""
    for command in ("report", "agents", "recipes"):
        ended = filled(command)
        assert "\x1b" not in ended.stdout + ended.stderr
        assert ended.returncode == 0


@pytest.mark.skipif(os.name == "nt", reason="needs a pseudo-terminal")
def test_a_terminal_gets_colour(filled: Run, tmp_path: Path) -> None:
    """The same command on a real pseudo-terminal."""
    import pty

    environment = {**clean_environment(tmp_path / "home"), "TERM": "xterm-256color", "COLUMNS": "100"}
    environment.pop("NO_COLOR", None)
    ours, theirs = pty.openpty()
    with subprocess.Popen(
        [COMMAND, "agents"], env=environment, stdout=theirs, stderr=theirs, close_fds=True
    ) as process:
        process.wait(timeout=60)
    os.close(theirs)
    assert b"\x1b[" in os.read(ours, 100_000)
    os.close(ours)


def test_without_the_analysis_extra_it_says_what_to_install(tmp_path: Path) -> None:
    """A traced service has the small installation; the command is there and says what it lacks."""
    hide = "import sys; sys.modules['duckdb'] = None; from tachograph.cli import main; main(['report'])"
    ended = subprocess.run([sys.executable, "-c", hide], capture_output=True, text=True, timeout=60, check=False)
    assert (ended.returncode, ended.stdout) == (2, "")
    assert ended.stderr == "tachograph: duckdb is not installed; run: pip install 'tachograph[analysis]'\n"


def test_hostile_names_do_not_reach_the_terminal_as_they_are(tmp_path: Path, tachograph: Run) -> None:
    """Escape sequences, markup and line breaks in names are shown, not carried out; JSON keeps them exactly."""
    name = "\x1b[31mevil[bold]\n\x07" + "x" * 500
    line = json.dumps(GOOD).replace('"a"', json.dumps(name))
    (tmp_path / "hostile.jsonl").write_text(line + "\n")
    tachograph("ingest", "hostile.jsonl")
    for arguments in (("agents",), ("report", "--since", "1970-01-01"), ("trace", "abab")):
        text = tachograph(*arguments).stdout
        assert "evil[bold]" in text or arguments[0] == "trace"
        assert not any(char < " " and char != "\n" for char in text)
        assert max(map(len, text.splitlines())) < 200
    assert json.loads(tachograph("agents", "--format", "json").stdout)[0]["agent_name"] == name


@pytest.mark.parametrize("value", ["NaN", "Infinity", "-Infinity"])
def test_numbers_that_are_none_do_not_spoil_an_answer(tmp_path: Path, tachograph: Run, value: str) -> None:
    """A cost that is not a number is an unknown cost."""
    broken = json.loads(json.dumps(GOOD))
    attributes = broken["resourceSpans"][0]["scopeSpans"][0]["spans"][0]["attributes"]
    attributes.append({"key": "dev_agency.cost.usd", "value": {"doubleValue": value}})
    (tmp_path / "broken.jsonl").write_text(json.dumps(broken) + "\n")
    assert json.loads(tachograph("ingest", "broken.jsonl", "--format", "json").stdout)["spans"] == 1
    assert json.loads(tachograph("agents", "--format", "json").stdout)[0]["cost_usd"] is None


def test_a_trace_of_many_spans_is_shown_in_part(tmp_path: Path, tachograph: Run) -> None:
    """Text stops where nobody reads on, and says so; JSON has all of it."""
    span = GOOD["resourceSpans"][0]["scopeSpans"][0]["spans"][0]
    many = [{**span, "spanId": f"{number:016x}", "parentSpanId": "1" * 16} for number in range(2, 3_000)]
    lines = [GOOD, {"resourceSpans": [{"scopeSpans": [{"spans": many}]}]}]
    (tmp_path / "many.jsonl").write_text("\n".join(map(json.dumps, lines)))
    tachograph("ingest", "many.jsonl")
    assert "1,999 more spans" in tachograph("trace", "abab").stdout
    assert len(json.loads(tachograph("trace", "abab", "--format", "json").stdout)["spans"]) == 2_999
