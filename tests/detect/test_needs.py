"""Whether steps wait for a place or for each other."""

import pytest

from tachograph.detect.needs import limit
from tachograph.measure.replay import Run, Runs, Step, build

SECOND = 1_000_000_000
EXECUTIONS = 20


def _runs(times: dict[str, tuple[float, float, tuple[str, ...]]]) -> Runs:
    """Executions that all went alike: for each step when it began, when it ended (s), and what it waits for."""
    steps = tuple(
        Step(name, int(start * SECOND), int(end * SECOND), after=after) for name, (start, end, after) in times.items()
    )
    took = max(step.end for step in steps)
    return build("r", [Run(f"run-{at}", f"{at:032x}", at, took, True, steps) for at in range(EXECUTIONS)])


QUEUE = {"a": (0, 1, ()), "b": (1, 3, ("a",)), "c": (1, 4, ("a",)), "d": (3, 6, ("a",)), "e": (4, 6, ("a",))}


def test_steps_that_begin_when_another_ends_wait_for_a_place() -> None:
    """d and e could have begun with b and c, and did when these made place."""
    assert limit(_runs(QUEUE)) == 2


@pytest.mark.parametrize(
    "times",
    [
        {"a": (0, 1, ()), "b": (1, 3, ("a",)), "c": (1, 4, ("a",)), "d": (3, 6, ("b",))},
        {"a": (0, 1, ()), "b": (1, 3, ("a",)), "c": (3, 4, ("a",)), "d": (4, 6, ("a",))},
        {"a": (0, 1, ()), "b": (1, 3, ("a",)), "c": (1, 2, ("a",)), "d": (3, 6, ("a",))},
    ],
    ids=["each begins when it can", "one at a time", "a place was free"],
)
def test_else_no_limit_is_known(times: dict[str, tuple[float, float, tuple[str, ...]]]) -> None:
    """Nobody waits; or the engine takes turns; or it waited though a place was free."""
    assert limit(_runs(times)) is None
