"""What the containers are given, checked and run by the programs that are in them."""

import json
import os
import re
import shutil
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
import yaml
from asking import ask, complaints
from binaries import GRAFANA, REPOSITORY, program, promtool, running
from support import LAUNCHER, clean_environment, free_port

from tachograph.cli.demo import JOBS

AGENCY = REPOSITORY / "examples" / "agency"
COLLECTOR = yaml.safe_load((REPOSITORY / "compose.yaml").read_text())["services"]["collector"]
PORTS = ("COLLECTOR_GRPC", "COLLECTOR_HTTP", "COLLECTOR_METRICS", "COLLECTOR_HEALTH")


def environment(folder: Path) -> dict[str, str]:
    """What compose.yaml tells the Collector, with a password as anyone could choose."""
    told = {
        name: value.replace("${CLICKHOUSE_PASSWORD:-tachograph}", "x")
        for name, value in COLLECTOR["environment"].items()
    }
    return {**os.environ, **told, "COLLECTOR_DATA": str(folder / "telemetry")}


def mounted(folder: Path) -> Path:
    """Prometheus' files in the places where the container has them."""
    shutil.copy(REPOSITORY / "compose" / "prometheus.yml", folder)
    shutil.copytree(GRAFANA / "rules", folder / "rules")
    return folder / "prometheus.yml"


def test_prometheus_accepts_its_configuration(tmp_path: Path) -> None:
    """With both rule files in their places."""
    checked = promtool("check", "config", mounted(tmp_path))
    assert checked.returncode == 0, checked.stdout + checked.stderr
    assert "2 rule files found" in checked.stdout


def test_the_collector_accepts_its_configuration(tmp_path: Path) -> None:
    """With the exporters that compose.yaml names."""
    command = [program("otelcol"), "validate", "--config", REPOSITORY / "collector-config" / "agent.yaml"]
    checked = subprocess.run(
        command, env=environment(tmp_path), capture_output=True, text=True, timeout=60, check=False
    )
    assert checked.returncode == 0, checked.stderr


@pytest.fixture
def stack(tmp_path: Path) -> Iterator[tuple[str, str]]:
    """Collector and Prometheus with these very files, on free ports: where to send OTLP, and where to ask."""
    ports = {name: free_port() for name in (*PORTS, "COLLECTOR_SELF_PORT", "prometheus")}
    variables = environment(tmp_path) | {name: f"127.0.0.1:{ports[name]}" for name in PORTS}
    variables |= {"COLLECTOR_SELF_PORT": str(ports["COLLECTOR_SELF_PORT"]), "COLLECTOR_TRACES_TO": "[file]"}
    config = mounted(tmp_path)
    text = (
        config.read_text()
        .replace(":8889", f":{ports['COLLECTOR_METRICS']}")
        .replace(":8888", f":{ports['COLLECTOR_SELF_PORT']}")
    )
    config.write_text(text.replace("15s", "1s").replace("1m", "1s"))
    for rules in (tmp_path / "rules").glob("*.yaml"):
        rules.write_text(re.sub(r"interval: \d+m", "interval: 1s", rules.read_text()))
    collector = [str(program("otelcol")), "--config", str(REPOSITORY / "collector-config" / "agent.yaml")]
    address = f"127.0.0.1:{ports['prometheus']}"
    prometheus = [str(program("prometheus")), f"--config.file={config}", f"--storage.tsdb.path={tmp_path / 'data'}"]
    with (
        running(collector, tmp_path / "collector.log", variables | {"COLLECTOR_LOGS_TO": "[file]"}),
        running([*prometheus, f"--web.listen-address={address}"], tmp_path / "prometheus.log"),
    ):
        yield f"http://127.0.0.1:{ports['COLLECTOR_HTTP']}", f"http://{address}"


def test_prometheus_reads_the_collector(stack: tuple[str, str]) -> None:
    """What an agent did is counted, and so is what the Collector itself received, under the names that panels ask."""
    otlp, prometheus = stack
    until(lambda: sent(otlp))
    until(lambda: len(answered(prometheus, 'up{job=~"dev_agency|otelcol"} == 1')) == 2)
    until(
        lambda: bool(
            answered(prometheus, 'dev_agency_agent_invocations_total{agent_name="coder", outcome="success"} == 1')
        )
    )
    until(
        lambda: bool(answered(prometheus, "otelcol_receiver_accepted_spans_total or otelcol_receiver_accepted_spans"))
    )
    assert answered(prometheus, "otelcol_process_memory_rss or otelcol_process_memory_rss_bytes")


def test_panels_and_rules_are_answered_after_the_agency_ran(stack: tuple[str, str], tmp_path: Path) -> None:
    """Short-lived processes, through the Collector: every expression is answered for which there can be an answer."""
    otlp, prometheus = stack
    until(lambda: sent(otlp))
    for job in JOBS[:5]:
        run(job, otlp, tmp_path / "home")
    until(lambda: bool(answered(prometheus, "dev_agency_recipe_success_rate")))
    until(lambda: complaints(prometheus) == [])
    ended = "sum(agent_name:dev_agency_agent_invocations_total:increase1h) - sum(dev_agency_agent_invocations_total)"
    # None was skipped, and none was missed; a rule is a moment behind what it is made of.
    until(lambda: [float(item["value"][1]) for item in ask(prometheus, ended)] == [0])


def run(job: Sequence[str], otlp: str, home: Path) -> None:
    """One process of the sample agency under the launcher, which may take its time at exit to deliver all."""
    variables = {
        "OTEL_EXPORTER_OTLP_ENDPOINT": otlp,
        "OTEL_EXPORTER_OTLP_PROTOCOL": "http/protobuf",
        "TACHOGRAPH_EXIT_MS": "30000",
    }
    environment = clean_environment(home, PYTHONPATH=str(AGENCY), **variables)
    command = [LAUNCHER, sys.executable, "-m", "agency", *job]
    subprocess.run(command, cwd=AGENCY, env=environment, capture_output=True, timeout=120, check=False)


def answered(prometheus: str, expr: str) -> list[Any]:
    """The answer, nothing while nobody answers yet."""
    try:
        return ask(prometheus, expr)
    except (urllib.error.URLError, ConnectionError, RuntimeError):
        return []


def sent(otlp: str) -> bool:
    """Whether the Collector took a span of an agent."""
    now = time.time_ns()
    attributes = {"gen_ai.operation.name": "invoke_agent", "gen_ai.agent.name": "coder"}
    span = {
        "traceId": "1" * 32,
        "spanId": "2" * 16,
        "name": "invoke_agent coder",
        "startTimeUnixNano": str(now - 10**9),
        "endTimeUnixNano": str(now),
        "attributes": [{"key": key, "value": {"stringValue": value}} for key, value in attributes.items()],
    }
    body = json.dumps({"resourceSpans": [{"scopeSpans": [{"spans": [span]}]}]}).encode()
    request = urllib.request.Request(f"{otlp}/v1/traces", body, {"Content-Type": "application/json"})
    try:
        with urllib.request.urlopen(request, timeout=10) as response:
            return bool(response.status == 200)
    except (urllib.error.URLError, ConnectionError):
        return False


def until(ready: Callable[[], bool]) -> None:
    """Asks again and again, for a minute at most."""
    end = time.monotonic() + 60
    while not ready():
        assert time.monotonic() < end
        time.sleep(0.2)  # between two looks, not instead of one
