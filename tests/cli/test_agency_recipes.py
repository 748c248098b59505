"""Recipes of the sample agency that run in parallel, are circular, or are done by a person."""

import json
import subprocess
import sys
from collections import defaultdict
from pathlib import Path
from typing import Any

import pytest
from support import LAUNCHER, Span, clean_environment, spooled

AGENCY = Path(__file__).resolve().parents[2] / "examples" / "agency"
BIN = Path(sys.executable).parent


def run(home: Path, *arguments: str, answer: str | None = None) -> int:
    command = [LAUNCHER, BIN / "agency", "recipe", *arguments]
    return subprocess.run(
        command, cwd=AGENCY, env=clean_environment(home), input=answer, text=True, timeout=120, check=False
    ).returncode


def ask(home: Path, *arguments: str) -> Any:
    command = [BIN / "tachograph", *arguments, "--format", "json"]
    ended = subprocess.run(command, env=clean_environment(home), capture_output=True, text=True, timeout=60, check=True)
    return json.loads(ended.stdout)


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "home"


def enclosing_step(span: Span | None, by_id: dict[str, Span]) -> str | None:
    """By the chain of parents, which also leads out of the processes that the tools are."""
    while span is not None and "dev_agency.step.index" not in span.attributes:
        span = by_id.get(span.parent)
    return None if span is None else str(span.attributes["dev_agency.step.name"])


def latest(steps: dict[str, Span], names: list[str]) -> str:
    return max(names, key=lambda name: steps[name].end)


def test_the_critical_path_of_a_parallel_run_is_the_one_worked_out_by_hand(home: Path) -> None:
    """From the last step backwards to whichever of its dependencies ended last; the others hold nothing up."""
    assert run(home, "run", "fix_bug", "--issue", "TB-2", "--workers", "3") == 0
    spans = spooled(home)
    steps = {s.attributes["dev_agency.step.name"]: s for s in spans if "dev_agency.step.index" in s.attributes}
    assert steps["test"].start < steps["security"].end
    assert steps["security"].start < steps["test"].end
    expected = ["package"]
    while needed := steps[expected[-1]].attributes["dev_agency.step.depends_on"]:
        expected.append(latest(steps, needed))
    ask(home, "ingest")
    made = ask(home, "trace", spans[0].trace)
    by_id = {span.id: span for span in spans}
    step_of = {span.id: enclosing_step(span, by_id) for span in spans}
    held: dict[str | None, int] = defaultdict(int)
    for section in made["critical_path"]:
        held[step_of[section["span_id"]]] += section["end_unix_nano"] - section["start_unix_nano"]
    assert {name for name in held if name} == set(expected)
    for name in expected:
        assert held[name] == pytest.approx(steps[name].end - steps[name].start, rel=1e-9)


def test_circular_dependencies_are_counted(home: Path) -> None:
    """The recipe failed, and dependency resolution says why."""
    assert run(home, "run", "tangled", "--issue", "TB-2") == 2
    ask(home, "ingest")
    (recipe,) = ask(home, "recipes")
    assert (recipe["total_executions"], recipe["success_rate"]) == (1, 0.0)
    assert recipe["dependency_impact"]["circular_dependency_errors"] == 1


def test_time_saved_is_measured_against_people_where_they_were_timed(home: Path) -> None:
    """Of the same recipe and the same class of task; elsewhere the recipe's own estimate stands."""
    assert run(home, "time", "release", "--issue", "TB-2", answer="y\n") == 0
    assert run(home, "run", "release", "--issue", "TB-2") == 0
    assert run(home, "run", "fix_bug", "--issue", "TB-2") == 0
    spans = spooled(home)
    person, program = (
        next(
            s for s in spans if s.name == "invoke_workflow release" and (s.attributes.get("dev_agency.executor") == who)
        )
        for who in ("human", None)
    )
    ask(home, "ingest")
    recipes = {recipe["recipe_name"]: recipe for recipe in ask(home, "recipes")}
    saved = 1 - (program.end - program.start) / (person.end - person.start)
    assert recipes["release"]["total_executions"] == 1
    assert recipes["release"]["avg_time_savings_pct"] == pytest.approx(100 * saved, rel=1e-9)
    assert recipes["release"]["time_savings_base"] == "measured"
    assert recipes["fix_bug"]["time_savings_base"] == "estimated"


def test_skipped_steps_count_nowhere(home: Path) -> None:
    """They are seen in the trace, and in no figure."""
    assert run(home, "run", "fix_bug", "--issue", "TB-8") == 1
    skipped = [span.name for span in spooled(home) if span.attributes.get("dev_agency.outcome") == "skip"]
    assert skipped == ["step review", "step package"]
    ask(home, "ingest")
    (recipe,) = ask(home, "recipes")
    assert recipe["step_performance"].keys() == {"analyse", "implement", "test", "security", "document"}
    assert recipe["avg_steps_completed"] == 4
