"""What is generated for Grafana and Prometheus: it is what the code makes it, whole, and explained."""

import itertools
import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

pytest.importorskip("grafana_foundation_sdk", reason="dashboards are made with the development tools")
pytest.importorskip("duckdb", reason="the targets stand in the analysis extra")

from monitoring import expressions, traceql
from monitoring.alerts import ALERTS
from monitoring.config import FAST, HIGHEST_ERROR_RATIO, SLOW
from monitoring.panels import NUMBER
from monitoring.recording import GROUPS

from tachograph import vocabulary as v
from tachograph.cli.program import COMMANDS

REPOSITORY = Path(__file__).resolve().parents[2]
GRAFANA = REPOSITORY / "grafana"
DASHBOARDS = {file.stem: json.loads(file.read_text()) for file in sorted((GRAFANA / "dashboards").glob("*.json"))}
RUNBOOKS = (GRAFANA / "runbooks.md").read_text()


def panels() -> Iterator[tuple[str, dict[str, Any]]]:
    """Every panel that shows something, with where it is."""
    for name, dashboard in DASHBOARDS.items():
        for panel in dashboard["panels"]:
            if panel["type"] != "row":
                yield f"{name}: {panel['title']}", panel


def test_committed_files_are_what_the_code_makes() -> None:
    """`--check` finds no difference."""
    command = [sys.executable, "-m", "monitoring", "--check"]
    checked = subprocess.run(command, cwd=GRAFANA / "src", capture_output=True, text=True, timeout=60, check=False)
    assert (checked.returncode, checked.stderr) == (0, "")


def test_panels_do_not_overlap() -> None:
    """Each has its place within the 24 columns, and its own number."""
    for name, dashboard in DASHBOARDS.items():
        places = [(panel["title"], panel["gridPos"]) for panel in dashboard["panels"]]
        assert [title for title, at in places if at["x"] + at["w"] > 24] == [], name
        overlaps = [(a, b) for (a, one), (b, two) in itertools.combinations(places, 2) if overlap(one, two)]
        assert overlaps == [], name
        numbers = [panel["id"] for panel in dashboard["panels"] if panel["type"] != "row"]
        assert len(numbers) == len(set(numbers)), name


def overlap(one: dict[str, int], two: dict[str, int]) -> bool:
    """Whether two places share a cell."""
    beside = one["x"] + one["w"] <= two["x"] or two["x"] + two["w"] <= one["x"]
    return not beside and one["y"] < two["y"] + two["h"] and two["y"] < one["y"] + one["h"]


def test_every_panel_says_what_it_shows() -> None:
    """A title, a description, a unit, a data source by variable."""
    for name, panel in panels():
        assert panel["description"].strip(), name
        if panel["type"] != "text":
            assert panel["fieldConfig"]["defaults"]["unit"], name
            assert panel["datasource"]["uid"] in ("${prometheus}", "${tempo}", "${clickhouse}"), name


def test_titles_are_unique_where_one_looks() -> None:
    """No two panels of a row have the same title."""
    for name, dashboard in DASHBOARDS.items():
        for _, row in itertools.groupby(dashboard["panels"], lambda panel: panel["gridPos"]["y"]):
            titles = [panel["title"] for panel in row]
            assert len(titles) == len(set(titles)), name


def test_panels_ask_only_what_is_named() -> None:
    """Expressions live apart from panels: each that a panel asks is one of theirs, and each of theirs is asked."""
    named = {expression.expr for expression in expressions.every().values()}
    asked = {target["expr"].removeprefix("sort_desc(") for _, panel in panels() for target in _targets(panel, "expr")}
    stripped = {expr if expr in named else expr.removesuffix(")") for expr in asked}
    fired = {item["expr"] for board in DASHBOARDS.values() for item in board["annotations"]["list"] if "expr" in item}
    assert stripped | fired == named
    queries = {target["query"] for _, panel in panels() for target in _targets(panel, "query")}
    assert queries == {query for name, query in traceql.every().items() if not name.startswith("OF_")}


def _targets(panel: dict[str, Any], key: str) -> Iterator[dict[str, Any]]:
    return (target for target in panel.get("targets", []) if key in target)


def test_expressions_use_known_names_only() -> None:
    """Series are metrics of the vocabulary, recorded ones, or the Collector's own; labels are theirs."""
    known = {metric.prometheus_name for metric in (*v.METRICS, *v.COLLECTED)}
    recorded = {rule.name for group in GROUPS for rule in group.rules}
    all_rules = [rule.expr for group in GROUPS for rule in group.rules] + [alert.expr for alert in ALERTS]
    for expr in [*all_rules, *(expression.expr for expression in expressions.every().values())]:
        for name in re.findall(r"(?<![\w:])(?:\w+:)?dev_agency[\w:]*", re.sub(r'"[^"]*"', "", expr)):
            base = re.sub(r"_(bucket|sum|count)$", "", name)
            assert name in recorded or name in known or base in known, name


def test_variables_are_declared() -> None:
    """What a panel leaves open is chosen on its dashboard, or filled in by Grafana."""
    for name, dashboard in DASHBOARDS.items():
        declared = {variable["name"] for variable in dashboard["templating"]["list"]}
        used = set(re.findall(r"\$\{?(\w+)", json.dumps(dashboard["panels"])))
        assert {variable for variable in used if not variable.startswith("__")} <= declared, name


def test_every_alert_is_explained() -> None:
    """A severity, a summary with values, and a section that says what it means, what to look at and what to do."""
    sections = dict(re.findall(r"^## (\w+)\n(.*?)(?=^## |\Z)", RUNBOOKS, re.MULTILINE | re.DOTALL))
    assert sorted(sections) == sorted(alert.name for alert in ALERTS)
    for alert in ALERTS:
        assert alert.severity in ("critical", "warning", "info"), alert.name
        assert "{{ $" in alert.summary, alert.name
        assert alert.runbook.endswith(f"/runbooks.md#{alert.name.lower()}"), alert.name
        section = sections[alert.name]
        assert all(word in section for word in ("**Means.**", "**Look at.**", "**Do.**", "tachograph ")), alert.name


def test_runbooks_name_commands_that_exist() -> None:
    """Also in the words that panels show."""
    shown = [panel["options"].get("content", "") + panel["description"] for _, panel in panels()]
    named = re.findall(r"`tachograph\s+([\w-]+)", "\n".join([RUNBOOKS, *shown]))
    assert named
    assert set(named) <= set(COMMANDS)


def test_burn_rates_can_be_reached() -> None:
    """14.4 times a budget of 10 % would be more than everything, and such an alert would never fire."""
    limits = {alert.name: float(alert.expr.split(">= ")[1].split()[0]) for alert in ALERTS if "Burn" in alert.name}
    assert limits == {
        "DevAgencyAgentSuccessFastBurn": round(0.05 * FAST.factor, 4),
        "DevAgencyAgentSuccessSlowBurn": round(0.05 * SLOW.factor, 4),
        "DevAgencyRecipeSuccessFastBurn": HIGHEST_ERROR_RATIO,
        "DevAgencyRecipeSuccessSlowBurn": round(0.1 * SLOW.factor, 4),
    }
    assert max(limits.values()) < 1


def test_traces_can_be_opened_by_id() -> None:
    """Every list of traces leads to each of them, and lines by agent, recipe or command to the traces behind them."""
    for name, panel in panels():
        if panel["type"] == "table":
            links = [
                link
                for override in panel["fieldConfig"]["overrides"]
                for part in override["properties"]
                if part["id"] == "links"
                for link in part["value"]
            ]
            assert links, name
            assert all(link["url"].startswith("/explore?") and "${tempo}" in link["url"] for link in links), name


def test_exemplars_lead_to_traces() -> None:
    """The metrics' source names the traces' source, and panels of durations ask for exemplars."""
    sources = yaml.safe_load((GRAFANA / "provisioning/datasources/tachograph.yaml").read_text())["datasources"]
    by_kind = {source["type"]: source for source in sources}
    destination = by_kind["prometheus"]["jsonData"]["exemplarTraceIdDestinations"][0]["datasourceUid"]
    assert destination == by_kind["tempo"]["uid"]
    assert by_kind["tempo"]["jsonData"]["tracesToMetrics"]["datasourceUid"] == by_kind["prometheus"]["uid"]
    over_time = [
        (name, target) for name, panel in panels() for target in _targets(panel, "expr") if target.get("range")
    ]
    buckets = [(name, target["exemplar"]) for name, target in over_time if "_bucket" in target["expr"]]
    assert buckets
    assert all(exemplar for _, exemplar in buckets)


def test_figures_have_units_of_their_own() -> None:
    """Only counts are shown as plain numbers."""
    plain = {
        name
        for name, panel in panels()
        if panel["type"] == "stat" and panel["fieldConfig"]["defaults"]["unit"] == NUMBER
    }
    assert plain == set()
