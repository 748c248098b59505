"""Assessments are telemetry: recorded with the execution that they are about, and held against what people say."""

import json
from pathlib import Path
from typing import Any

import pytest
from projects import CODE, assessed, write
from support import Run
from telemetry import START, TRACE, agent, attributes, hex_id, line, log_line

import tachograph as product

VERSION = "dev_agency.evaluation.reviewer.version"


def told(span_id: int, score: float, version: str) -> dict[str, Any]:
    """A log record with an automated overall score."""
    facts = {
        "gen_ai.evaluation.name": "overall",
        "gen_ai.evaluation.score.value": score,
        "dev_agency.evaluation.reviewer": "automated",
        VERSION: version,
    }
    ids = {"traceId": TRACE, "spanId": hex_id(span_id), "timeUnixNano": str(START)}
    return {**ids, "eventName": "gen_ai.evaluation.result", "attributes": attributes(facts)}


@pytest.fixture
def filled(tmp_path: Path, tachograph: Run) -> Run:
    """A store with one run of an agent, and a folder that it produced."""
    write(tmp_path / "plain", {"shop/__init__.py": '"""A shop."""\n', "shop/basket.py": CODE})
    run = agent(1, facts={"dev_agency.execution.id": "run-1"})
    (tmp_path / "runs.jsonl").write_bytes(line(run))
    assert tachograph("ingest", "runs.jsonl").returncode == 0
    return tachograph


def coder(tachograph: Run) -> dict[str, Any]:
    (found,) = json.loads(tachograph("agents", "coder", "--format", "json").stdout)
    assert isinstance(found, dict)
    return found


def test_scores_are_recorded_and_held_against_a_persons(filled: Run, tmp_path: Path) -> None:
    """In the spool as evaluations with the reviewer's version; a person's word counts first, the difference is told."""
    made = assessed(filled, "plain", "--execution", "run-1")
    assert (made["agent_name"], made["human"], made["difference"]) == ("coder", {}, {})
    assert coder(filled)["avg_quality_score"] == pytest.approx(made["overall_score"])
    (scored,) = coder(filled)["quality_by_reviewer"]
    assert (scored["reviewer"], scored["version"], scored["count"]) == ("automated", made["reviewer_version"], 1)
    lines = [text for file in (tmp_path / "home/spool").iterdir() for text in file.read_text().splitlines()]
    records = [json.loads(it)["resourceLogs"][0]["scopeLogs"][0]["logRecords"][0] for it in lines]
    said = [{it["key"]: it["value"] for it in record["attributes"]} for record in records]
    measured = {name for name, score in made["scores"].items() if score is not None}
    assert {it["gen_ai.evaluation.name"]["stringValue"] for it in said} == measured | {"overall"}
    assert {it[VERSION]["stringValue"] for it in said} == {made["reviewer_version"]}
    assert {record["eventName"] for record in records} == {"gen_ai.evaluation.result"}

    filled("review", "run-1", "--correctness", 4)
    (apart,) = [it for it in coder(filled)["review_differences"] if it["dimension"] == "correctness"]
    assert (apart["n"], apart["ci"]) == (1, None)
    assert apart["mean"] == pytest.approx(made["scores"]["correctness"] - 4)
    again = assessed(filled, "plain", "--execution", "run-1")
    assert again["human"]["correctness"] == 4
    assert again["difference"]["correctness"] == pytest.approx(again["scores"]["correctness"] - 4)
    merged = {**again["scores"], "correctness": 4}  # a person's word on one dimension moves the whole
    weighted = sum(share * merged[name] for name, share in again["weights"].items()) / 100
    assert coder(filled)["avg_quality_score"] == pytest.approx(weighted)
    shown = filled("agents").stdout
    assert "automated" in shown
    assert "above a person's" in shown
    assert "a person's" in filled("assess", "plain", "--execution", "run-1").stdout


def test_an_unknown_execution_is_assessed_all_the_same(filled: Run) -> None:
    """Without an agent's name, and what was not recorded is said."""
    ended = filled("assess", "plain", "--execution", "nobody", "--format", "json")
    made = json.loads(ended.stdout)
    assert (ended.returncode, made["execution_id"], made["agent_name"]) == (0, "nobody", None)
    assert "no execution has the id 'nobody'" in ended.stderr


def test_a_store_that_cannot_be_opened_does_not_hide_the_scores(filled: Run, tmp_path: Path) -> None:
    """The assessment was made: exit status 0."""
    (tmp_path / "broken.duckdb").write_text("no database")
    ended = filled("assess", "plain", "--execution", "run-1", "--store", "broken.duckdb", "--format", "json")
    assert ended.returncode == 0
    assert "not recorded" in ended.stderr
    assert json.loads(ended.stdout)["overall_score"] > 5


def test_versions_of_a_reviewer_are_told_apart(tmp_path: Path, tachograph: Run) -> None:
    """A mean over both stands beside the mean of each, and the table says that they are mixed."""
    scores = log_line(told(1, 4.0, "1"), told(2, 8.0, "2"))
    (tmp_path / "runs.jsonl").write_bytes(line(agent(1), agent(2)) + scores)
    tachograph("ingest", "runs.jsonl")
    found = coder(tachograph)
    assert found["avg_quality_score"] == 6
    assert {it["version"]: it["avg_quality_score"] for it in found["quality_by_reviewer"]} == {"1": 4, "2": 8}
    assert "versions mixed" in tachograph("agents").stdout


def test_reviews_from_python(filled: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The same as the commands, with exceptions in place of exit statuses."""
    monkeypatch.setenv("TACHOGRAPH_HOME", str(tmp_path / "home"))
    product.review("run-1", correctness=8, completeness=6, comment="an edge case is missing")
    product.rate("run-1", 5)
    assert coder(filled)["avg_quality_score"] == pytest.approx((8 * 40 + 6 * 30) / 70)
    with pytest.raises(ValueError, match="from 0 to 10"):
        product.review("run-1", correctness=11)
    with pytest.raises(ValueError, match="no score"):
        product.review("run-1")
    with pytest.raises(LookupError, match="nobody"):
        product.rate("nobody", 4)
