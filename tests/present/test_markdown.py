"""The report as Markdown and as a message: whole, short, and nothing from telemetry is markup."""

import json

import pytest
import sample_report

from tachograph.cli.common import rendered
from tachograph.present import markdown, summary
from tachograph.present.report import report as as_text
from tachograph.records import Report

REPORTS = [sample_report.full(), sample_report.full(sample_report.HOSTILE), sample_report.empty()]
each_report = pytest.mark.parametrize("report", REPORTS, ids=["full", "hostile", "empty"])


@each_report
def test_tables_have_as_many_cells_as_heads(report: Report) -> None:
    """A pipe in a name does not open a column."""
    columns = None
    for line in markdown.report(report).splitlines():
        if line.startswith("|"):
            cells = line.replace("\\|", "").count("|")
            columns = columns or cells
            assert cells == columns, line
        else:
            columns = None


def test_markup_in_names_is_escaped() -> None:
    """No tag, link, mention or emphasis comes from telemetry."""
    made = markdown.report(sample_report.full("<script>x</script> @team *b* [l](u) `c`"))
    assert "<script>" not in made
    assert "\\@team \\*b\\* \\[l\\]\\(u\\) \\`c\\`" in made
    assert markdown.code("a `` b") == "``` a `` b ```"


def test_text_shows_findings() -> None:
    """The text has bottlenecks, recommendations, what was verified and what lacks data."""
    shown = rendered(as_text(sample_report.full()))
    for said in ("Bottlenecks", "13.1 % slower", "Recommendations", "−13.1 %", "confirmed", "Not enough data"):
        assert said in shown
    assert "Bottlenecks" not in rendered(as_text(sample_report.empty()))


@each_report
def test_slack_message_keeps_to_slacks_limits(report: Report) -> None:
    """Header, fields and sections are as long as Slack takes them, and names cannot mention anybody."""
    made = json.loads(summary.slack(report, ["critical <!channel>"]))
    assert set(made) == {"text", "blocks"}
    assert len(made["blocks"][0]["text"]["text"]) <= 150
    for block in made["blocks"]:
        assert len(block.get("fields", [])) <= 10
        assert all(len(field["text"]) <= 2_000 for field in block.get("fields", []))
        assert len(block.get("text", {}).get("text", "")) <= 3_000
    assert "<!channel>" not in json.dumps(made)
    assert "<script>" not in json.dumps(made)


def test_plain_message_has_figures_and_gates() -> None:
    """Other webhooks get one object to pick from."""
    made = json.loads(summary.plain(sample_report.full(), ["x"]))
    assert made["failed"] == ["x"]
    assert made["text"] == "tachograph: 4 of 6 targets met, 2 bottlenecks, the worst critical"
    assert [kpi["kpi"] for kpi in made["kpis"]][:2] == ["success rate", "average response time"]
    assert made["bottlenecks"][0]["severity"] == "critical"
    assert made["recommendations"][0]["id"] == "R1"
