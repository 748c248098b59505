"""Runs the installed command as a user does."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from conftest import clean_environment

COMMAND = Path(sys.executable).with_name("tachograph")

Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def tachograph(tmp_path: Path) -> Run:
    """Runs `tachograph ARG…` with its home in `tmp_path`, or the one that is named."""

    def run(*arguments: object, home: Path | None = None, stdin: str | None = None) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [COMMAND, *map(str, arguments)],
            cwd=tmp_path,
            env=clean_environment(home or tmp_path / "home"),
            input=stdin,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )

    return run
