"""Alert rules under promtool: each fires on what it is for, not on a little less, and ends."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from alert_cases import CASES, RESTARTED, Case, Series
from binaries import RULES, promtool
from monitoring.alerts import ALERTS, Alert

BY_NAME = {alert.name: alert for alert in ALERTS}


def test_rules_are_valid() -> None:
    """promtool accepts recording and alert rules, and finds no duplicate among them."""
    checked = promtool("check", "rules", "--lint=all", "--lint-fatal", *RULES)
    assert checked.returncode == 0, checked.stdout + checked.stderr


def test_every_alert_has_a_case() -> None:
    """No alert goes without time series that make it fire."""
    assert [case.alert for case in CASES if case.alert not in BY_NAME] == []
    assert sorted(BY_NAME) == sorted(case.alert for case in CASES)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.alert)
def test_alert(case: Case, tmp_path: Path) -> None:
    """It fires with its values in the summary, is over when the cause is, and never fires just below its threshold."""
    runs = [_run(case, case.series, fires=True)]
    if case.quiet:
        runs.append(_run(case, case.quiet, fires=False))
    _test(case, runs, tmp_path)


def test_alerts_survive_a_restart_of_the_collector(tmp_path: Path) -> None:
    """Its counters begin anew: the alert has not ceased at any minute, and has the same value."""
    run = _run(RESTARTED, RESTARTED.series, fires=True)
    firing = f'count_over_time(ALERTS{{alertname="{RESTARTED.alert}", alertstate="firing"}}[50m])'
    without_a_gap = {"expr": firing, "eval_time": "90m", "exp_samples": [{"labels": _labels(), "value": 50}]}
    run["promql_expr_test"].append(without_a_gap)
    _test(RESTARTED, [run], tmp_path)


def _labels() -> str:
    labels = {**BY_NAME[RESTARTED.alert].labels, **RESTARTED.labels}
    labels |= {"alertname": RESTARTED.alert, "alertstate": "firing"}
    return "{" + ", ".join(f'{name}="{value}"' for name, value in labels.items()) + "}"


def _test(case: Case, runs: list[dict[str, Any]], tmp_path: Path) -> None:
    rules, file = tmp_path / "rules.yaml", tmp_path / "test.yaml"
    rules.write_text(yaml.safe_dump({"groups": _needed(case.alert)}))
    file.write_text(yaml.safe_dump({"rule_files": [str(rules)], "evaluation_interval": case.step, "tests": runs}))
    tested = promtool("test", "rules", file)
    assert tested.returncode == 0, tested.stdout + tested.stderr


def _needed(alert: str) -> list[dict[str, Any]]:
    """The groups with only the alert and what it is made of: all rules over nine days would take a minute an alert."""
    groups = [group for file in RULES for group in yaml.safe_load(file.read_text())["groups"]]
    rules = [rule for group in groups for rule in group["rules"]]
    wanted: list[dict[str, Any]] = [rule for rule in rules if rule.get("alert") == alert]
    for rule in wanted:  # which grows on the way
        wanted += [other for other in rules if _is_part_of(other, rule) and other not in wanted]
    kept = [{**group, "rules": [rule for rule in group["rules"] if rule in wanted]} for group in groups]
    return [group for group in kept if group["rules"]]


def _is_part_of(other: dict[str, Any], rule: dict[str, Any]) -> bool:
    name = other.get("record")
    return name is not None and re.search(rf"(?<![\w:]){re.escape(name)}(?![\w:])", rule["expr"]) is not None


def _run(case: Case, series: Series, *, fires: bool) -> dict[str, Any]:
    alert = BY_NAME[case.alert]
    expected = [_firing(alert, case)] if fires else []
    times = {case.fires: expected, case.over: []}
    kind = f'__name__="ALERTS", alertname="{case.alert}", alertstate="firing"'
    others = f', {_label(case)}=~"{"|".join(("none", *case.below))}"' if fires else ""
    never = f"count_over_time({{{kind}{others}}}[14d])"
    return {
        "interval": case.step,
        "input_series": [{"series": name, "values": values} for name, values in series.items()],
        "alert_rule_test": [
            {"eval_time": time, "alertname": case.alert, "exp_alerts": alerts} for time, alerts in times.items()
        ],
        "promql_expr_test": [{"expr": never, "eval_time": case.over, "exp_samples": []}],
    }


def _label(case: Case) -> str:
    """The label that tells what fires from what does not."""
    return next((name for name, value in case.labels.items() if value == "bad"), "agent_name")


def _firing(alert: Alert, case: Case) -> dict[str, Any]:
    annotations = {**alert.annotations, "summary": case.summary}
    return {"exp_labels": {**alert.labels, **case.labels}, "exp_annotations": annotations}
