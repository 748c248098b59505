"""Fixtures of the tests with real programs: a Collector of one's own, stopped at the end."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from collectors import Collector, StartCollector
from programs import BUILT


@pytest.fixture(scope="session", autouse=True)
def _programs() -> None:
    """The real programs; continuous integration must have them."""
    missing = [name for name in ("otelcol", "prometheus") if not (BUILT / name).exists()]
    if missing:
        assert not os.environ.get("CI"), f"{missing} are missing: run tests/stack/build"
        pytest.skip(f"{', '.join(missing)} not built yet: run tests/stack/build")


@pytest.fixture
def collector(tmp_path: Path) -> Iterator[StartCollector]:
    """Starts a Collector: `collector("agent.yaml", COLLECTOR_COUNT="metrics")`."""
    started: list[Collector] = []

    def start(configuration: str = "agent.yaml", **variables: str) -> Collector:
        started.append(Collector(tmp_path / f"collector{len(started)}", configuration, variables))
        return started[-1].start()

    yield start
    for program in started:
        program.stop()
