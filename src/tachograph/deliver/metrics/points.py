"""What one finished span adds to the metrics: pure functions from its facts to points."""

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.trace import StatusCode

from tachograph import vocabulary as v
from tachograph.semantics import dialects, roles
from tachograph.semantics.below import Below, reported
from tachograph.semantics.outcome import SKIP, SUCCESS, outcome
from tachograph.semantics.usage import Usage, usage
from tachograph.vocabulary import Metric

_HUMAN = "human"
_SCORES = {**dict.fromkeys(v.QUALITY_DIMENSIONS, (0, 10)), v.USER_SATISFACTION: (1, 5)}


class Point(NamedTuple):
    """One observation: an amount that is added, a duration or size, or a value of a window."""

    metric: Metric
    labels: tuple[str, ...]
    value: float


@dataclass(slots=True)
class Ended:
    """The facts about a finished span that metrics are made of."""

    span: ReadableSpan
    attributes: Mapping[str, Any]
    role: str
    component: str
    outcome: str
    usage: Usage | None
    cost: float | None
    context_size: int | None
    below: Below

    @classmethod
    def of(cls, span: ReadableSpan) -> "Ended":
        """The facts of a span, before it is known what was below it."""
        attributes = dialects.canonical(
            dict(span.attributes or {})
        )  # many look-ups follow, which are slow in OpenTelemetry's own type
        role = roles.role(span.name, attributes)
        return cls(
            span=span,
            attributes=attributes,
            role=role,
            component=roles.component(span.name, attributes, role),
            outcome=outcome(attributes, status_is_error=span.status.status_code is StatusCode.ERROR),
            usage=usage(attributes),
            cost=_number(dialects.read(attributes, v.COST_USD)),
            context_size=_size(attributes.get(v.CONTEXT_SIZE)),
            below=Below(),
        )

    @property
    def reports(self) -> Below:
        """What those above have to know of this span."""
        usage, cost = self.usage is not None, self.cost is not None
        return reported(self.role, usage=usage, cost=cost, context_size=self.context_size)

    @property
    def seconds(self) -> float:
        """How long it took."""
        return ((self.span.end_time or 0) - (self.span.start_time or 0)) / 1e9

    def named(self, attribute: str) -> str | None:
        """The name that an attribute holds, None where it holds none."""
        value = dialects.read(self.attributes, attribute)
        return str(value) if value else None


def points(ended: Ended) -> Iterator[Point]:
    """Everything that a span adds: as an execution of its role, as a call, and by the evaluations on it.

    Executions by a person are what agents are compared with, and count nowhere.
    """
    of_role = _OF_ROLE.get(ended.role)
    if of_role and ended.attributes.get(v.EXECUTOR) != _HUMAN:
        yield from of_role(ended)
    yield from _call(ended)
    yield from _evaluations(ended)


def _agent(ended: Ended) -> Iterator[Point]:
    agent = ended.component
    yield Point(v.AGENT_INVOCATIONS, (agent, ended.outcome, _complexity(ended)), 1)
    if ended.outcome == SKIP:
        return
    yield Point(v.AGENT_DURATION, (agent, _complexity(ended)), ended.seconds)
    yield Point(v.AGENT_SUCCESS_RATE, (agent,), ended.outcome == SUCCESS)
    size = ended.below.context_size if ended.context_size is None else ended.context_size
    if size >= 0:
        yield Point(v.AGENT_CONTEXT_SIZE, (agent,), size)
    if ended.outcome != SUCCESS:
        yield Point(v.AGENT_ERRORS, (agent, _error_type(ended)), 1)


def _recipe(ended: Ended) -> Iterator[Point]:
    recipe = (ended.component,)
    yield Point(v.RECIPE_EXECUTIONS, (*recipe, ended.outcome), 1)
    if ended.outcome == SKIP:
        return
    yield Point(v.RECIPE_DURATION, recipe, ended.seconds)
    yield Point(v.RECIPE_SUCCESS_RATE, recipe, ended.outcome == SUCCESS)
    manual = _number(ended.attributes.get(v.MANUAL_DURATION))
    if ended.outcome == SUCCESS and manual and manual > 0:
        yield Point(v.RECIPE_TIME_SAVED, recipe, 1 - ended.seconds / manual)


def _step(ended: Ended) -> Iterator[Point]:
    step = (ended.named(v.RECIPE_NAME) or v.UNKNOWN_VALUE, ended.component)
    yield Point(v.RECIPE_STEPS, (*step, ended.outcome), 1)
    if ended.outcome != SKIP:
        yield Point(v.RECIPE_STEP_DURATION, step, ended.seconds)


def _command(ended: Ended) -> Iterator[Point]:
    yield Point(v.CLI_COMMANDS, (ended.component, ended.outcome), 1)
    if ended.outcome != SKIP:
        yield Point(v.CLI_DURATION, (ended.component,), ended.seconds)


_OF_ROLE: dict[str, Callable[[Ended], Iterator[Point]]] = {
    roles.AGENT: _agent,
    roles.RECIPE: _recipe,
    roles.STEP: _step,
    roles.COMMAND: _command,
}


def _call(ended: Ended) -> Iterator[Point]:
    """Tokens and cost of a span that reports them and has nothing below that does, for the agent it belongs to."""
    agent = ended.named(v.AGENT_NAME) or (ended.component if ended.role == roles.AGENT else None)
    if agent is None:
        return
    if ended.usage and not ended.below.usage:
        for kind in v.TOKEN_TYPES:
            yield Point(v.AGENT_TOKENS, (agent, kind), getattr(ended.usage, kind))
    if ended.cost is not None and ended.cost >= 0 and not ended.below.cost:
        yield Point(v.AGENT_COST, (agent, ended.named(v.REQUEST_MODEL) or v.UNKNOWN_VALUE), ended.cost)


def _evaluations(ended: Ended) -> Iterator[Point]:
    for event in ended.span.events:
        if event.name == v.EVALUATION_RESULT:
            yield from _evaluation(ended, event.attributes or {})


def _evaluation(ended: Ended, said: Mapping[str, Any]) -> Iterator[Point]:
    dimension, score = str(said.get(v.EVALUATION_NAME)), _number(said.get(v.EVALUATION_SCORE))
    lowest, highest = _SCORES.get(dimension, (1, 0))
    if score is None or not lowest <= score <= highest:
        return
    agent, recipe = ended.named(v.AGENT_NAME), ended.named(v.RECIPE_NAME)
    if dimension == v.USER_SATISFACTION and recipe:
        yield Point(v.RECIPE_SATISFACTION, (recipe,), score)
    elif dimension != v.USER_SATISFACTION and agent:
        yield Point(v.AGENT_QUALITY, (agent, dimension), score)


def _complexity(ended: Ended) -> str:
    named = ended.attributes.get(v.COMPLEXITY)
    return str(named) if named in v.COMPLEXITIES else v.UNKNOWN_VALUE


def _error_type(ended: Ended) -> str:
    """The error that the span names, else the exception that ended it; those before it were survived."""
    exceptions = (event for event in reversed(ended.span.events) if event.name == v.EXCEPTION)
    last = next(exceptions, None)
    raised = (last.attributes or {}).get(v.EXCEPTION_TYPE) if last else None
    return str(ended.attributes.get(v.ERROR_TYPE) or raised or v.UNKNOWN_VALUE)


def _number(value: Any) -> float | None:
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return float(value) if is_number and math.isfinite(value) else None


def _size(value: Any) -> int | None:
    return value if type(value) is int and value >= 0 else None
