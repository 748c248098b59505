"""The report as JSON: it keeps to the committed schema, and the records come back from it."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import jsonschema
import msgspec
import pytest
import sample_report
from support import Run

from tachograph.present import as_json, from_json
from tachograph.records import Report

ROOT = Path(__file__).resolve().parents[2]
SCHEMA = ROOT / "docs" / "schema" / "json-export.schema.json"

REPORTS = [sample_report.full(), sample_report.full(sample_report.HOSTILE), sample_report.empty()]


@pytest.fixture(scope="module")
def schema() -> dict[str, Any]:
    """The committed schema."""
    made: dict[str, Any] = json.loads(SCHEMA.read_text())
    jsonschema.Draft202012Validator.check_schema(made)
    return made


@pytest.mark.parametrize("report", REPORTS, ids=["full", "hostile", "empty"])
def test_report_keeps_to_the_schema(report: Report, schema: dict[str, Any]) -> None:
    """What is printed validates against the committed schema, with everything in it and with nothing."""
    jsonschema.validate(json.loads(as_json.report(report)), schema)


@pytest.mark.parametrize("report", REPORTS, ids=["full", "hostile", "empty"])
def test_records_come_back(report: Report) -> None:
    """Reading what was written gives the very same records."""
    assert from_json.report(as_json.report(report)) == report


def test_schema_refuses_what_is_no_report(schema: dict[str, Any]) -> None:
    """A severity that there is none of, or a rate above one, does not validate."""
    good = json.loads(as_json.report(sample_report.full()))
    good["detailed_metrics"]["bottlenecks"][0]["severity"] = "terrible"
    with pytest.raises(jsonschema.ValidationError, match="terrible"):
        jsonschema.validate(good, schema)
    good = json.loads(as_json.report(sample_report.full()))
    good["detailed_metrics"]["agents"][0]["success_rate"] = 91.2
    with pytest.raises(jsonschema.ValidationError, match="maximum"):
        jsonschema.validate(good, schema)


def test_reader_names_the_place_of_a_fault() -> None:
    """JSON that is no report is refused with the path of what is wrong."""
    broken = json.loads(as_json.report(sample_report.full()))
    broken["summary"]["kpis"][0]["n"] = "many"
    with pytest.raises(msgspec.ValidationError, match="kpis"):
        from_json.report(json.dumps(broken))


def test_what_was_not_looked_for_is_said() -> None:
    """An empty list of bottlenecks that nobody looked for is told apart from one that was found empty."""
    said = json.loads(as_json.report(sample_report.empty()))["summary"]["not_included"]
    assert said == ["bottlenecks", "recommendations"]
    assert json.loads(as_json.report(sample_report.full()))["summary"]["not_included"] == []


def test_real_store_keeps_to_the_schema(tachograph: Run, fixtures: Path, schema: dict[str, Any]) -> None:
    """`report` and `export` over real traces print JSON that validates and reads back to the same text."""
    assert tachograph("ingest", fixtures / "agent_traces").returncode in (0, 1)
    for command in (("report", "--since", "2000-01-01"), ("export",)):
        text = tachograph(*command, "--format", "json").stdout
        jsonschema.validate(json.loads(text), schema)
        assert as_json.report(from_json.report(text)) == text.rstrip("\n")


def test_committed_schema_is_current() -> None:
    """The committed file is what the record types make."""
    generate = [sys.executable, SCHEMA.with_name("generate.py"), "--check"]
    assert subprocess.run(generate, check=False).returncode == 0
