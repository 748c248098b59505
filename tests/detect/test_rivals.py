"""Who could do whose work."""

import numpy as np
from columns import units

from tachograph.detect.rivals import bosses, is_placed, places, rivals, spots, teams
from tachograph.records.history import Units

ROWS = 40


def _agents(names: list[str], steps: list[str], **more: list[str]) -> Units:
    words = {"name": names, "step_name": steps, "recipe_name": ["build"] * len(names), **more}
    return units({"duration": [1.0] * len(names)}, words)


def _rivals_of(agents: Units, name: str) -> list[str]:
    code = agents.words["name"].names.index(name)
    found = rivals(agents, spots(agents), bosses(agents))[code]
    return [agents.words["name"].name(other) for other in np.flatnonzero(found).tolist()]


def test_rivals_share_a_step_and_not_only_a_class() -> None:
    """A planner and a coder both work at bugs, at different steps."""
    agents = _agents(
        ["planner", "ann", "planner", "bob"] * ROWS, ["plan", "code"] * 2 * ROWS, task_class=["bug"] * 4 * ROWS
    )
    assert _rivals_of(agents, "ann") == ["bob"]
    assert _rivals_of(agents, "planner") == []


def test_who_works_together_or_for_the_other_is_no_rival() -> None:
    """Two in the same step executions, and one that another one calls."""
    parents = [f"step-{row // 2}" for row in range(2 * ROWS)]
    together = _agents(["writer", "critic"] * ROWS, ["draft"] * 2 * ROWS, parent_id=parents)
    assert _rivals_of(together, "writer") == []
    spans = [f"span-{row}" for row in range(2 * ROWS)]
    below = [f"span-{row - 1}" if row % 2 else f"step-{row}" for row in range(2 * ROWS)]
    nested = _agents(["lead", "helper"] * ROWS, ["draft"] * 2 * ROWS, parent_id=below, span_id=spans)
    assert _rivals_of(nested, "lead") == []


def test_who_gets_other_tasks_from_the_same_agent_is_a_rival() -> None:
    """Two that one agent sends each time, now with the one class of task, now with the other."""
    classes = [["bug", "docs"][(row // 2 + row) % 2] for row in range(4 * ROWS)]
    sent = _agents(
        ["ann", "bob"] * 2 * ROWS,
        [""] * 4 * ROWS,
        task_class=classes,
        parent_id=[f"lead-{row // 2}" for row in range(4 * ROWS)],
    )
    assert _rivals_of(sent, "ann") == ["bob"]


def test_teams_are_those_who_can_be_exchanged_in_turn() -> None:
    """Ann with Bob at one step, Bob with Cay at another: one team; the planner stands alone."""
    agents = _agents(["ann", "bob", "bob", "cay", "planner"] * ROWS, ["code", "code", "docs", "docs", "plan"] * ROWS)
    of_name = dict(zip(["ann", "bob", "bob", "cay", "planner"], teams(agents)[:5].tolist(), strict=True))
    assert of_name["ann"] == of_name["bob"] == of_name["cay"] != of_name["planner"]


def test_places_lie_in_each_other() -> None:
    """Each class, each step, and all work."""
    agents = _agents(
        ["ann", "bob"] * ROWS,
        ["code"] * ROWS + ["docs"] * ROWS,
        task_class=["bug", "bug", "idea", "idea"] * (ROWS // 2),
    )
    assert [place.name for place in places(agents)] == ["bug", "idea", "build/code", "build/docs", ""]


def test_work_of_which_nothing_is_known_has_no_place() -> None:
    """No class, no recipe, no step."""
    assert not is_placed(units({"duration": [1.0, 1.0]})).any()
    assert np.all(is_placed(_agents(["ann"], ["code"])))
