"""Attempts to get out of a containment, by every mechanism and as every user that there is here."""

import functools
import json
import os
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from tachograph.quality.containment.rooms import missing

SOURCE = Path(__file__).resolve().parents[3] / "src"
DRIVER = Path(__file__).with_name("driver.py")
NOBODY = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", "--inh-caps=-all"]
SYSTEM_PYTHON = "/usr/bin/python3"

Attempt = Callable[..., Any]


def drive(order: dict[str, Any], prefix: Sequence[str] = (), python: str = sys.executable, **variables: str) -> Any:
    """Run the driver; that it comes to an end is a bound of the tests' own."""
    done = subprocess.run(
        [*prefix, python, "-B", str(DRIVER)],
        input=json.dumps(order),
        env={"PATH": os.environ["PATH"], "PYTHONPATH": str(SOURCE), **variables},
        capture_output=True,
        text=True,
        timeout=90,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return SimpleNamespace(**json.loads(done.stdout))


@functools.cache
def python_of_nobody() -> str | None:
    """A Python that the user `nobody` may run and that tachograph runs on."""
    for python in (sys.executable, SYSTEM_PYTHON):
        code = "import os, sys; os.stat(sys.executable); sys.exit(sys.version_info < (3, 11))"
        question = [*NOBODY, python, "-c", code]
        if subprocess.run(question, capture_output=True, check=False).returncode == 0:
            return python
    return None


@pytest.fixture(params=["as who runs the tests", "as nobody"])
def user(request: pytest.FixtureRequest) -> dict[str, Any]:
    """How to run the driver as a user."""
    if request.param == "as who runs the tests":
        return {}
    if os.geteuid() != 0:
        pytest.skip("only root can become nobody")
    if (python := python_of_nobody()) is None:
        pytest.skip("nobody may run no Python from 3.11 here")
    return {"prefix": NOBODY, "python": python}


@pytest.fixture(params=["bubblewrap", "unshare"])
def mechanism(request: pytest.FixtureRequest) -> str:
    """A mechanism that works here."""
    if (why := missing(request.param)) is not None:
        pytest.skip(f"{request.param}: {why}")
    return str(request.param)


@pytest.fixture
def attempt(user: dict[str, Any], mechanism: str) -> Attempt:
    """Runs code contained; takes the fields of an order, and `variables` of the environment outside."""

    def run(code: str, variables: dict[str, str] | None = None, **order: Any) -> Any:
        return drive({"code": code, "mechanism": mechanism, **order}, **user, **(variables or {}))

    return run
