"""Fixtures of all tests: real data, real processes, a real SDK provider."""

import os
import subprocess
from collections.abc import Callable, Iterator
from http.server import ThreadingHTTPServer
from pathlib import Path

import pytest
from hypothesis import settings
from opentelemetry import trace
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.trace import Span
from support import COMMAND, LAUNCHER, Receiver, Run, clean_environment, serving

from tachograph.annotate.processor import AnnotatingProcessor
from tachograph.collect import execution
from tachograph.collect.execution import Site
from tachograph.sdk.spans import maker

# How long an example takes is no matter of what it shows.
settings.register_profile("untimed", deadline=None)
settings.load_profile("untimed")

FIXTURES = Path(__file__).resolve().parents[2] / "shared" / "fixtures"


@pytest.fixture(scope="session")
def fixtures() -> Path:
    """Real data that nobody here wrote; continuous integration must have it."""
    if not FIXTURES.is_dir():
        assert not os.environ.get("CI"), f"{FIXTURES} is missing"
        pytest.skip(f"{FIXTURES} is not there: check the shared folder out beside this repository")
    return FIXTURES


@pytest.fixture
def launch(tmp_path: Path) -> Run:
    """Runs a program in `tmp_path` under opentelemetry-instrument, to its end."""

    def run(*command: str, **variables: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [LAUNCHER, *command],
            cwd=tmp_path,
            env=clean_environment(tmp_path / "home", **variables),
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    return run


@pytest.fixture
def tachograph(tmp_path: Path) -> Run:
    """Runs `tachograph ARG…` with its home in `tmp_path`, or the one that is named, and these variables."""

    def run(
        *arguments: object, home: Path | None = None, stdin: str | None = None, **variables: str
    ) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [COMMAND, *map(str, arguments)],
            cwd=tmp_path,
            env=clean_environment(home or tmp_path / "home", **variables),
            input=stdin,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )

    return run


@pytest.fixture
def receiver() -> Iterator[ThreadingHTTPServer]:
    """A running stand-in for a Collector; what it got is in `Receiver.received`."""
    Receiver.received = {}
    with serving(Receiver) as server:
        yield server


@pytest.fixture(scope="session")
def _delivered() -> list[ReadableSpan]:
    spans: list[ReadableSpan] = []
    provider = TracerProvider(shutdown_on_exit=False)
    processor = AnnotatingProcessor(lambda ended: spans.append(ended.span), {"user.id": "u1", "session.id": "s1"})
    provider.add_span_processor(processor)
    trace.set_tracer_provider(provider)
    execution.beginners.append(processor.at_start)
    execution.finishers.append(processor.before_end)
    make = maker(provider.get_tracer("tachograph"), processor)
    assert make, "the SDK that is installed is not the one that templates are made for"
    _makers.append(lambda *given: make(*given) or make(*given))  # the first of a kind is the tracer's
    return spans


_makers: list[Callable[[Site, str | None], Span | None]] = []


@pytest.fixture(params=["tracer", "template"])
def delivered(
    _delivered: list[ReadableSpan], request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> list[ReadableSpan]:
    """Spans that ended in this test, as they are delivered: a real SDK provider with our processor; our own spans made
    by its tracer, and made from templates."""
    _delivered.clear()
    monkeypatch.setattr(execution, "makers", [*_makers] if request.param == "template" else [])
    return _delivered
