"""What tests share: real processes under the real launcher, and what their spools hold."""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from opentelemetry import trace
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider

from tachograph.annotate.processor import AnnotatingProcessor
from tachograph.collect import execution

FIXTURES = Path(__file__).resolve().parents[2] / "shared" / "fixtures"
LAUNCHER = Path(sys.executable).with_name("opentelemetry-instrument")


@pytest.fixture(scope="session")
def fixtures() -> Path:
    """Real data that nobody here wrote; continuous integration must have it."""
    if not FIXTURES.is_dir():
        assert not os.environ.get("CI"), f"{FIXTURES} is missing"
        pytest.skip(f"{FIXTURES} is not there: check the shared folder out beside this repository")
    return FIXTURES


def clean_environment(home: Path, **variables: str) -> dict[str, str]:
    """This environment without any telemetry setting of its own, with `home` for spool and store, and with the
    commands of this interpreter's environment in front."""
    kept = {key: value for key, value in os.environ.items() if not key.startswith(("OTEL_", "TACHOGRAPH_"))}
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    return {**kept, "PATH": path, "TACHOGRAPH_HOME": str(home), **variables}


Launch = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def launch(tmp_path: Path) -> Launch:
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


@dataclass(frozen=True)
class Span:
    """A span as a spool line holds it."""

    name: str
    id: str
    parent: str
    attributes: dict[str, Any]
    status: dict[str, Any]
    start: int
    end: int
    trace: str
    events: list[dict[str, Any]]


def spooled(home: Path) -> list[Span]:
    """Every span in every spool file below `home`, in the order in which they ended."""
    lines = [line for file in sorted((home / "spool").glob("*.otlp.jsonl")) for line in file.read_text().splitlines()]
    return [span for line in lines for span in _spans(json.loads(line))]


def _spans(request: dict[str, Any]) -> Iterator[Span]:
    for resource in request["resourceSpans"]:
        for scope in resource["scopeSpans"]:
            for span in scope["spans"]:
                yield Span(
                    span["name"],
                    span["spanId"],
                    span.get("parentSpanId", ""),
                    {item["key"]: plain(item["value"]) for item in span["attributes"]},
                    span["status"],
                    int(span["startTimeUnixNano"]),
                    int(span["endTimeUnixNano"]),
                    span["traceId"],
                    span.get("events", []),
                )


def plain(value: dict[str, Any]) -> Any:
    """An OTLP/JSON value as Python has it."""
    kind, content = next(iter(value.items()))
    if kind == "intValue":
        return int(content)
    return [plain(item) for item in content["values"]] if kind == "arrayValue" else content


@pytest.fixture(scope="session")
def _delivered() -> list[ReadableSpan]:
    spans: list[ReadableSpan] = []
    provider = TracerProvider(shutdown_on_exit=False)
    processor = AnnotatingProcessor(spans.append, {"user.id": "u1", "session.id": "s1"})
    provider.add_span_processor(processor)
    trace.set_tracer_provider(provider)
    execution.finishers.append(processor.before_end)
    return spans


@pytest.fixture
def delivered(_delivered: list[ReadableSpan]) -> list[ReadableSpan]:
    """Spans that ended in this test, as they are delivered: a real SDK provider with our processor."""
    _delivered.clear()
    return _delivered
