"""The command line of the agency."""

import functools
from collections.abc import Callable
from pathlib import Path
from typing import Any, NoReturn

import click

from agency.agents import AGENTS
from agency.engine import CircularDependency, Engine, RecipeResult, StepResult
from agency.model import LocalModel, read_prose
from agency.recipes import RecipeError, load_recipe, recipe_names
from agency.stopwatch import Stopwatch
from agency.task import Result, Task
from agency.tools import ToolError
from agency.workspace import IssueError, load_issue, load_issues, prepared_task

WORDS = {"success": "ok", "failure": "FAILED", "skip": "skipped"}


def task_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options that choose the issue and the place to work on it."""
    workspace = click.option(
        "--workspace", type=click.Path(path_type=Path), help="Work in this new directory, and keep it."
    )
    issue = click.option("--issue", "issue_id", required=True, help="The id of the issue.")
    return issue(workspace(command))


def usage_errors(command: Callable[..., Any]) -> Callable[..., Any]:
    """Report wrong names in one line and exit with 2."""

    @functools.wraps(command)
    def guarded(*args: Any, **kwargs: Any) -> Any:
        try:
            return command(*args, **kwargs)
        except (CircularDependency, IssueError, RecipeError) as error:
            click.echo(f"agency: {error}", err=True)
            raise SystemExit(2) from error

    return guarded


@click.group()
def main() -> None:
    """A small software agency."""


@main.command()
def issues() -> None:
    """List the issues of the code base."""
    for issue in load_issues().values():
        click.echo(f"{issue.id:6} {issue.kind:9} {issue.complexity:8} {issue.title}")


@main.group()
def recipe() -> None:
    """Work through recipes."""


@recipe.command("list")
def list_recipes() -> None:
    """List the recipes."""
    for name in recipe_names():
        click.echo(f"{name:13} {load_recipe(name).description}")


@recipe.command("time")
@click.argument("name")
@task_options
@usage_errors
def time_recipe(name: str, issue_id: str, workspace: Path | None) -> None:
    """Time a person who does what the recipe does."""
    with prepared_task(load_issue(issue_id), workspace) as task:
        ok = Stopwatch().time(load_recipe(name), task, click.confirm)
    finish(ok)


@recipe.command("run")
@click.argument("name")
@click.option("--workers", type=click.IntRange(1), help="Steps to run at the same time; else as the recipe says.")
@task_options
@usage_errors
def run_recipe(name: str, issue_id: str, workspace: Path | None, workers: int | None) -> None:
    """Run a recipe on an issue."""
    chosen, issue = load_recipe(name), load_issue(issue_id)
    with prepared_task(issue, workspace) as task:
        click.echo(f"{chosen.name} {chosen.version} on {issue.id}: {issue.title}")
        result = Engine(_model(task), show_step, workers or chosen.workers).execute(chosen, task)
    show_total(chosen.name, result)
    finish(result.ok)


@main.group()
def agent() -> None:
    """Call single agents."""


@agent.command("list")
def list_agents() -> None:
    """List the agents."""
    for name, kind in AGENTS.items():
        click.echo(f"{name:11} {kind.version:4} {kind.__doc__}")


@agent.command("invoke")
@click.argument("name", type=click.Choice(list(AGENTS)))
@task_options
@usage_errors
def invoke_agent(name: str, issue_id: str, workspace: Path | None) -> None:
    """Let one agent work on an issue."""
    with prepared_task(load_issue(issue_id), workspace) as task:
        result = invoke(name, task)
    outcome = "success" if result.ok else "failure"
    show_step(StepResult(name, outcome, result.summary, result.findings))
    if result.note:
        click.echo(f"{'':23}\N{LEFT DOUBLE QUOTATION MARK}{result.note}\N{RIGHT DOUBLE QUOTATION MARK}")
    finish(result.ok)


def invoke(name: str, task: Task) -> Result:
    """Run an agent; a tool that breaks down is a failed result."""
    try:
        return AGENTS[name](_model(task)).run(task)
    except ToolError as error:
        return Result(False, str(error), error="tool_error")


def show_step(step: StepResult) -> None:
    """Print one line for the step and one for each of its findings."""
    again = f" (attempt {step.attempts})" if step.attempts > 1 else ""
    click.echo(f"  {step.name:11} {WORDS[step.outcome]:8} {step.summary}{again}")
    for finding in step.findings:
        click.echo(f"{'':23}{finding}")


def show_total(name: str, result: RecipeResult) -> None:
    """Print the last line."""
    click.echo(f"{name}: {result.outcome}, {result.steps_completed} of {result.steps_total} steps")


def finish(ok: bool) -> NoReturn:
    """Leave with the exit code that says how it went."""
    raise SystemExit(0 if ok else 1)


def _model(task: Task) -> LocalModel:
    return LocalModel(read_prose(task.workspace))
