"""Spans that end after an analysis are held against what it found; without one, or with a bad one, nothing is said."""

import json
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from support import COMMAND, LAUNCHER, clean_environment, spooled

PROGRAM = """
import time, tachograph

@tachograph.agent("coder", complexity="simple")
def code():
    time.sleep(0.02)

for _ in range(6):
    code()
"""
RATIO = "dev_agency.baseline.duration_ratio"


def run(home: Path, tmp_path: Path) -> list[dict[str, Any]]:
    """Six executions of an agent; the attributes of the last six spans."""
    program = tmp_path / "program.py"
    program.write_text(PROGRAM)
    environment = clean_environment(home)
    subprocess.run([LAUNCHER, sys.executable, program], env=environment, check=True, capture_output=True, timeout=60)
    spans = sorted(spooled(home), key=lambda span: span.start)
    return [dict(span.attributes) for span in spans if span.name == "invoke_agent coder"][-6:]


def test_a_span_says_how_it_compares_with_the_baseline(tmp_path: Path) -> None:
    """`tachograph bottlenecks` leaves medians behind; the next run's spans carry their duration ÷ that median."""
    pytest.importorskip("duckdb")
    home = tmp_path / "home"
    assert all(RATIO not in attributes for attributes in run(home, tmp_path))
    for command in (["ingest"], ["bottlenecks"]):
        subprocess.run([COMMAND, *command], env=clean_environment(home), check=True, capture_output=True, timeout=60)
    told = json.loads((home / "baseline.json").read_text())
    assert set(told["agent"]["coder"]["medians"]) == {"", "simple"}
    assert all(0.2 < attributes[RATIO] < 20 for attributes in run(home, tmp_path))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "[]",
        "7",
        '{"version": 99}',
        '{"version": 1, "created_s": "soon", "agent": {"coder": {"medians": {"": 20}}}}',
        '{"version": 1, "created_s": 1000, "agent": {"coder": {"medians": {"": 20}}}}',
        '{"version": 1, "created_s": NOW, "agent": 5}',
        '{"version": 1, "created_s": NOW, "agent": {"coder": {"medians": {"": "x"}, "bottleneck": {"share": 1}}}}',
        '{"version": 1, "created_s": NOW, "agent": {"coder": {"medians": {"": 0}}}}',
    ],
)
def test_a_baseline_that_is_no_use_is_no_trouble(tmp_path: Path, text: str) -> None:
    """Empty, broken, of another version, too old, with wrong types: no annotation and no error."""
    home = tmp_path / "home"
    home.mkdir()
    (home / "baseline.json").write_text(text.replace("NOW", str(time.time())))
    attributes = run(home, tmp_path)
    assert len(attributes) == 6
    assert all(RATIO not in one and "dev_agency.bottleneck.category" not in one for one in attributes)


def test_a_known_bottleneck_stands_on_the_spans_of_its_agent(tmp_path: Path) -> None:
    """Category, component and share, as the analysis had them."""
    home = tmp_path / "home"
    home.mkdir()
    known = {"category": "context", "component": "coder", "share": 0.4}
    told = {"version": 1, "created_s": time.time(), "agent": {"coder": {"medians": {"": 40.0}, "bottleneck": known}}}
    (home / "baseline.json").write_text(json.dumps(told))
    for attributes in run(home, tmp_path):
        assert attributes["dev_agency.bottleneck.category"] == "context"
        assert attributes["dev_agency.bottleneck.component"] == "coder"
        assert attributes["dev_agency.bottleneck.share"] == 0.4
        assert attributes[RATIO] > 0
