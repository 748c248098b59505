"""The stack in containers, as far as it can be checked without an engine to run it."""

import re
from pathlib import Path
from typing import Any

import yaml

REPOSITORY = Path(__file__).resolve().parents[2]
COMPOSE = yaml.safe_load((REPOSITORY / "compose.yaml").read_text())
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]


def test_versions_are_pinned() -> None:
    """No `latest`, and nothing without a full version."""
    images = {name: service["image"] for name, service in SERVICES.items()}
    assert set(images) == {"collector", "prometheus", "tempo", "grafana", "clickhouse"}
    assert {name for name, image in images.items() if not re.search(r":v?\d+\.\d+\.\d+", image)} == set()


def test_ports_are_on_loopback_only() -> None:
    """Nobody else reaches what asks for no password."""
    ports = [port for service in SERVICES.values() for port in service.get("ports", [])]
    assert ports
    assert [port for port in ports if not port.startswith("127.0.0.1:")] == []


def test_what_is_mounted_exists() -> None:
    """Files of this repository, read-only; volumes that are declared."""
    for service in SERVICES.values():
        for mount in service.get("volumes", []):
            source, _, mode = mount.partition(":")[0], *mount.rpartition(":")[1:]
            if source.startswith("./"):
                assert (REPOSITORY / source).exists(), source
                assert mode == "ro", source
            else:
                assert source in COMPOSE["volumes"], source


def test_grafana_is_told_where_its_sources_are() -> None:
    """Every variable in the provisioning files is set, and every dashboard lies where the provider looks."""
    folder = REPOSITORY / "grafana" / "provisioning"
    text = "".join(file.read_text() for file in folder.rglob("*.yaml"))
    assert set(re.findall(r"(?<!\$)\$\{(\w+)\}", text)) <= set(SERVICES["grafana"]["environment"])
    provider = yaml.safe_load((folder / "dashboards/tachograph.yaml").read_text())["providers"][0]
    mounts = [mount.split(":") for mount in SERVICES["grafana"]["volumes"]]
    assert ["./grafana/dashboards", provider["options"]["path"], "ro"] in mounts


def test_the_collector_is_told_only_what_it_knows() -> None:
    """Every variable set for it is one of its configuration."""
    known = set(re.findall(r"env:(\w+)", (REPOSITORY / "collector-config/agent.yaml").read_text()))
    assert {name for name in SERVICES["collector"]["environment"] if name not in known} == set()
