"""A real trace backend: a trace goes through the Collector into Zipkin and comes back by its API."""

import json
import shutil
import sys
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from collectors import StartCollector
from programs import BUILT, Program, answers, until
from support import Span, free_port, spooled
from test_totals import run

ZIPKIN = BUILT / "zipkin.jar"
JOB = [sys.executable, "-m", "agency", "recipe", "run", "fix_bug", "--issue", "TB-6"]


@pytest.fixture
def zipkin(tmp_path: Path) -> Iterator[str]:
    """The address of a Zipkin that keeps traces in memory."""
    if not (ZIPKIN.exists() and shutil.which("java")):
        pytest.skip("no Zipkin or no Java: run tests/stack/build")
    port = free_port()
    where = [f"--armeria.ports[0].{name}" for name in (f"port={port}", "ip=127.0.0.1", "protocols[0]=HTTP")]
    program = Program(["java", "-Xmx512m", "-jar", str(ZIPKIN), *where], tmp_path / "zipkin")
    program.start(lambda: answers(f"http://127.0.0.1:{port}/health"), 180)
    yield f"http://127.0.0.1:{port}"
    program.stop()


def _returned(zipkin: str, trace: str) -> list[dict[str, Any]]:
    url = f"{zipkin}/api/v2/trace/{trace}"
    if not answers(url):
        return []
    with urllib.request.urlopen(url) as answer:
        return json.load(answer)


def test_a_trace_comes_back_from_zipkin(zipkin: str, collector: StartCollector, tmp_path: Path) -> None:
    """Every span under its id, with its parent, times, attributes and events, and nothing besides."""
    running = collector(COLLECTOR_TRACES_TO="[file, zipkin]", COLLECTOR_ZIPKIN=f"{zipkin}/api/v2/spans")
    home = tmp_path / "home"
    run(JOB, home, running)
    spans = spooled(home)
    root = next(span for span in spans if not span.parent)
    made = {span.id: span for span in spans if span.trace == root.trace}
    assert len(made) > 10
    assert any(span.events for span in made.values())
    until("all spans are in Zipkin", lambda: len(_returned(zipkin, root.trace)) >= len(made), 60)
    returned = {span["id"]: span for span in _returned(zipkin, root.trace)}
    assert returned.keys() == made.keys()
    for span_id, span in made.items():
        _same(returned[span_id], span)


def _same(found: dict[str, Any], span: Span) -> None:
    assert found.get("parentId", "") == span.parent
    assert found["name"] == span.name.lower()  # as Zipkin has all names
    assert abs(found["timestamp"] - span.start / 1_000) < 1
    assert abs(found["duration"] - (span.end - span.start) / 1_000) <= 1
    tags = found["tags"]
    assert {name: _read(tags[name], value) for name, value in span.attributes.items()} == span.attributes
    assert len(found.get("annotations", [])) == len(span.events)
    for annotation, event in zip(found.get("annotations", []), span.events, strict=True):
        assert annotation["value"].startswith(event["name"])
        assert abs(annotation["timestamp"] - int(event["timeUnixNano"]) / 1_000) < 1


def _read(tag: str, like: Any) -> Any:
    """A tag, which is always a text, as what it was."""
    return tag if isinstance(like, str) else json.loads(tag)
