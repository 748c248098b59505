"""What one finished span adds to the metrics: pure functions from its facts to points."""

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from tachograph import vocabulary as v
from tachograph.semantics import dialects, roles
from tachograph.semantics.below import NOTHING
from tachograph.semantics.ended import Ended
from tachograph.semantics.outcome import SKIP, SUCCESS
from tachograph.vocabulary import Metric

_HUMAN = "human"
_SCORES = {**dict.fromkeys(v.QUALITY_DIMENSIONS, (0, 10)), v.USER_SATISFACTION: (1, 5)}


_DURATIONS = frozenset(
    metric.name for metric in (v.AGENT_DURATION, v.RECIPE_DURATION, v.RECIPE_STEP_DURATION, v.CLI_DURATION)
)

# One observation: an amount that is added, a duration or size, or a value of a window; with the values of its labels.
Point = tuple[Metric, tuple[str, ...], float]


def points(ended: Ended) -> list[Point]:
    """Everything that a span adds: as an execution of its role, as a call, and by the evaluations on it.

    Executions by a person are what agents are compared with, and count nowhere.
    """
    of_role = _OF_ROLE.get(ended.role)
    found = of_role(ended) if of_role and ended.attributes.get(v.EXECUTOR) != _HUMAN else []
    if ended.own is not NOTHING:
        found += _call(ended)
    if ended.events:
        found += _evaluations(ended)
    return found


def repeated(found: Sequence[Point]) -> list[tuple[Metric, tuple[str, ...], float | None]] | None:
    """Of the points of one span what all add that are made from the same template: None in place of a value stands for
    how long the span itself took. None where that goes into another value, too."""
    if any(metric is v.RECIPE_TIME_SAVED for metric, _, _ in found):
        return None
    return [(metric, labels, None if metric.name in _DURATIONS else value) for metric, labels, value in found]


def _agent(ended: Ended) -> list[Point]:
    agent, complexity = ended.component, _complexity(ended)
    invocation: Point = v.AGENT_INVOCATIONS, (agent, ended.outcome, complexity), 1
    if ended.outcome == SKIP:
        return [invocation]
    success = ended.outcome == SUCCESS
    found: list[Point] = [
        invocation,
        (v.AGENT_DURATION, (agent, complexity), _seconds(ended)),
        (v.AGENT_SUCCESS_RATE, (agent,), success),
    ]
    size = ended.below.context_size if ended.context_size is None else ended.context_size
    if size >= 0:
        found.append((v.AGENT_CONTEXT_SIZE, (agent,), size))
    if not success:
        found.append((v.AGENT_ERRORS, (agent, _error_type(ended)), 1))
    return found


def _recipe(ended: Ended) -> list[Point]:
    recipe, success = (ended.component,), ended.outcome == SUCCESS
    execution: Point = v.RECIPE_EXECUTIONS, (*recipe, ended.outcome), 1
    if ended.outcome == SKIP:
        return [execution]
    seconds, manual = _seconds(ended), _number(ended.attributes.get(v.MANUAL_DURATION))
    saved = [1 - seconds / manual] if success and manual and manual > 0 else []
    return [
        execution,
        (v.RECIPE_DURATION, recipe, seconds),
        (v.RECIPE_SUCCESS_RATE, recipe, success),
        *((v.RECIPE_TIME_SAVED, recipe, share) for share in saved),
    ]


def _step(ended: Ended) -> list[Point]:
    step = (_named(ended, v.RECIPE_NAME) or v.UNKNOWN_VALUE, ended.component)
    count: Point = v.RECIPE_STEPS, (*step, ended.outcome), 1
    return [count] if ended.outcome == SKIP else [count, (v.RECIPE_STEP_DURATION, step, _seconds(ended))]


def _command(ended: Ended) -> list[Point]:
    count: Point = v.CLI_COMMANDS, (ended.component, ended.outcome), 1
    return [count] if ended.outcome == SKIP else [count, (v.CLI_DURATION, (ended.component,), _seconds(ended))]


_OF_ROLE: dict[str, Callable[[Ended], list[Point]]] = {
    roles.AGENT: _agent,
    roles.RECIPE: _recipe,
    roles.STEP: _step,
    roles.COMMAND: _command,
}


def _call(ended: Ended) -> Iterator[Point]:
    """Tokens and cost of a span that reports them and has nothing below that does, for the agent it belongs to."""
    agent = _named(ended, v.AGENT_NAME) or (ended.component if ended.role == roles.AGENT else None)
    if agent is None:
        return
    if ended.usage and not ended.below.usage:
        for kind in v.TOKEN_TYPES:
            yield v.AGENT_TOKENS, (agent, kind), getattr(ended.usage, kind)
    cost = _number(dialects.read(ended.attributes, v.COST_USD)) if ended.own.cost else None
    if cost is not None and cost >= 0 and not ended.below.cost:
        yield v.AGENT_COST, (agent, _named(ended, v.REQUEST_MODEL) or v.UNKNOWN_VALUE), cost


def _evaluations(ended: Ended) -> Iterator[Point]:
    for event in ended.events:
        if event.name == v.EVALUATION_RESULT:
            yield from _evaluation(ended, event.attributes or {})


def _evaluation(ended: Ended, said: Mapping[str, Any]) -> Iterator[Point]:
    dimension, score = str(said.get(v.EVALUATION_NAME)), _number(said.get(v.EVALUATION_SCORE))
    lowest, highest = _SCORES.get(dimension, (1, 0))
    if score is None or not lowest <= score <= highest:
        return
    agent, recipe = _named(ended, v.AGENT_NAME), _named(ended, v.RECIPE_NAME)
    if dimension == v.USER_SATISFACTION and recipe:
        yield v.RECIPE_SATISFACTION, (recipe,), score
    elif dimension != v.USER_SATISFACTION and agent:
        yield v.AGENT_QUALITY, (agent, dimension), score


def _seconds(ended: Ended) -> float:
    """How long it took."""
    return ((ended.span.end_time or 0) - (ended.span.start_time or 0)) / 1e9


def _named(ended: Ended, attribute: str) -> str | None:
    """The name that an attribute holds, None where it holds none."""
    value = dialects.read(ended.attributes, attribute)
    return str(value) if value else None


def _complexity(ended: Ended) -> str:
    named = ended.attributes.get(v.COMPLEXITY)
    return str(named) if named in v.COMPLEXITIES else v.UNKNOWN_VALUE


def _error_type(ended: Ended) -> str:
    """The error that the span names, else the exception that ended it; those before it were survived."""
    exceptions = (event for event in reversed(ended.events) if event.name == v.EXCEPTION)
    last = next(exceptions, None)
    raised = (last.attributes or {}).get(v.EXCEPTION_TYPE) if last else None
    return str(ended.attributes.get(v.ERROR_TYPE) or raised or v.UNKNOWN_VALUE)


def _number(value: Any) -> float | None:
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return float(value) if is_number and math.isfinite(value) else None
