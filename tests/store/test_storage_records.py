"""The specification's storage records, as views of those names in the store."""

from datetime import datetime
from pathlib import Path
from typing import Any

from telemetry import FAILED, agent, call, hex_id, recipe, settled, span, step

from tachograph.store import Store

SECOND = 1_000_000_000


def record(store: Store, view: str) -> dict[str, Any]:
    """The only row of a view."""
    cursor = store.connection.execute(f"SELECT * FROM {view}")
    names = [column[0] for column in cursor.description or ()]
    (row,) = cursor.fetchall()
    return dict(zip(names, row, strict=True))


def test_agent_performance(store: Store, file: Path) -> None:
    """Tokens are the agent's own, quality is not known yet."""
    facts = {"dev_agency.task.complexity": "complex", "dev_agency.context.size": 900, "error.type": "boom"}
    settled(store, file, [agent(1, facts=facts, end=2 * SECOND, **FAILED), call(2, (100, 10), parent=1)])
    assert record(store, "agent_performance") == {
        "execution_id": hex_id(1),
        "agent_name": "coder",
        "timestamp": datetime(2025, 10, 9, 8, 53, 20),
        "duration_ms": 2_000.0,
        "tokens_used": 110,
        "context_size": 900,
        "success": False,
        "error_type": "boom",
        "error_message": "it broke",
        "task_complexity": "complex",
        **dict.fromkeys(("quality_score", "correctness", "completeness", "code_quality", "efficiency")),
    }


def test_recipe_performance(store: Store, file: Path) -> None:
    """The time saved is text, in whole per cent of what a person needs."""
    facts = {"dev_agency.recipe.manual_duration": 10.0, "dev_agency.execution.id": "run-1"}
    skipped = step(3, "b", parent=1, facts={"dev_agency.outcome": "skip"})
    settled(store, file, [recipe(1, facts=facts, end=4 * SECOND), step(2, "a", parent=1), skipped])
    found = record(store, "recipe_performance")
    assert found["time_saved_estimate"] == "60%"
    assert (found["execution_id"], found["recipe_name"], found["duration_ms"]) == ("run-1", "bug_fix", 4_000.0)
    assert (found["steps_total"], found["steps_completed"], found["success"]) == (2, 1, True)


def test_tool_usage(store: Store, file: Path) -> None:
    """With the names of its options and its exit code."""
    facts = {
        "dev_agency.command.name": "app build", "process.exit.code": 3, "user.id": "u", "session.id": "s",
        "dev_agency.command.options": ["--fast", "--json"],
    }  # fmt: skip
    settled(store, file, [span(1, facts, end=SECOND)])
    found = record(store, "tool_usage")
    assert (found["command"], found["user_id"], found["session_id"]) == ("app build", "u", "s")
    assert (found["duration_ms"], found["success"], found["exit_code"]) == (1_000.0, False, 3)
    assert found["options"] == ["--fast", "--json"]
