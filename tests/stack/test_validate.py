"""Every configuration is valid, with every switch thrown, and is what its table makes it."""

import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest
from collectors import CONFIGURATIONS
from programs import BUILT

TOKEN = {"COLLECTOR_TOKEN": "a-token"}
EVERYWHERE = "[file, otlp_grpc/tempo, otlp_http, clickhouse, debug]"
SWITCHES = {
    "as it comes": {},
    "metrics of the programs": {"COLLECTOR_COUNT": "metrics"},
    "sampling": {"COLLECTOR_SAMPLING": "[tail_sampling]"},
    "all exporters": {
        "COLLECTOR_TRACES_TO": EVERYWHERE.replace("debug", "zipkin"),
        "COLLECTOR_LOGS_TO": EVERYWHERE,
        "COLLECTOR_METRICS_TO": "[prometheus, prometheus_remote_write, otlp_http]",
        "COLLECTOR_OTLP_HEADERS": "{dd-api-key: secret}",
    },
}


def validate(configuration: str, variables: Mapping[str, str], folder: Path) -> subprocess.CompletedProcess[str]:
    command = [BUILT / "otelcol", "validate", "--config", CONFIGURATIONS / configuration]
    return subprocess.run(command, cwd=folder, env=dict(variables), capture_output=True, text=True, check=False)


@pytest.mark.parametrize("configuration", ["agent.yaml", "gateway.yaml"])
@pytest.mark.parametrize("switches", SWITCHES)
def test_a_configuration_is_valid(configuration: str, switches: str, tmp_path: Path) -> None:
    """Nothing has to be said but the token of the gateway."""
    ended = validate(configuration, {**TOKEN, **SWITCHES[switches]}, tmp_path)
    assert (ended.returncode, ended.stderr) == (0, "")


def test_a_gateway_without_a_token_does_not_start(tmp_path: Path) -> None:
    """There is no default for a secret: an open door would be one."""
    ended = validate("gateway.yaml", {}, tmp_path)
    assert ended.returncode != 0
    assert "token" in ended.stderr


def test_generated_blocks_are_what_their_table_makes_them() -> None:
    """`make generate` would change nothing."""
    command = [sys.executable, CONFIGURATIONS / "generate.py", "--check"]
    ended = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (ended.returncode, ended.stderr) == (0, "")
