"""`tools`, `errors`, `export` and the conditions of `agents`, against figures computed here from the same telemetry."""

import json
import random
import statistics
import subprocess
import sys
from collections import Counter, defaultdict
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from support import COMMAND, Run
from telemetry import START, agent, call, hex_id, line, log_line, span, tool

SECOND = 1_000_000_000
COMMANDS = ("app build", "app test", "app ship")
OPTIONS = ("--fast", "--json", "--verbose")
FAILURES = ("port {} is taken", "no space left on /dev/sd{}", "HTTP 503 from host{}.example.com")

Facts = list[dict[str, Any]]


@pytest.fixture(scope="module")
def ran() -> Facts:
    """What 40 sessions of 9 users, one of them unknown, did: commands one after the other, some of which failed."""
    chance = random.Random(5)
    made: Facts = []
    for session in range(40):
        at = session * 1_000 * SECOND
        for _ in range(chance.randrange(1, 7)):
            at += chance.randrange(1, 60 * SECOND)
            took = chance.randrange(1, 9 * SECOND)
            made.append(
                {
                    "id": len(made) + 1,
                    "command": chance.choice(COMMANDS),
                    "options": chance.sample(OPTIONS, chance.randrange(3)),
                    "user": None if session % 9 == 8 else f"user-{session % 9}",
                    "session": f"session-{session}",
                    "failed": chance.random() < 0.3,
                    "message": chance.choice(FAILURES).format(len(made)),
                    "start": at,
                    "end": at + took,
                }
            )
            at += took
    return made


def command_span(run: dict[str, Any]) -> dict[str, Any]:
    """A command as its own trace."""
    facts = {
        "dev_agency.command.name": run["command"],
        "dev_agency.command.options": run["options"],
        "process.exit.code": int(run["failed"]),
        "session.id": run["session"],
        **({"user.id": run["user"]} if run["user"] else {}),
    }
    status = {"status": {"code": 2, "message": run["message"]}} if run["failed"] else {}
    trace = f"{run['id']:032x}"
    return span(run["id"], facts, trace=trace, start=run["start"], end=run["end"], name=run["command"], **status)


AGENTS = [
    agent(
        number,
        trace=f"{number:032x}",
        facts={
            "user.id": f"onlooker-{number % 4}",
            "gen_ai.agent.version": f"1.{number % 2}",
            "dev_agency.task.complexity": ("simple", "complex")[number % 3 == 0],
            "dev_agency.context.size": 100 * (number - 900),
        },
        **({"status": {"code": 2, "message": f"round {number} brought nothing"}} if number % 5 == 0 else {}),
    )
    for number in range(901, 941)
]
RECORD = {
    "timeUnixNano": str(START + SECOND // 2), "severityNumber": 17, "body": {"stringValue": "disk nearly full"},
    "eventName": "app.disk", "traceId": "ab" * 16, "spanId": "cd" * 8,
}  # fmt: skip


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory, ran: Facts) -> Path:
    """A home whose store has all of it."""
    import subprocess

    from support import clean_environment

    folder = tmp_path_factory.mktemp("answers")
    file = folder / "all.jsonl"
    file.write_bytes(line(*map(command_span, ran)) + line(*AGENTS) + log_line(RECORD))
    subprocess.run([COMMAND, "ingest", file], env=clean_environment(folder / "home"), check=True, timeout=60)
    return folder / "home"


def answer(tachograph: Run, home: Path, *arguments: str) -> Any:
    ended = tachograph(*arguments, "--format", "json", home=home)
    assert (ended.returncode, ended.stderr) == (0, "")
    return json.loads(ended.stdout)


def who(run: dict[str, Any]) -> str:
    return run["user"] or run["session"]


def test_tools_are_what_was_run(tachograph: Run, home: Path, ran: Facts) -> None:
    """Counts, people, rates, times; adoption is among everybody seen, agents' users too."""
    seen = {who(run) for run in ran} | {f"onlooker-{number}" for number in range(4)}
    found = {tool["command"]: tool for tool in answer(tachograph, home, "tools")}
    assert found.keys() == set(COMMANDS)
    for name, tool_found in found.items():
        runs = [run for run in ran if run["command"] == name]
        failed = sum(run["failed"] for run in runs)
        assert tool_found["count"] == len(runs)
        assert tool_found["users"] == len({who(run) for run in runs})
        assert tool_found["sessions"] == len({run["session"] for run in runs})
        assert tool_found["error_rate"] == pytest.approx(failed / len(runs))
        assert tool_found["success_rate"] == pytest.approx(1 - failed / len(runs))
        assert tool_found["p50_ms"] == pytest.approx(statistics.median((r["end"] - r["start"]) / 1e6 for r in runs))
        assert tool_found["adoption"] == pytest.approx(len({who(run) for run in runs}) / len(seen))
        for feature in tool_found["features"]:
            users = {who(run) for run in runs if feature["option"] in run["options"]}
            assert feature["users"] == len(users)
            assert feature["adoption"] == pytest.approx(len(users) / tool_found["users"])
        assert {feature["option"] for feature in tool_found["features"]} == {o for run in runs for o in run["options"]}


def windows(ran: Facts, length: int) -> dict[tuple[str, ...], list[Sequence[dict[str, Any]]]]:
    """Runs of so many commands in a row in one session, by their names."""
    sessions: dict[str, Facts] = defaultdict(list)
    for run in sorted(ran, key=lambda run: run["start"]):
        sessions[run["session"]].append(run)
    found: dict[tuple[str, ...], list[Sequence[dict[str, Any]]]] = defaultdict(list)
    for runs in sessions.values():
        for at in range(len(runs) - length + 1):
            window = runs[at : at + length]
            found[tuple(run["command"] for run in window)].append(window)
    return found


def test_sequences_are_what_followed_what(tachograph: Run, home: Path, ran: Facts) -> None:
    """Pairs and triples within a session, with the success of the last and the gaps between."""
    tools = answer(tachograph, home, "tools")
    found = {tuple(sequence["commands"]): sequence for tool in tools for sequence in tool["sequences"]}
    expected = windows(ran, 2) | windows(ran, 3)
    assert found.keys() == expected.keys()
    for commands, cases in expected.items():
        sequence = found[commands]
        assert sequence["count"] == len(cases)
        assert sequence["success_rate"] == pytest.approx(sum(not case[-1]["failed"] for case in cases) / len(cases))
        gaps = [(c[-1]["start"] - c[0]["end"] - sum(r["end"] - r["start"] for r in c[1:-1])) for c in cases]
        mean_gap = statistics.median(gap / (len(commands) - 1) for gap in gaps)
        assert sequence["median_gap_ms"] == pytest.approx(mean_gap / 1e6, abs=1e-5)


def test_where_people_give_up(tachograph: Run, home: Path, ran: Facts) -> None:
    """Sessions whose last command failed, by that command."""
    last = {run["session"]: run for run in sorted(ran, key=lambda run: run["start"])}
    expected = Counter(run["command"] for run in last.values() if run["failed"])
    assert {tool["command"]: tool["abandoned"] for tool in answer(tachograph, home, "tools") if tool["abandoned"]} == (
        expected
    )


def test_commands_inside_others_follow_nothing(tachograph: Run, tmp_path: Path) -> None:
    """They count as runs; what a person typed one after the other are the outer ones."""
    facts = {"dev_agency.command.name": "outer", "session.id": "s"}
    inner = {**facts, "dev_agency.command.name": "inner"}
    spans = [span(1, facts), span(2, inner, parent=1, start=10, end=20), span(3, facts, start=2_000, end=3_000)]
    (tmp_path / "nested.jsonl").write_bytes(line(*spans))
    tachograph("ingest", "nested.jsonl")
    tools = {tool["command"]: tool for tool in answer(tachograph, tmp_path / "home", "tools")}
    assert (tools["inner"]["count"], tools["inner"]["sequences"]) == (1, [])
    assert [sequence["commands"] for sequence in tools["outer"]["sequences"]] == [["outer", "outer"]]


def test_one_tool(tachograph: Run, home: Path) -> None:
    """By name; adoption stays what it is among all."""
    (one,) = answer(tachograph, home, "tools", "app test")
    assert one == next(tool for tool in answer(tachograph, home, "tools") if tool["command"] == "app test")


def test_errors_are_what_failed(tachograph: Run, home: Path, ran: Facts) -> None:
    """Each template is one pattern, with exactly the spans that failed with it."""
    found = {pattern["pattern"]: pattern for pattern in answer(tachograph, home, "errors")}
    expected: dict[str, Facts] = defaultdict(list)
    shapes = ("port <*> is taken", "no space left on <*>", "HTTP 503 from <*>")
    for run in ran:
        if run["failed"]:
            shape = next(s for s, f in zip(shapes, FAILURES, strict=True) if run["message"].startswith(f.split("{")[0]))
            expected[shape].append(run)
    assert found.keys() == {*shapes, "round <*> brought nothing"}
    for shape, runs in expected.items():
        pattern = found[shape]
        runs = sorted(runs, key=lambda run: run["start"])
        assert pattern["count"] == len(runs)
        assert set(pattern["member_span_ids"]) == {hex_id(run["id"]) for run in runs}
        assert set(pattern["components"]) == {run["command"] for run in runs}
        assert pattern["examples"] == [hex_id(run["id"]) for run in runs[::-1][:5]]
        for name, run in (("first_seen", runs[0]), ("last_seen", runs[-1])):
            seen = datetime.fromisoformat(pattern[name]).timestamp()
            assert seen == pytest.approx((START + run["start"]) / 1e9, abs=1e-5)
    assert sum(pattern["count"] for pattern in found.values()) == sum(run["failed"] for run in ran) + 8


def test_errors_of_one_component(tachograph: Run, home: Path, ran: Facts) -> None:
    """Only those that began there; a name where nothing failed is an answer that fails."""
    found = answer(tachograph, home, "errors", "app ship")
    assert sum(pattern["count"] for pattern in found) == sum(r["failed"] for r in ran if r["command"] == "app ship")
    ended = tachograph("errors", "nobody", "--format", "json", home=home)
    assert (ended.returncode, json.loads(ended.stdout)) == (1, [])
    assert "nobody" in ended.stderr


def test_a_window_holds_for_all_of_it(tachograph: Run, home: Path, ran: Facts) -> None:
    """What began outside is not counted."""
    until = datetime.fromtimestamp(START / 1e9 + 9_000).astimezone().isoformat()
    inside = [run for run in ran if run["start"] < 9_000 * SECOND]
    assert sum(tool["count"] for tool in answer(tachograph, home, "tools", "--until", until)) == len(inside)
    failed = sum(run["failed"] for run in inside) + 8
    assert sum(pattern["count"] for pattern in answer(tachograph, home, "errors", "--until", until)) == failed


def test_conditions_of_an_agent(tachograph: Run, home: Path) -> None:
    """Success by version, complexity and context size with Wilson's interval, here from SciPy."""
    from scipy.stats import binomtest

    (found,) = answer(tachograph, home, "agents")
    numbers = range(901, 941)
    by_version = {f"1.{rest}": [n for n in numbers if n % 2 == rest] for rest in (0, 1)}
    by_complexity = {
        "simple": [n for n in numbers if n % 3],
        "complex": [n for n in numbers if n % 3 == 0],
    }
    by_size = {
        "0 to 255": [n for n in numbers if 100 * (n - 900) < 256],
        "256 to 1,023": [n for n in numbers if 256 <= 100 * (n - 900) < 1024],
        "1,024 to 4,095": [n for n in numbers if 100 * (n - 900) >= 1024],
    }
    for condition, groups in (("version", by_version), ("complexity", by_complexity), ("context_size", by_size)):
        assert [row["value"] for row in found["by_condition"][condition]] == list(groups)
        for row in found["by_condition"][condition]:
            runs = groups[row["value"]]
            succeeded = sum(n % 5 != 0 for n in runs)
            interval = binomtest(succeeded, len(runs)).proportion_ci(method="wilson")
            assert row["count"] == len(runs)
            assert row["success_rate"] == pytest.approx(succeeded / len(runs))
            assert row["ci"] == pytest.approx(list(interval), abs=1e-9)


def test_text_is_made_to_be_looked_at(tachograph: Run, home: Path) -> None:
    """Tables with titles, and no ids that nobody can read."""
    tools = tachograph("tools", home=home).stdout
    assert all(word in tools for word in ("Commands", "Options", "What follows what", "app build → app test"))
    errors = tachograph("errors", "coder", home=home).stdout
    assert all(
        word in errors for word in ("Errors", "round <*> brought nothing", "coder by condition", "95 % interval")
    )
    assert "context size (tokens)" in tachograph("agents", "coder", home=home).stdout
    report = tachograph("report", "--since", "2025-01-01", home=home).stdout
    assert all(word in report for word in ("Commands", "Errors", "port <*> is taken"))


def test_the_export_is_the_report_over_all_there_is(tachograph: Run, home: Path, ran: Facts) -> None:
    """With tools and errors in full, from the first execution to the last."""
    export = json.loads(tachograph("export", home=home).stdout)
    assert export["detailed_metrics"]["tools"] == answer(tachograph, home, "tools")
    assert export["detailed_metrics"]["errors"] == answer(tachograph, home, "errors")
    assert not {"tools", "errors"} & set(export["summary"]["not_included"])
    start, end = (datetime.fromisoformat(export["time_range"][name]).timestamp() for name in ("start", "end"))
    assert start == START // SECOND
    assert end >= (START + max(run["end"] for run in ran)) // SECOND


def test_logs_are_lines_of_json(tachograph: Run, home: Path, ran: Facts) -> None:
    """One for each execution and each log record, in order of time."""
    ended = tachograph("export", "--format", "logs", home=home)
    events = [json.loads(text) for text in ended.stdout.splitlines()]
    assert len(events) == len(ran) + len(AGENTS) + 1
    assert [event["timestamp"] for event in events] == sorted(event["timestamp"] for event in events)
    (record,) = [event for event in events if event["event"] == "app.disk"]
    assert (record["level"], record["message"], record["trace_id"]) == ("ERROR", "disk nearly full", "ab" * 16)
    by_id = {event["span_id"]: event for event in events if event["event"] == "command_execution"}
    for run in ran:
        event = by_id[hex_id(run["id"])]
        assert (event["level"], event["name"]) == ("ERROR" if run["failed"] else "INFO", run["command"])
        assert event["outcome"] == ("failure" if run["failed"] else "success")
        assert event.get("error_message") == (run["message"] if run["failed"] else None)
        assert event["duration_ms"] == pytest.approx((run["end"] - run["start"]) / 1e6)
        ended_at = datetime.fromisoformat(event["timestamp"]).timestamp()
        assert ended_at == pytest.approx((START + run["end"]) / 1e9, abs=1e-5)


@pytest.mark.parametrize("form", ["text", "csv"])
def test_other_forms_are_refused(tachograph: Run, home: Path, form: str) -> None:
    """In one line that names those there are."""
    ended = tachograph("export", "--format", form, home=home)
    assert (ended.returncode, ended.stdout) == (2, "")
    assert ended.stderr.count("\n") == 1
    assert "logs" in ended.stderr


def test_an_empty_store(tachograph: Run, tmp_path: Path) -> None:
    """Has no tools and no errors, and exports as much."""
    (tmp_path / "nothing.jsonl").write_bytes(line())
    assert tachograph("ingest", "nothing.jsonl").returncode == 0
    for command in ("tools", "errors"):
        assert answer(tachograph, tmp_path / "home", command) == []
        assert "window" in tachograph(command).stdout
    assert json.loads(tachograph("export").stdout)["detailed_metrics"]["tools"] == []
    assert tachograph("export", "--format", "logs").stdout == ""


def test_a_failure_made_good_is_told_as_such(tachograph: Run, tmp_path: Path) -> None:
    """A model call that was refused and tried again."""
    refused = call(2, None, parent=1, status={"code": 2, "message": "HTTP 429 from m"})
    (tmp_path / "retry.jsonl").write_bytes(line(agent(1), refused, call(3, parent=1), tool(4, parent=1)))
    tachograph("ingest", "retry.jsonl")
    (found,) = answer(tachograph, tmp_path / "home", "errors")
    assert (found["count"], found["recovered"], found["examples"]) == (1, 1, [hex_id(1)])
    assert found["where"] == [{"role": "model", "component": "m", "count": 1}]


def test_the_benchmark_of_answers_fills_a_store_and_asks_it() -> None:
    """With every column that executions have today."""
    bench = Path(__file__).parents[2] / "bench" / "answers.py"
    command = [sys.executable, str(bench), "--sizes", "1000", "--runs", "1"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stderr
    assert set(json.loads(done.stdout)["answers"]) >= {"agents", "report", "report anew", "trace"}
