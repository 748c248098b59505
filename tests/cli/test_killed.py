"""A recipe that is killed is an execution that failed, with the step it was in; one that still runs is neither."""

import json
import os
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from support import LAUNCHER, Run, clean_environment

RECIPE = """
import sys
import tachograph

with tachograph.recipe("fix_bug", manual_duration=60) as run:
    with run.step("reproduce", depends_on=[]):
        with tachograph.agent("tester"):
            pass
    with run.step("repair", depends_on=["reproduce"]):
        with tachograph.tool("done"):
            pass
        print("repairing", flush=True)
        sys.stdin.readline()
"""


@pytest.fixture
def process(tmp_path: Path) -> Iterator[subprocess.Popen[str]]:
    """A recipe in its second step, waiting for a line of input."""
    (tmp_path / "app.py").write_text(RECIPE)
    command = [LAUNCHER, "python", "app.py"]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    with subprocess.Popen(
        command, cwd=tmp_path, env=clean_environment(tmp_path / "home"), text=True, **pipes
    ) as process:
        assert process.stdout
        assert process.stdout.readline() == "repairing\n"
        yield process
        process.kill()


def answer(tachograph: Run, *arguments: str) -> Any:
    return json.loads(tachograph(*arguments, "--format", "json").stdout)


def test_a_killed_recipe_failed_in_the_step_it_was_in(process: subprocess.Popen[str], tachograph: Run) -> None:
    """It counts, as does its unfinished step; what it had finished stands as it is."""
    process.send_signal(signal.SIGKILL)
    process.wait()
    tachograph("ingest")
    (recipe,) = answer(tachograph, "recipes")
    assert (recipe["total_executions"], recipe["successful_executions"]) == (1, 0)
    steps = recipe["step_performance"]
    assert steps["reproduce"]["success_rate"] == 1.0
    assert steps["repair"] == {**steps["repair"], "success_rate": 0.0, "common_failures": ["killed"]}
    assert recipe["avg_duration_ms"] > steps["reproduce"]["avg_duration"]
    (agent,) = answer(tachograph, "agents")
    assert agent["success_rate"] == 1.0
    assert "failure: killed" in tachograph("trace", trace_of(tachograph)).stdout


def test_a_recipe_that_runs_is_not_counted_until_it_ends(process: subprocess.Popen[str], tachograph: Run) -> None:
    """Ingest in the middle finds what is finished; the end, when it comes, is taken as it is."""
    tachograph("ingest")
    assert answer(tachograph, "recipes") == []
    assert answer(tachograph, "agents")[0]["agent_name"] == "tester"
    process.communicate("go on\n", timeout=60)
    tachograph("ingest")
    (recipe,) = answer(tachograph, "recipes")
    assert (recipe["total_executions"], recipe["successful_executions"]) == (1, 1)


def test_a_recipe_seen_running_and_killed_later_is_found_out(process: subprocess.Popen[str], tachograph: Run) -> None:
    """The next ingest looks again, though nothing more was written."""
    tachograph("ingest")
    process.send_signal(signal.SIGKILL)
    process.wait()
    result = answer(tachograph, "ingest")
    assert (result["spans"], result["rejected"]) == (0, 0)
    assert answer(tachograph, "recipes")[0]["success_rate"] == 0.0
    tachograph("ingest")
    assert answer(tachograph, "recipes")[0]["total_executions"] == 1


def test_a_killed_execution_of_another_machine_that_goes_on_is_corrected(
    process: subprocess.Popen[str], tachograph: Run, tmp_path: Path
) -> None:
    """Nobody here can know that it runs; its span, when it comes, replaces the guess."""
    (file,) = (tmp_path / "home" / "spool").iterdir()
    foreign = tmp_path / "foreign.jsonl"
    key = next(line for line in file.read_text().splitlines() if "dev_agency.process.key" in line)
    machine = key.split('"dev_agency.process.key","value":{"stringValue":"')[1].split(":")[0]
    foreign.write_text(file.read_text().replace(f'"{machine}:', '"00000000:'))
    elsewhere = tmp_path / "elsewhere"
    tachograph("ingest", foreign, home=elsewhere)
    assert json.loads(tachograph("recipes", "--format", "json", home=elsewhere).stdout)[0]["success_rate"] == 0.0
    process.communicate("go on\n", timeout=60)
    foreign.write_text(file.read_text().replace(f'"{machine}:', '"00000000:'))
    tachograph("ingest", foreign, home=elsewhere)
    (recipe,) = json.loads(tachograph("recipes", "--format", "json", home=elsewhere).stdout)
    assert (recipe["total_executions"], recipe["successful_executions"]) == (1, 1)


def trace_of(tachograph: Run) -> str:
    failures = tachograph("report").stdout.splitlines()
    (line,) = [line for line in failures if "step repair" in line]
    return line.split()[-1]


def test_a_process_that_leaves_without_a_word_is_no_different(tmp_path: Path, tachograph: Run) -> None:
    """os._exit in the middle of a recipe."""
    (tmp_path / "app.py").write_text(RECIPE.replace("sys.stdin.readline()", f"import os; os._exit({os.EX_OK})"))
    environment = clean_environment(tmp_path / "home")
    subprocess.run([LAUNCHER, "python", "app.py"], cwd=tmp_path, env=environment, check=True, timeout=60)
    tachograph("ingest")
    assert answer(tachograph, "recipes")[0]["step_performance"]["repair"]["common_failures"] == ["killed"]
