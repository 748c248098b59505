"""The real programs of the stack, as `tests/stack/build` has built them, and how a server of them runs in a test."""

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from programs import BUILT

REPOSITORY = Path(__file__).resolve().parents[2]
GRAFANA = REPOSITORY / "grafana"
RULES = sorted((GRAFANA / "rules").glob("*.yaml"))


def program(name: str) -> Path:
    """Where it is; continuous integration must have it, elsewhere tests that need it are skipped."""
    path = BUILT / name
    if not path.exists():
        assert not os.environ.get("CI"), f"{path} is missing"
        pytest.skip(f"{name} is not built: tests/stack/build does that")
    return path


def promtool(*arguments: object) -> subprocess.CompletedProcess[str]:
    """Runs promtool to its end."""
    command = [program("promtool"), *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)


@contextmanager
def running(command: list[str], log: Path, env: dict[str, str] | None = None) -> Iterator[subprocess.Popen[bytes]]:
    """A server for the time of a block; what it says is in `log`."""
    with log.open("wb") as said, subprocess.Popen(command, stdout=said, stderr=said, env=env) as process:
        try:
            yield process
        finally:
            process.terminate()
            process.wait(30)
