"""Executions of recipes, written down by hand."""

from collections.abc import Sequence
from typing import Any

from tachograph.measure.replay import Run, Step, build

MS = 1_000_000


def step(name: str, start: float, end: float, after: Sequence[str] | None = None, **more: Any) -> Step:
    """A step; times in ms after the recipe's start."""
    return Step(name, int(start * MS), int(end * MS), after=None if after is None else tuple(after), **more)


def run(*steps: Step, took: float, success: bool = True, number: int = 0, **more: Any) -> Run:
    """An execution that took `took` ms."""
    return Run(f"run-{number}", f"{number:032x}", number, int(took * MS), success, steps, **more)


def alone(*steps: Step, took: float, **more: Any) -> Run:
    """The only execution that there is, ready to be replayed."""
    return build("r", [run(*steps, took=took, **more)]).runs[0]


def chain(number: int = 0, after: Sequence[Sequence[str] | None] = (None, None, None)) -> Run:
    """a, b and c one after the other: 5 ms, 100, 10 ms gap, 200, 10 ms gap, 300, 5 ms."""
    steps = (step("a", 5, 105, after[0]), step("b", 115, 315, after[1]), step("c", 325, 625, after[2]))
    return run(*steps, took=630, number=number)


def broken(number: int = 1) -> Run:
    """The same, but b failed and c never came."""
    return run(step("a", 5, 105), step("b", 115, 315, ok=False), took=320, success=False, number=number)
