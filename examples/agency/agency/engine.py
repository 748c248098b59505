"""Carries out a recipe, step by step or several steps at once."""

import asyncio
import logging
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from graphlib import CycleError, TopologicalSorter

from agency.agents import AGENTS, Agent
from agency.model import LocalModel
from agency.recipes import Recipe, RecipeError, Step
from agency.task import Result, Task
from agency.tools import ToolError

logger = logging.getLogger(__name__)


class CircularDependency(Exception):
    """Steps of a recipe wait for each other."""


@dataclass(frozen=True)
class StepResult:
    """How one step ended; the outcome is success, failure or skip."""

    name: str
    outcome: str
    summary: str
    findings: list[str] = field(default_factory=list)
    error: str | None = None
    attempts: int = 0

    @property
    def ok(self) -> bool:
        return self.outcome == "success"


@dataclass(frozen=True)
class RecipeResult:
    """How all steps ended, in the order in which they were decided."""

    steps: list[StepResult]

    @property
    def ok(self) -> bool:
        return all(step.ok for step in self.steps)

    @property
    def outcome(self) -> str:
        return "success" if self.ok else "failure"

    @property
    def steps_completed(self) -> int:
        return sum(step.ok for step in self.steps)

    @property
    def steps_total(self) -> int:
        return len(self.steps)


class Engine:
    """Gives the steps of a recipe to the agents, at most `workers` at a time."""

    def __init__(
        self, model: LocalModel, on_step: Callable[[StepResult], None] = lambda step: None, workers: int = 1
    ) -> None:
        self.model = model
        self.on_step = on_step
        self.workers = workers

    def execute(self, recipe: Recipe, task: Task) -> RecipeResult:
        """Run every step after the steps it depends on; skip it when one of them was not successful."""
        order = self.resolve(recipe)
        if self.workers > 1:
            return asyncio.run(self._together(recipe, order, task))
        done: dict[str, StepResult] = {}
        for step in order:
            blocked = [name for name in step.depends_on if not done[name].ok]
            done[step.name] = self.skip_step(step, blocked) if blocked else self.run_step(recipe, step, task)
            self.on_step(done[step.name])
        return RecipeResult(list(done.values()))

    async def _together(self, recipe: Recipe, order: list[Step], task: Task) -> RecipeResult:
        """Start each step as soon as those it waits for have ended and a worker is free."""
        free = asyncio.Semaphore(self.workers)
        started: dict[str, asyncio.Task[StepResult]] = {}

        async def work(step: Step) -> StepResult:
            before = [await started[name] for name in step.depends_on]
            blocked = [result.name for result in before if not result.ok]
            if blocked:
                result = self.skip_step(step, blocked)
            else:
                async with free:
                    result = await asyncio.to_thread(self.run_step, recipe, step, task)
            self.on_step(result)
            return result

        for step in order:
            started[step.name] = asyncio.create_task(work(step))
        return RecipeResult([await task_of_step for task_of_step in started.values()])

    def resolve(self, recipe: Recipe) -> list[Step]:
        """Put the steps into an order in which each comes after the steps it depends on."""
        steps = {step.name: step for step in recipe.steps}
        _check_names(recipe, steps)
        graph = {step.name: step.depends_on for step in recipe.steps}
        try:
            return [steps[name] for name in TopologicalSorter(graph).static_order()]
        except CycleError as error:
            raise CircularDependency(f"{recipe.name}: {' -> '.join(error.args[1])}") from error

    def run_step(self, recipe: Recipe, step: Step, task: Task) -> StepResult:
        """Call the step's agent, and again after a failure as often as the step allows."""
        agent = AGENTS[step.agent](self.model)
        for attempt in range(1, step.retries + 2):
            result = _attempt(agent, task)
            logger.info("%s, %s, attempt %d: %s", recipe.name, step.name, attempt, result.summary)
            if result.ok:
                break
        outcome = "success" if result.ok else "failure"
        return StepResult(step.name, outcome, result.summary, result.findings, result.error, attempt)

    def skip_step(self, step: Step, blocked: list[str]) -> StepResult:
        """Leave a step out that waits for steps which were not successful."""
        return StepResult(step.name, "skip", f"waited for {', '.join(blocked)}")


def _attempt(agent: Agent, task: Task) -> Result:
    try:
        return agent.run(task)
    except ToolError as error:
        return Result(False, str(error), error="tool_error")


def _check_names(recipe: Recipe, steps: Iterable[str]) -> None:
    wanted = {name for step in recipe.steps for name in step.depends_on} - set(steps)
    wanted |= {step.agent for step in recipe.steps} - set(AGENTS)
    if wanted:
        raise RecipeError(f"{recipe.name} asks for {', '.join(sorted(wanted))}")
