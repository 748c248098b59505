"""The public decorators and context managers: agent, recipe, step, tool, command."""

from collections.abc import Callable, Mapping
from types import TracebackType
from typing import Any, TypeVar, cast, overload

from tachograph import vocabulary as v
from tachograph.collect.arguments import hasher
from tachograph.collect.calls import around
from tachograph.collect.execution import UNITS, Execution, Unit, site_of

F = TypeVar("F", bound=Callable[..., Any])


class Around:
    """One unit of work, to be put around a function (`@agent("coder")`) or a block (`with recipe("fix") as run:`)."""

    def __init__(self, unit: Unit, name: str | None, attributes: Mapping[str, Any]) -> None:
        self._unit = unit
        self._name = name
        self._attributes = attributes
        self._entered: list[Execution] = []

    def __call__(self, function: F) -> F:
        name = str(self._name or getattr(function, "__name__", type(function).__name__))

        unit, given, site = self._unit, self._attributes, site_of(self._unit, name, self._attributes)

        def begin(*_: Any) -> Execution:
            return Execution(unit, name, given, site)

        if unit.named_by != v.TOOL_NAME:
            return cast(F, around(function, begin, _leave_result_alone))
        hashed = hasher(function)

        def begin_tool(instance: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Execution:
            execution = Execution(unit, name, given, site)
            execution.call_hash = hashed(name, instance, args, kwargs)
            return execution

        return cast(F, around(function, begin_tool, _leave_result_alone))

    def __enter__(self) -> Execution:
        execution = Execution(self._unit, self._name or self._unit.role, self._attributes)
        self._entered.append(execution)
        return execution.__enter__()

    def __exit__(self, kind: type | None, error: BaseException | None, traceback: TracebackType | None) -> None:
        self._entered.pop().__exit__(kind, error, traceback)

    async def __aenter__(self) -> Execution:
        return self.__enter__()

    async def __aexit__(self, kind: type | None, error: BaseException | None, traceback: TracebackType | None) -> None:
        self.__exit__(kind, error, traceback)


def _leave_result_alone(execution: Execution, result: Any) -> None:
    """A decorator looks at no results; entry points do."""


@overload
def agent(name: F, /) -> F: ...
@overload
def agent(
    name: str | None = None,
    *,
    version: str | None = None,
    complexity: str | None = None,
    task_class: str | None = None,
    context_size: int | None = None,
    execution_id: str | None = None,
) -> Around: ...
def agent(name: Any = None, **facts: Any) -> Any:
    """An execution of an agent. `complexity` is simple, medium or complex; `context_size` counts tokens."""
    return _unit("agent", name, facts)


@overload
def recipe(name: F, /) -> F: ...
@overload
def recipe(
    name: str | None = None,
    *,
    version: str | None = None,
    complexity: str | None = None,
    task_class: str | None = None,
    steps_total: int | None = None,
    manual_duration: float | None = None,
    executor: str | None = None,
    execution_id: str | None = None,
) -> Around: ...
def recipe(name: Any = None, **facts: Any) -> Any:
    """An execution of a recipe. `manual_duration` is what the work takes a person, in seconds."""
    return _unit("recipe", name, facts)


@overload
def step(name: F, /) -> F: ...
@overload
def step(name: str | None = None, *, depends_on: list[str] | None = None, index: int | None = None) -> Around: ...
def step(name: Any = None, **facts: Any) -> Any:
    """A step of a recipe; `depends_on` names the steps that must end before, [] says that there are none."""
    return _unit("step", name, facts)


@overload
def tool(name: F, /) -> F: ...
@overload
def tool(name: str | None = None) -> Around: ...
def tool(name: Any = None) -> Any:
    """A call of a tool."""
    return _unit("tool", name, {})


@overload
def command(name: F, /) -> F: ...
@overload
def command(name: str | None = None) -> Around: ...
def command(name: Any = None) -> Any:
    """A command of a command-line program, named `{program} {subcommand}`."""
    return _unit("command", name, {})


_ATTRIBUTES = {
    "complexity": v.COMPLEXITY,
    "task_class": v.TASK_CLASS,
    "context_size": v.CONTEXT_SIZE,
    "execution_id": v.EXECUTION_ID,
    "steps_total": v.STEPS_TOTAL,
    "manual_duration": v.MANUAL_DURATION,
    "executor": v.EXECUTOR,
    "depends_on": v.STEP_DEPENDS_ON,
    "index": v.STEP_INDEX,
}


def _unit(role: str, name: Any, facts: dict[str, Any]) -> Any:
    unit = UNITS[role]
    if callable(name):  # used as a bare decorator: @agent
        return Around(unit, None, {})(name)
    known = {"version": unit.version_as, **_ATTRIBUTES}
    unknown = [fact for fact in facts if known.get(fact) is None]
    if unknown:
        raise TypeError(f"{role}() got an unexpected keyword argument {unknown[0]!r}")
    return Around(unit, name, {str(known[fact]): value for fact, value in facts.items()})
