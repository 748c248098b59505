"""People's scores: telemetry like any other, read at once, averaged as the contract says."""

import json
import os
import pty
import subprocess
from pathlib import Path
from typing import Any

import pytest
from support import COMMAND, Run, clean_environment

BASE = {"traceId": "ab" * 16, "startTimeUnixNano": "1000000", "endTimeUnixNano": "2000000"}


def attributes(**facts: str) -> list[dict[str, Any]]:
    return [{"key": key.replace("__", "."), "value": {"stringValue": value}} for key, value in facts.items()]


def span(number: int, operation: str, name: str, **rest: Any) -> dict[str, Any]:
    key = "gen_ai__agent__name" if operation == "invoke_agent" else "gen_ai__workflow__name"
    facts = attributes(gen_ai__operation__name=operation, **{key: name}, dev_agency__execution__id=f"run-{number}")
    return {**BASE, "spanId": f"{number:016x}", "name": f"{operation} {name}", "attributes": facts, **rest}


@pytest.fixture
def filled(tmp_path: Path, tachograph: Run) -> Run:
    scored = [
        {"key": "gen_ai.evaluation.name", "value": {"stringValue": "overall"}},
        {"key": "gen_ai.evaluation.score.value", "value": {"doubleValue": 3.0}},
        {"key": "dev_agency.evaluation.reviewer", "value": {"stringValue": "automated"}},
    ]
    event = {"name": "gen_ai.evaluation.result", "timeUnixNano": "1500000", "attributes": scored}
    spans = [
        span(1, "invoke_agent", "coder"),
        span(2, "invoke_agent", "coder", events=[event]),
        span(3, "invoke_workflow", "fix"),
    ]
    line = json.dumps({"resourceSpans": [{"scopeSpans": [{"spans": spans}]}]})
    (tmp_path / "runs.jsonl").write_text(line + "\n")
    tachograph("ingest", "runs.jsonl")
    return tachograph


def quality(tachograph: Run) -> float | None:
    value = json.loads(tachograph("agents", "--format", "json").stdout)[0]["avg_quality_score"]
    assert value is None or isinstance(value, float)
    return value


def test_a_score_on_a_span_counts(filled: Run) -> None:
    """An event of the conventions, whoever put it there."""
    assert quality(filled) == 3.0


def test_a_review_is_weighted_and_counts_at_once(filled: Run) -> None:
    """Correctness 40, completeness 30: of what was scored the weighted mean; the mean over reviewed executions."""
    ended = filled("review", "run-1", "--correctness", 8, "--completeness", 4.5, "--comment", "half of it is missing")
    assert (ended.returncode, ended.stderr) == (0, "")
    assert ended.stdout == "agent coder: correctness 8, completeness 4.5\n"
    overall = (8 * 40 + 4.5 * 30) / 70
    assert quality(filled) == pytest.approx((3 + overall) / 2)


def test_a_persons_word_counts_before_a_programs(filled: Run) -> None:
    """And the latest of them, however often they change their mind."""
    filled("review", "run-2", "--overall", 9)
    filled("review", "run-2", "--overall", 7)
    assert quality(filled) == 7.0


def test_satisfaction_belongs_to_the_recipe(filled: Run) -> None:
    """From 1 to 5; without any rating it is unknown."""
    recipe = json.loads(filled("recipes", "--format", "json").stdout)[0]
    assert recipe["avg_user_satisfaction"] is None
    assert filled("rate", "run-3", 4).returncode == 0
    recipe = json.loads(filled("recipes", "--format", "json").stdout)[0]
    assert recipe["avg_user_satisfaction"] == 4.0


def test_reviews_are_in_the_spool_as_telemetry(filled: Run, tmp_path: Path) -> None:
    """So that a Collector gets them too; reading them again changes nothing."""
    filled("review", "run-1", "--overall", 6)
    lines = [line for file in (tmp_path / "home" / "spool").iterdir() for line in file.read_text().splitlines()]
    (record,) = json.loads(lines[0])["resourceLogs"][0]["scopeLogs"][0]["logRecords"]
    assert record["eventName"] == "gen_ai.evaluation.result"
    assert record["spanId"] == f"{1:016x}"
    before = quality(filled)
    filled("ingest")
    assert quality(filled) == before == 4.5


@pytest.mark.parametrize(
    ("arguments", "status", "says"),
    [
        (("review", "run-1"), 2, "--correctness 8"),
        (("review", "run-1", "--correctness", "11"), 2, "from 0 to 10"),
        (("rate", "run-3", "0"), 2, "from 1 to 5"),
        (("rate", "run-3", "nan"), 2, "from 1 to 5"),
        (("rate", "nobody", "5"), 1, "nobody"),
    ],
)
def test_what_cannot_be_recorded_is_refused(filled: Run, arguments: tuple[str, ...], status: int, says: str) -> None:
    """In one line, and nothing is written."""
    ended = filled(*arguments)
    assert (ended.returncode, ended.stdout) == (status, "")
    assert says in ended.stderr
    assert ended.stderr.count("\n") == 1


def test_a_terminal_is_asked(filled: Run, tmp_path: Path) -> None:
    """For each dimension; an empty line leaves one out, what is no score is asked for again."""
    asked, answers = pty.openpty()
    command = [COMMAND, "review", "run-1"]
    environment = clean_environment(tmp_path / "home")
    with subprocess.Popen(
        command, cwd=tmp_path, env=environment, stdin=answers, stdout=subprocess.PIPE, stderr=answers, text=True
    ) as process:
        os.close(answers)
        os.write(asked, b"8\n11\n4.5\n\n\nhalf of it is missing\n")
        stdout, _ = process.communicate(timeout=60)
    os.close(asked)
    assert (process.returncode, stdout) == (0, "agent coder: correctness 8, completeness 4.5\n")
    assert quality(filled) == pytest.approx((3 + (8 * 40 + 4.5 * 30) / 70) / 2)


def test_nobody_is_asked_without_a_terminal(filled: Run) -> None:
    """A rating has to be given there."""
    ended = filled("rate", "run-3", stdin="5\n")
    assert (ended.returncode, ended.stdout) == (2, "")
    assert "tachograph rate ID 5" in ended.stderr
