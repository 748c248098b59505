"""Two windows compared: what made the difference stands first, with its size; other tasks are told apart from it."""

import json
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from support import COMMAND, clean_environment
from workshop import Execution, told

Story = Callable[[Execution, int], None]


def story(slow: float, hard: bool = False) -> Story:
    """Plan, then code; the linter in code takes `slow` seconds more; where `hard` all tasks are complex."""

    def made(one: Execution, root: int) -> None:
        if hard:
            one.complexity = "complex"
        took = 6.0 if one.complexity == "complex" else 2.0

        def code(one: Execution, step: int) -> None:
            one.agent("coder", step, lambda one, at: one.tool("lint", at, 0.5 + slow), seconds=took)

        one.step("plan", root, lambda one, at: one.agent("planner", at))
        one.step("code", root, code)

    return made


def compared(tmp_path: Path, before: Story, after: Story, *more: str) -> list[dict[str, object]]:
    """80 executions of each, ten minutes apart, the second eighty three days later."""
    lines = told(before, 80) + told(after, 80, first=10_000, begin=3 * 86_400)
    file = tmp_path / "telemetry.jsonl"
    file.write_bytes(b"".join(lines))
    environment = clean_environment(tmp_path / "home")
    subprocess.run([COMMAND, "ingest", file], env=environment, check=True, capture_output=True, timeout=60)
    windows = ["--baseline", "2025-10-08..2025-10-11", "--candidate", "2025-10-11..2025-10-13"]
    done = subprocess.run(
        [COMMAND, "compare", *windows, "--format", "json", *more],
        env=environment, check=False, capture_output=True, text=True, timeout=60,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    found: list[dict[str, object]] = json.loads(done.stdout)
    return found


def test_what_got_slower_stands_first_with_its_size(tmp_path: Path) -> None:
    """Three seconds more in one tool: tool, agent and step have all of the change, the planner nothing."""
    found = compared(tmp_path, story(0.0), story(3.0))
    by_name = {(one["kind"], one["component"]): one for one in found}
    for key in (("tool", "lint"), ("agent", "coder"), ("step", "build/code")):
        assert by_name[key]["effect_ms"] == pytest.approx(3_000, rel=0.15)
        assert by_name[key]["share_pct"] == pytest.approx(100, abs=15)
        assert by_name[key]["q_value"] < 0.01  # type: ignore[operator]
        assert by_name[key]["evidence"]["execution_ids"]  # type: ignore[index]
    assert {one["component"] for one in found[:3]} == {"lint", "coder", "build/code"}
    assert by_name["agent", "planner"]["q_value"] > 0.1  # type: ignore[operator]


def test_harder_tasks_are_told_apart_from_slower_work(tmp_path: Path) -> None:
    """The candidate has only complex tasks, done as fast as before: the mix is the difference, no component."""
    found = compared(tmp_path, story(0.0), story(0.0, hard=True))
    assert found[-1]["kind"] == "mix" or any(one["kind"] == "mix" for one in found)
    mix = next(one for one in found if one["kind"] == "mix")
    assert mix["share_pct"] == pytest.approx(100, abs=20)
    assert all(one["q_value"] > 0.05 for one in found if one["kind"] != "mix")  # type: ignore[operator]


@pytest.mark.parametrize(
    ("windows", "status", "says"),
    [
        (["--baseline", "yesterday", "--candidate", "2d..1d"], 2, "FROM..TO"),
        (["--baseline", "1d..2d", "--candidate", "2d..1d"], 2, "ends before it begins"),
        (["--baseline", "2d..1d"], 2, "--candidate"),
        (["--baseline", "2020-01-01..2020-01-02", "--candidate", "2025-10-08..2025-10-13"], 1, "--baseline"),
        (
            ["--baseline", "2025-10-08..2025-10-11", "--candidate", "2025-10-08..2025-10-13", "--recipe", "no"],
            1,
            "no recipe",
        ),
    ],
)
def test_a_window_that_says_nothing_is_one_clear_line(
    tmp_path: Path, windows: list[str], status: int, says: str
) -> None:
    """Wrong windows, empty ones, a recipe that is not there."""
    file, environment = tmp_path / "telemetry.jsonl", clean_environment(tmp_path / "home")
    file.write_bytes(b"".join(told(story(0.0), 3)))
    subprocess.run([COMMAND, "ingest", file], env=environment, check=True, capture_output=True, timeout=60)
    done = subprocess.run(
        [COMMAND, "compare", *windows], env=environment, check=False, capture_output=True, text=True, timeout=60
    )
    assert done.returncode == status
    assert says in done.stderr
    assert "Traceback" not in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1
