"""`tachograph recommend`, `apply` and `verify` through the real command line, on ingested telemetry."""

import json
import re
import shlex
import statistics
import subprocess
from pathlib import Path
from typing import Any

import pytest
from support import Run
from telemetry import START, line, recipe, step

MS = 1_000_000
MINUTE = 60_000 * MS
BORDER = 1_000 * MINUTE  # when the change was made
DECLARED = {"implement": [], "test": ["implement"], "docs": ["implement", "test"], "package": ["test", "docs"]}
FILE = """\
name: ship
workers: 1
steps:
  - name: implement
  - name: test
    depends_on: [implement]
  - name: docs  # for people
    depends_on: [implement, test]
  - name: package
    depends_on: [docs]
"""


def execution(number: int, zero: int, *, together: bool, name: str = "ship") -> list[dict[str, Any]]:
    """implement, then test and docs (as long as each other) in turn or together, then package; 1 ms between."""
    trace, at, root = f"{number:032x}", 1, number * 100
    times = {"implement": 100 + number % 20, "test": 200, "docs": 200 + number % 7, "package": 50}
    made = []
    for index, (step_name, took) in enumerate(times.items()):
        if together and step_name == "docs":
            at -= 201
        facts = {
            "dev_agency.step.index": index,
            "dev_agency.step.depends_on": ["implement"] if together and step_name == "docs" else DECLARED[step_name],
            "dev_agency.artifact.written": [step_name],
            "dev_agency.artifact.read": [] if step_name == "implement" else ["implement"],
        }
        ends = {"start": zero + at * MS, "end": zero + (at + took) * MS}
        made.append(step(root + index + 1, step_name, trace=trace, parent=root, facts=facts, **ends))
        at += took + 1
    return [recipe(root, name, trace=trace, start=zero, end=zero + at * MS), *made]


def duration(number: int, *, together: bool) -> int:
    """Worked out by hand, ms: 1 before each step and at the end."""
    implement, docs = 100 + number % 20, 200 + number % 7
    return 1 + implement + 1 + (docs if together else 200 + 1 + docs) + 1 + 50 + 1


@pytest.fixture
def shop(tmp_path: Path, tachograph: Run) -> Run:
    """Forty executions before the change, a minute apart, and thirty after it; the file of the recipe."""
    before = [execution(number, number * MINUTE, together=False) for number in range(1, 41)]
    after = [execution(100 + number, BORDER + number * MINUTE, together=True) for number in range(1, 31)]
    (tmp_path / "before.jsonl").write_bytes(line(*[span for one in before for span in one]))
    (tmp_path / "after.jsonl").write_bytes(line(*[span for one in after for span in one]))
    (tmp_path / "recipes").mkdir()
    (tmp_path / "recipes" / "ship.yaml").write_text(FILE)
    assert tachograph("ingest", "before.jsonl").returncode == 0
    return tachograph


def answer(run: Run, *arguments: str) -> Any:
    ended = run(*arguments, "--format", "json")
    assert ended.returncode == 0, ended.stderr
    return json.loads(ended.stdout)


def when() -> str:
    """The time of the change, as a user writes it."""
    from datetime import UTC, datetime

    return datetime.fromtimestamp((START + BORDER) // 1_000_000_000, UTC).isoformat()


def test_a_recommendation_has_the_contracts_fields(shop: Run) -> None:
    """With a prediction by replay, its bottleneck, and evidence that can be opened."""
    (made,) = answer(shop, "recommend", "--recipes", "recipes")
    specified = {
        "category", "priority", "title", "description", "expected_improvement", "implementation_effort",
        "implementation_steps", "success_criteria", "id", "bottleneck_ids", "prediction", "claim",
    }  # fmt: skip
    assert specified <= made.keys()
    assert made["category"] == "recipe_optimization"
    assert made["claim"] == "simulated"
    assert set(made["expected_improvement"]) == {
        "performance_gain_pct", "success_rate_improvement_pct", "time_savings_estimate",
    }  # fmt: skip
    expected = statistics.median(duration(number, together=True) for number in range(1, 41))
    base = statistics.median(duration(number, together=False) for number in range(1, 41))
    assert made["prediction"]["p50_change_pct"] == pytest.approx(100 * (expected / base - 1), abs=0.3)
    low, high = made["prediction"]["ci_pct"]
    assert low <= made["prediction"]["p50_change_pct"] <= high < 0
    assert made["bottleneck_ids"] == [one["id"] for one in answer(shop, "bottlenecks")]
    assert shop("trace", made["evidence"]["trace_ids"][0]).returncode == 0


def test_the_diff_applies(shop: Run, tmp_path: Path) -> None:
    """And says what is recommended; without the file there is none."""
    (made,) = answer(shop, "recommend", "--recipes", "recipes")
    (tmp_path / "change.diff").write_text(made["diff"])
    subprocess.run(["git", "apply", "change.diff"], cwd=tmp_path, check=True, timeout=30)
    assert (tmp_path / "recipes" / "ship.yaml").read_text() == FILE.replace("workers: 1", "workers: 2").replace(
        "depends_on: [implement, test]", "depends_on: [implement]"
    ).replace("depends_on: [docs]", "depends_on: [test, docs]")
    assert answer(shop, "recommend")[0]["diff"] is None
    assert answer(shop, "recommend", "--recipes", "recipes")[0]["diff"] is None, "it is done"
    (tmp_path / "recipes" / "ship.yaml").write_text(FILE)
    (tmp_path / "pyproject.toml").write_text('[tool.tachograph]\nrecipes = ["recipes"]\n')
    assert answer(shop, "recommend")[0]["diff"] == made["diff"]


def test_what_was_applied_is_verified(shop: Run) -> None:
    """The prediction is frozen, executions since are held against those before, and the report shows both."""
    (made,) = answer(shop, "recommend")
    noted = answer(shop, "apply", made["id"], "--at", when(), "--note", "merged")
    assert noted["predicted_pct"] == made["prediction"]["p50_change_pct"]
    early = answer(shop, "verify", made["id"])
    assert early["measured_pct"] is None
    assert re.fullmatch(r"about \d+ more executions", early["verdict"])
    assert shop("ingest", "after.jsonl").returncode == 0
    found = answer(shop, "verify", made["id"])
    base = statistics.median(duration(number, together=False) for number in range(1, 41))
    since = statistics.median(duration(100 + number, together=True) for number in range(1, 31))
    assert {"id", "predicted_pct", "measured_pct", "ci_pct", "verdict"} <= found.keys()
    assert found["measured_pct"] == pytest.approx(100 * (since / base - 1), abs=0.01)
    low, high = found["ci_pct"]
    assert low <= found["measured_pct"] <= high < 0
    assert found["verdict"] == "confirmed"
    assert (found["n_before"], found["n_after"]) == (40, 30)
    assert answer(shop, "verify") == [found]
    report = answer(shop, "report", "--since", "2025-01-01")
    assert report["verified"] == [found]
    assert report["summary"]["not_included"] == []


def test_success_criteria_run(shop: Run) -> None:
    """Every command in them is one that works once the change was noted."""
    (made,) = answer(shop, "recommend")
    shop("apply", made["id"], "--at", when())
    commands = [found for said in made["success_criteria"] for found in re.findall(r"`tachograph ([^`]+)`", said)]
    assert len(commands) >= len(made["success_criteria"])
    for command in commands:
        ended = shop(*shlex.split(command))
        assert ended.returncode == 0, (command, ended.stderr)


def test_text_says_what_to_do(shop: Run) -> None:
    """Change, prediction, effort, how, how to tell, and the table of predicted and measured."""
    said = shop("recommend", "--recipes", "recipes").stdout
    for words in (
        "test beside docs",
        "median",
        "effort low",
        "→ ",
        "✓ ",
        "+    depends_on: [implement]",
        "saves about",
    ):
        assert words in said
    (made,) = answer(shop, "recommend")
    assert "Predicted: " in shop("apply", made["id"], "--at", when()).stdout
    shop("ingest", "after.jsonl")
    assert "confirmed" in shop("verify").stdout
    assert "\x1b" not in said


def test_noting_it_again_keeps_the_prediction(shop: Run) -> None:
    """Also when nothing recommends it any more; a new time or note is taken."""
    (made,) = answer(shop, "recommend")
    first = answer(shop, "apply", made["id"], "--at", when())
    ended = shop("apply", made["id"], "--note", "second thought", "--format", "json")
    again = json.loads(ended.stdout)
    assert "noted before" in ended.stderr
    assert again["note"] == "second thought"
    assert {**again, "note": ""} == first


@pytest.mark.parametrize(
    ("arguments", "status", "says"),
    [
        (["apply", "nothing"], 1, "tachograph recommend lists"),
        (["verify", "nothing"], 1, "was not applied"),
        (["apply"], 2, "ID"),
        (["apply", "x", "--at", "tomorrow"], 2, "no time"),
        (["recommend", "--recipes", "nowhere"], 2, "no such file"),
    ],
)
def test_wrong_use_is_one_line(shop: Run, arguments: list[str], status: int, says: str) -> None:
    """With the exit statuses of the contract."""
    ended = shop(*arguments)
    assert (ended.returncode, ended.stdout) == (status, "")
    assert says in ended.stderr
    assert ended.stderr.count("\n") == 1


def test_without_a_store_it_says_so(tmp_path: Path, tachograph: Run) -> None:
    """Status 3, and no store is made."""
    for command in (["recommend"], ["apply", "x"], ["verify"]):
        ended = tachograph(*command)
        assert ended.returncode == 3
        assert "tachograph ingest" in ended.stderr
    assert not list(tmp_path.rglob("*.duckdb"))


def test_answers_are_kept_until_there_is_more_to_look_at(shop: Run, tmp_path: Path) -> None:
    """Every command gives the one that was kept; a broken one, another window or new telemetry is looked at anew."""
    first = answer(shop, "recommend")
    (kept,) = (tmp_path / "home" / "findings").iterdir()
    whole = kept.read_bytes()
    assert kept.stat().st_mode & 0o077 == 0
    kept.write_bytes(whole.replace(b'"severity":"', b'"severity":"kept '))
    assert answer(shop, "bottlenecks")[0]["severity"].startswith("kept")
    assert answer(shop, "report")["detailed_metrics"]["bottlenecks"] == []  # of 30 days, in which there is nothing
    kept.write_bytes(whole[:100])
    assert answer(shop, "recommend") == first
    assert kept.read_bytes() == whole
    kept.write_bytes(whole.replace(b'"severity":"', b'"severity":"kept '))
    assert shop("ingest", "after.jsonl").returncode == 0
    assert not answer(shop, "bottlenecks")[0]["severity"].startswith("kept")
