"""Fixtures of the tests with real frameworks: what is tested, installed once, a model on loopback, and a day's work."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from cases import Case
from environments import install_tachograph
from model_server import ModelServer, model_server
from running import Work, run


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
    if case not in _done:  # pytest makes the fixture anew for tests with other parameters beside it
        case.environment.make()
        home = tmp_path_factory.mktemp(case.framework) / "home"
        with model_server() as server:
            ran = run(case.environment, case.program, server, home, (installed,))
            _done[case] = Work(case, ran, list(server.asked), server.tokens)
    return _done[case]


_done: dict[Case, Work] = {}
