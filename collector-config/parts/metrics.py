"""What is counted from each span, and from scores in log records: the contract's counters and histograms."""

from collections.abc import Iterator
from dataclasses import dataclass

from parts.labels import COST, POINTS, REVIEWS, ROLE, SCORES, TOKENS, is_score
from parts.ottl import attribute, both, text
from parts.yaml import quoted
from tachograph import vocabulary as v
from tachograph.deliver.metrics.recorder import BUCKETS
from tachograph.semantics import roles
from tachograph.semantics.outcome import SKIP, SUCCESS
from tachograph.vocabulary import Metric

_NANOSECONDS = "Double(span.end_time_unix_nano - span.start_time_unix_nano)"
_SECONDS = f"{_NANOSECONDS} / 1000000000.0"
_NOT_SKIPPED = f"{attribute('outcome')} != {text(SKIP)}"
_SUCCEEDED = f"{attribute('outcome')} == {text(SUCCESS)}"


@dataclass(frozen=True)
class Counted:
    """What one kind of span adds to a metric; `fixed` are labels whose value is the same for all of it."""

    metric: Metric
    value: str
    where: str
    fixed: tuple[tuple[str, str], ...] = ()


def spans() -> list[str]:
    """The entries of `spans` of the connector, as lines."""
    return [line for counted in _spans() for line in _entry(counted, "span")]


def logs() -> list[str]:
    """The entries of `logs` of the connector, as lines."""
    return [line for counted in _logs() for line in _entry(counted, "log")]


def _spans() -> Iterator[Counted]:
    yield from _executions()
    yield from _calls()
    yield from _scores()
    manual = attribute(v.MANUAL_DURATION)
    compared = _by_agents(roles.RECIPE, both(_SUCCEEDED, f"{manual} > 0"))
    yield Counted(v.TIME_USED, f"{_SECONDS} / Double({manual})", compared)
    yield Counted(v.TIME_COMPARED, "1", compared)
    yield from _marked()


def _executions() -> Iterator[Counted]:
    for role, count, duration in (
        (roles.AGENT, v.AGENT_INVOCATIONS, v.AGENT_DURATION),
        (roles.RECIPE, v.RECIPE_EXECUTIONS, v.RECIPE_DURATION),
        (roles.STEP, v.RECIPE_STEPS, v.RECIPE_STEP_DURATION),
        (roles.COMMAND, v.CLI_COMMANDS, v.CLI_DURATION),
    ):
        yield Counted(count, "1", _by_agents(role))
        yield Counted(duration, _SECONDS, _by_agents(role, _NOT_SKIPPED))
    size = attribute(v.CONTEXT_SIZE)
    known = both(_NOT_SKIPPED, f"IsInt({size})", f"{size} >= 0")
    yield Counted(v.AGENT_CONTEXT_SIZE, f"Double({size})", _by_agents(roles.AGENT, known))
    unsuccessful = both(_NOT_SKIPPED, f"{attribute('outcome')} != {text(SUCCESS)}")
    yield Counted(v.AGENT_ERRORS, "1", _by_agents(roles.AGENT, unsuccessful))


def _marked() -> Iterator[Counted]:
    """What the annotations of agents and recipes say."""
    total, wasted, share = (attribute(name) for name in (v.TOTAL_TOKENS, v.WASTED_TOKENS, v.CRITICAL_SHARE))
    judged = _by_agents(roles.AGENT, _NOT_SKIPPED, f"IsInt({total})", f"IsInt({wasted})")
    yield Counted(v.TOKENS_WEIGHED, total, judged)
    yield Counted(v.TOKENS_WASTED, wasted, judged)
    held_up = _by_agents(roles.RECIPE, _NOT_SKIPPED, f"IsDouble({share})", f"{attribute('component')} != nil")
    yield Counted(v.CRITICAL_SECONDS, f"{share} * ({_SECONDS})", held_up)


def _by_agents(role: str, *conditions: str) -> str:
    """Executions by a person are what agents are compared with, and count nowhere."""
    return both(f"{attribute(ROLE)} == {text(role)}", f'{attribute(v.EXECUTOR)} != "human"', *conditions)


def _calls() -> Iterator[Counted]:
    for kind in v.TOKEN_TYPES:
        tokens = attribute(TOKENS + kind)
        yield Counted(v.AGENT_TOKENS, tokens, f"{tokens} != nil", (("token_type", kind),))
    yield Counted(v.AGENT_COST, attribute(COST), f"{attribute(COST)} != nil")


def _scores() -> Iterator[Counted]:
    for dimension in SCORES:
        points, reviews = attribute(POINTS + dimension), attribute(REVIEWS + dimension)
        yield from _score(dimension, points, reviews, f"{reviews} != nil", "span")


def _logs() -> Iterator[Counted]:
    result = text(v.EVALUATION_RESULT)
    event = f"(log.event_name == {result} or {attribute('event.name', 'log')} == {result})"
    for dimension in SCORES:
        value = f"Double({attribute(v.EVALUATION_SCORE, 'log')})"
        yield from _score(dimension, value, "1", both(event, is_score(dimension, "log")), "log")


def _score(dimension: str, points: str, reviews: str, where: str, carrier: str) -> Iterator[Counted]:
    """`carrier` keeps apart what spans and log records count, for each is added up in a pipeline of its own."""
    if dimension == v.USER_SATISFACTION:
        fixed = (("carrier", carrier),)
        yield Counted(v.SATISFACTION_POINTS, points, where, fixed)
        yield Counted(v.SATISFACTION_RATINGS, reviews, where, fixed)
    else:
        fixed = (("quality_dimension", dimension), ("carrier", carrier))
        yield Counted(v.QUALITY_POINTS, points, where, fixed)
        yield Counted(v.QUALITY_REVIEWS, reviews, where, fixed)


def _entry(counted: Counted, of: str) -> Iterator[str]:
    metric, fixed = counted.metric, dict(counted.fixed)
    yield f"- name: {metric.name}"
    yield f"  description: {quoted(metric.description)}"
    yield f"  unit: {quoted(metric.unit)}"
    yield "  include_resource_attributes: [{key: service.name}]"
    yield "  attributes:"
    for label in dict.fromkeys((*metric.labels, *fixed)):
        default = f", default_value: {fixed[label]}" if label in fixed else ""
        yield f"    - {{key: {label}{default}}}"
    yield f"  conditions: [{quoted(counted.where)}]"
    if metric.kind == v.HISTOGRAM:
        yield f"  histogram: {{buckets: {_buckets(metric)}, value: {quoted(counted.value)}}}"
    else:
        yield f"  sum: {{value: {quoted(counted.value)}, monotonic: true}}"


def _buckets(metric: Metric) -> str:
    return "[" + ", ".join(f"{bound:g}" if bound < 100_000 else str(int(bound)) for bound in BUCKETS[metric.name]) + "]"
