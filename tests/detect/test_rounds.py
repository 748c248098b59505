"""What ran again after which failures."""

import numpy as np
import pytest
from columns import units

from tachograph.detect.rounds import first_attempts, rounds, rounds_of_steps
from tachograph.records.history import History, Units

NOTHING = units({"duration": []}, {"name": []})


def _history(steps: list[tuple[str, bool]], *, apart: float = 1.0, seconds: float = 1.0) -> History:
    """One execution of a recipe with these steps one after the other, or `apart` from start to start."""
    start = np.arange(len(steps)) * apart
    found: Units = units(
        {"start": start.tolist(), "end": (start + seconds).tolist(), "duration": [seconds] * len(steps),
         "success": [float(well) for _, well in steps]},
        {"name": [name for name, _ in steps], "recipe_name": ["build"] * len(steps), "parent_id": ["root"] * len(steps),
         "span_id": [f"step-{row}" for row in range(len(steps))]},
    )  # fmt: skip
    recipe = units({"start": [0.0], "end": [100.0], "duration": [100.0], "success": [1.0]},
                   {"name": ["build"], "recipe_name": ["build"], "span_id": ["root"], "parent_id": [""]})  # fmt: skip
    return History(NOTHING, recipe, found, NOTHING, NOTHING, NOTHING, 1.0)


CODE, PASSES, FAILS = ("code", True), ("test", True), ("test", False)


@pytest.mark.parametrize(
    ("steps", "after_one", "after_two"),
    [
        ([CODE, PASSES], 0, 0),
        ([CODE, FAILS, CODE, PASSES], 2, 0),
        ([CODE, FAILS, CODE, FAILS, CODE, PASSES], 4, 2),
        ([FAILS, PASSES, FAILS, PASSES], 2, 0),  # what passed was made good
        ([CODE] * 4, 0, 0),  # nothing failed: a part of the work for each
    ],
)
def test_steps_run_again_after_failures_that_were_not_made_good(
    steps: list[tuple[str, bool]], after_one: float, after_two: float
) -> None:
    """With them what comes between a test and the next."""
    ((name, recipe, found),) = rounds_of_steps(_history(steps), 1)
    assert (name, len(recipe)) == ("build", 1)
    assert (found.repeated[0], found.retried[0]) == (after_one, after_two)


def test_a_failure_counts_once_it_has_ended() -> None:
    """Of tests that begin while others run none is there for another's sake."""
    ((_, _, beside),) = rounds_of_steps(_history([FAILS] * 4, apart=0.1), 1)
    assert beside.repeated[0] == 0


def test_what_failed_most_often_is_named_first() -> None:
    """The test, not the step that was only done again for it."""
    ((_, _, found),) = rounds_of_steps(_history([CODE, FAILS, CODE, FAILS, CODE, PASSES]), 1)
    assert found.names(found.attempts > 1) == ("test", "code")


def _agents_of_one_step(agents: list[tuple[str, bool]]) -> History:
    """A step in which these agents work one after the other."""
    made = _history(agents).steps
    step = units({"start": [0.0], "end": [100.0], "duration": [100.0], "success": [1.0]},
                 {"name": ["draft"], "recipe_name": ["build"], "span_id": ["root"], "parent_id": [""]})  # fmt: skip
    return History(made, NOTHING, step, NOTHING, NOTHING, NOTHING, 1.0)


@pytest.mark.parametrize(
    ("agents", "returned"),
    [
        ([("writer", True), ("critic", True), ("writer", True), ("critic", True)], 2),
        ([("writer", False), ("critic", True), ("writer", False), ("critic", True)], 0),  # there for who failed
    ],
)
def test_who_comes_back_for_the_sake_of_a_failure_was_not_sent_back(
    agents: list[tuple[str, bool]], returned: float
) -> None:
    """A critic looks at each attempt of a writer who fails."""
    history = _agents_of_one_step(agents)
    (_, _, found), *_ = rounds(history, history.agents, 1)  # the agents follow, who send nobody
    assert found.returned[0] == returned


def test_first_attempts_are_those_before_anybody_failed() -> None:
    """And whoever worked elsewhere."""
    history = _agents_of_one_step([("ann", True), ("bob", False), ("cay", True), ("bob", True)])
    assert first_attempts(history.agents).tolist() == [True, True, False, False]
