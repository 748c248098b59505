"""A reviewer that is set for an agent runs after it has returned, and its host neither waits for it nor knows of it."""

import json
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from projects import committed
from support import LAUNCHER, Run, clean_environment, spooled

PROGRAM = """
import os, pathlib, sys
import tachograph

@tachograph.agent(sys.argv[1], execution_id="run-7")
def work():
    file = pathlib.Path("repo/shop/basket.py")
    file.write_text(file.read_text().replace("(100 - percent)", "(100 + percent)"))

tachograph.install()
work()
os._exit(0)
"""
SETTINGS = '[tool.tachograph.quality]\nagents = ["coder"]\npath = "repo"\nbase = "HEAD"\n'


@pytest.fixture
def project(tmp_path: Path) -> Path:
    committed(tmp_path / "repo")
    (tmp_path / "pyproject.toml").write_text(SETTINGS)
    (tmp_path / "app.py").write_text(PROGRAM)
    return tmp_path


def run(project: Path, agent: str) -> None:
    environment = clean_environment(project / "home")
    command = [sys.executable, "app.py", agent]
    ended = subprocess.run(
        command, cwd=project, env=environment, capture_output=True, text=True, timeout=60, check=False
    )
    assert (ended.returncode, ended.stdout, ended.stderr) == (0, "", "")


def requests(project: Path) -> list[Path]:
    return sorted((project / "home" / "reviews").glob("*.json"))


def wait_for_no_request(project: Path) -> None:
    deadline = time.monotonic() + 300
    while requests(project) and time.monotonic() < deadline:
        time.sleep(0.2)
    log = "".join(file.read_text() for file in (project / "home" / "reviews").glob("*.log"))
    assert requests(project) == [], log


def coder(tachograph: Run) -> dict[str, Any]:
    assert tachograph("ingest").returncode == 0
    (found,) = json.loads(tachograph("agents", "coder", "--format", "json").stdout)
    assert isinstance(found, dict)
    return found


def test_the_scores_come_after_the_program_has_ended(project: Path, tachograph: Run) -> None:
    """Even where it ends at once and without a word: what it did is judged, and linked to its span."""
    run(project, "coder")
    (span,) = spooled(project / "home")
    assert "dev_agency.quality.overall" not in span.attributes  # it was not known yet
    wait_for_no_request(project)
    (scored,) = coder(tachograph)["quality_by_reviewer"]
    assert (scored["reviewer"], scored["count"]) == ("automated", 1)
    assert scored["avg_quality_score"] < 8
    assert len(spooled(project / "home")) == 1  # the review makes no spans


def test_agents_that_are_not_named_are_left_alone(project: Path) -> None:
    """No request, and no folder for any."""
    run(project, "talker")
    assert not (project / "home" / "reviews").exists()


def test_a_review_that_was_cut_off_is_made_later(project: Path, tachograph: Run) -> None:
    """Its request is there until its scores are written; what cannot be reviewed stays, and says why."""
    folder = project / "home" / "reviews"
    folder.mkdir(parents=True)
    ids = {"trace_id": "ab" * 16, "span_id": "cd" * 8, "execution_id": "run-7", "role": "agent", "name": "coder"}
    order = {"path": str(project / "repo"), "base": None, "spec": None, "test_command": None, "unsafe": False}
    (folder / "one.json").write_text(json.dumps({**ids, **order}))
    (folder / "two.json").write_text(json.dumps({**ids, **order, "path": str(project / "gone")}))
    ended = tachograph("assess", "--pending")
    assert ended.returncode == 1
    assert "1 of 2 pending reviews made" in ended.stderr
    assert [file.name for file in requests(project)] == ["two.json"]
    lines = [text for file in (project / "home/spool").iterdir() for text in file.read_text().splitlines()]
    assert all('"spanId":"cdcdcdcdcdcdcdcd"' in text.replace(" ", "") for text in lines)


def test_settings_that_nobody_understands_are_told(project: Path) -> None:
    """And the program runs on."""
    (project / "pyproject.toml").write_text("[tool.tachograph.quality]\nagents = 5\n")
    command = [LAUNCHER, sys.executable, "app.py", "coder"]
    environment = clean_environment(project / "home")
    ended = subprocess.run(
        command, cwd=project, env=environment, capture_output=True, text=True, timeout=60, check=False
    )
    assert ended.returncode == 0
    assert "[tool.tachograph.quality] needs agents" in ended.stderr
    assert not (project / "home" / "reviews").exists()


def test_scores_known_before_the_end_stand_on_the_span(tmp_path: Path, launch: Run) -> None:
    """Those of the dimensions are weighted, 40 to 30; a wrong name is told of and harms nobody."""
    (tmp_path / "app.py").write_text(
        "import tachograph\n"
        'with tachograph.agent("coder") as run:\n'
        "    run.review(correctness=8, completeness=4, reviewer='automated', version='9')\n"
        "    run.review(beauty=10)\n"
    )
    ended = launch(sys.executable, "app.py")
    assert ended.returncode == 0
    assert "beauty" in ended.stderr
    (span,) = spooled(tmp_path / "home")
    assert span.attributes["dev_agency.quality.overall"] == pytest.approx((8 * 40 + 4 * 30) / 70)
    assert [event["name"] for event in span.events] == ["gen_ai.evaluation.result"] * 2
