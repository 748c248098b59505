"""Times a person who does by hand what a recipe does, so that time saved can be measured and not only guessed."""

from collections.abc import Callable

from agency.recipes import Recipe
from agency.task import Task


class Stopwatch:
    """Runs from the moment a person is told what to do until they say how it went."""

    def time(self, recipe: Recipe, task: Task, ask: Callable[[str], bool]) -> bool:
        """Whether the person succeeded; `ask` shows what to do, waits, and says so."""
        steps = ", then ".join(step.name for step in recipe.steps)
        return ask(f"{task.title}. By hand: {steps}. Done, and did it succeed?")
