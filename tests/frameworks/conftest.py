"""Fixtures of the tests with real frameworks: what is tested, installed once, a model on loopback, and a day's work."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import pytest
from cases import Case
from environments import install_tachograph
from model_server import Asked, ModelServer, model_server
from running import Ran, figures, run


@dataclass(frozen=True)
class Work:
    """A framework's program after it ran under the launcher, and what the model saw of it."""

    case: Case
    ran: Ran
    asked: list[Asked]
    tokens: dict[str, int]

    @cached_property
    def figures(self) -> dict[str, list[dict[str, Any]]]:
        """What `tachograph` says of it."""
        return figures(self.ran)


@pytest.fixture(scope="session")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with tachograph as it is installed, for the path of any environment."""
    folder = tmp_path_factory.mktemp("tachograph")
    install_tachograph(folder)
    return folder


@pytest.fixture
def model() -> Iterator[ModelServer]:
    """A model on loopback."""
    with model_server() as server:
        yield server


@pytest.fixture(scope="session")
def work(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, installed: Path) -> Work:
    """The program of a case, run once for all tests that look at what came of it."""
    case: Case = request.param
    case.environment.make()
    home = tmp_path_factory.mktemp(case.framework) / "home"
    with model_server() as server:
        ran = run(case.environment, case.program, server, home, (installed,))
        return Work(case, ran, list(server.asked), server.tokens)
