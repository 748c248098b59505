"""Every expression of panels and rules on a real Prometheus that holds a day of data."""

import json
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from asking import KNOWN, ask, complaints, metrics_in, questions
from binaries import RULES, program, promtool, running
from history import open_metrics
from support import free_port

from tachograph import vocabulary as v


@pytest.fixture(scope="module")
def prometheus(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a Prometheus with a day of history, whose rules have all been evaluated."""
    folder, port = tmp_path_factory.mktemp("prometheus"), free_port()
    history = folder / "history.txt"
    with history.open("w") as file:
        file.writelines(f"{line}\n" for line in open_metrics(int(time.time()), 26))
    filled = promtool("tsdb", "create-blocks-from", "openmetrics", history, folder / "data")
    assert filled.returncode == 0, filled.stderr
    config = folder / "prometheus.yml"
    config.write_text(yaml.safe_dump({"rule_files": [str(_often(folder, file)) for file in RULES]}))
    command = [program("prometheus"), f"--config.file={config}", f"--storage.tsdb.path={folder / 'data'}"]
    address = f"http://127.0.0.1:{port}"
    with running([*map(str, command), f"--web.listen-address=127.0.0.1:{port}"], folder / "log") as process:
        _until(lambda: _all_evaluated(_rules(address)))
        assert process.poll() is None
        yield address


def _often(folder: Path, rules: Path) -> Path:
    """The same rules, evaluated every second, so that nobody waits for them."""
    content = yaml.safe_load(rules.read_text())
    for group in content["groups"]:
        group["interval"] = "1s"
    copy = folder / rules.name
    copy.write_text(yaml.safe_dump(content))
    return copy


def _rules(address: str) -> list[dict[str, Any]]:
    try:
        with urllib.request.urlopen(f"{address}/api/v1/rules", timeout=10) as response:
            groups = json.load(response)["data"]["groups"]
    except (urllib.error.URLError, ConnectionError):
        return []
    return [{**rule, "group": group["name"]} for group in groups for rule in group["rules"]]


def _all_evaluated(rules: list[dict[str, Any]]) -> bool:
    """Whether every group was evaluated; a time in the year 1 says that it was not."""
    return bool(rules) and not any(str(rule["lastEvaluation"]).startswith("0001") for rule in rules)


def _until(ready: Callable[[], bool]) -> None:
    """Asks again and again, for a minute at most."""
    end = time.monotonic() + 60
    while not ready():
        assert time.monotonic() < end, "Prometheus did not evaluate its rules in a minute"
        time.sleep(0.2)  # between two looks, not instead of one


def test_every_expression_is_answered(prometheus: str) -> None:
    """Without an error or a warning, and with data where there must be some."""
    _until(lambda: bool(ask(prometheus, v.RECIPE_TIME_SAVED.prometheus_name)))
    assert complaints(prometheus) == []
    everything = {name for question in questions() for name in metrics_in(question.expr)}
    assert everything == {metric.prometheus_name for metric in KNOWN if metric.kind != v.GAUGE}


def test_rules_are_healthy(prometheus: str) -> None:
    """Prometheus reports no error in evaluating any of them."""
    assert [(rule["name"], rule.get("lastError")) for rule in _rules(prometheus) if rule["health"] != "ok"] == []


def test_gauges_are_recorded_under_their_names(prometheus: str) -> None:
    """The gauges of the product exist with exactly their labels, and have the values that the counters say."""
    expected = {
        v.AGENT_SUCCESS_RATE: 1 / 1.1,
        v.AGENT_QUALITY: 8.0,
        v.RECIPE_SUCCESS_RATE: 1 / 1.1,
        v.RECIPE_TIME_SAVED: 0.6,
        v.RECIPE_SATISFACTION: 4.0,
    }
    assert set(expected) == {metric for metric in v.METRICS if metric.kind == v.GAUGE}
    for metric, value in expected.items():
        found = ask(prometheus, metric.prometheus_name)
        assert {tuple(sorted(item["metric"])) for item in found} == {tuple(sorted(("__name__", *metric.labels)))}
        assert [float(item["value"][1]) for item in found] == pytest.approx([value] * len(found), rel=1e-6)
