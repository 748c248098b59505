"""Statements that give a span its role, outcome and labels, as `semantics/` and the metrics of a process have them.

They work on a copy of the span that is counted and then thrown away.
"""

from collections.abc import Iterator, Mapping

from parts.ottl import attribute, both, either, is_number, put, text
from tachograph import vocabulary as v
from tachograph.semantics import roles
from tachograph.semantics.outcome import FAILURE, SUCCESS

ROLE = "tachograph.role"
TOKENS = "tachograph.tokens."  # + token type
COST = "tachograph.cost"
POINTS = "tachograph.points."  # + dimension: scores on this span, added up
REVIEWS = "tachograph.reviews."  # + dimension: their number
SCORES: Mapping[str, tuple[int, int]] = {**dict.fromkeys(v.QUALITY_DIMENSIONS, (0, 10)), v.USER_SATISFACTION: (1, 5)}

_LONGEST = 256
_LARGEST = "1.0e300"  # whatever is beyond it is no amount of money
_COUNTS = (v.INPUT_TOKENS, v.OUTPUT_TOKENS, v.CACHE_READ_TOKENS, v.CACHE_WRITE_TOKENS)


def names() -> list[str]:
    """Every label of every metric that is counted here."""
    return sorted({label for metric in (*v.METRICS, *v.COLLECTED) for label in metric.labels})


def event_statements() -> Iterator[str]:
    """What the events of a span say: the exception that ended it, and scores."""
    raised = attribute(v.EXCEPTION_TYPE, "spanevent")
    where = both(f"spanevent.name == {text(v.EXCEPTION)}", f"{raised} != nil")
    yield put(attribute(v.EXCEPTION_TYPE), raised, where)
    for dimension in SCORES:
        score = attribute(v.EVALUATION_SCORE, "spanevent")
        where = both(f"spanevent.name == {text(v.EVALUATION_RESULT)}", is_score(dimension, "spanevent"))
        yield from _add(POINTS + dimension, f"Double({score})", where)
        yield from _add(REVIEWS + dimension, "1", where)


def is_score(dimension: str, of: str) -> str:
    """Whether an event or a log record is a score of this dimension, within its scale."""
    score, (lowest, highest) = attribute(v.EVALUATION_SCORE, of), SCORES[dimension]
    named = f"{attribute(v.EVALUATION_NAME, of)} == {text(dimension)}"
    return both(named, is_number(score), f"{score} >= {lowest}", f"{score} <= {highest}")


def _add(name: str, amount: str, where: str) -> Iterator[str]:
    so_far = attribute(name)
    yield put(so_far, f"{so_far} + {amount}", both(f"{so_far} != nil", where))
    yield put(so_far, amount, both(f"{so_far} == nil", where))


def statements() -> Iterator[str]:
    """Role, outcome, labels and amounts of one span."""
    yield f"delete_matching_keys(span.attributes, {text('^(' + '|'.join(names()) + ')$')})"
    yield from _role()
    yield from _outcome()
    yield from _named()
    yield from _tokens()
    yield from _cost()
    yield f"truncate_all(span.attributes, {_LONGEST})"


def log_statements() -> Iterator[str]:
    """Labels of a log record that holds a score."""
    for label, name in (("agent_name", v.AGENT_NAME), ("recipe_name", v.RECIPE_NAME)):
        value = attribute(name, "log")
        yield put(attribute(label, "log"), f"String({value})", both(f"{value} != nil", f'{value} != ""'))


def _role() -> Iterator[str]:
    """What decides comes last."""
    role, step = attribute(ROLE), attribute(v.STEP_NAME)
    yield put(role, text(roles.OTHER))
    is_step = (f'span.name == Concat(["step", {step}], " ")', *_present(v.STEP_INDEX, v.STEP_DEPENDS_ON))
    yield put(role, text(roles.STEP), both(f"{step} != nil", either(is_step)))
    foreign = "(" + both(*_present(v.EXECUTABLE_NAME, v.EXIT_CODE)) + ")"
    yield put(role, text(roles.COMMAND), either((*_present(v.COMMAND_NAME), foreign)))
    for attribute_name, known in ((v.OPERATION_KIND, roles.BY_OUR_OPERATION), (v.OPERATION, roles.BY_OPERATION)):
        for operation, name in sorted(known.items()):
            yield put(role, text(name), f"{attribute(attribute_name)} == {text(operation)}")
    yield put(role, text(roles.OTHER), f"{attribute(v.RETOLD)} == true")


def _present(*names: str) -> list[str]:
    return [f"{attribute(name)} != nil" for name in names]


def _outcome() -> Iterator[str]:
    outcome, code, named = attribute("outcome"), attribute(v.EXIT_CODE), attribute(v.OUTCOME)
    yield put(outcome, text(SUCCESS))
    exited = f"(IsInt({code}) and {code} != 0)"
    yield put(outcome, text(FAILURE), either(("span.status.code == STATUS_CODE_ERROR", exited)))
    yield put(outcome, named, either(f"{named} == {text(value)}" for value in v.OUTCOMES))


def _named() -> Iterator[str]:
    """Names as labels; where a unit has none, the name of its span; where another one would be named, `unknown`."""
    for label, name, role in (
        ("agent_name", v.AGENT_NAME, roles.AGENT),
        ("recipe_name", v.RECIPE_NAME, roles.RECIPE),
        ("step_name", v.STEP_NAME, roles.STEP),
        ("command", v.COMMAND_NAME, roles.COMMAND),
    ):
        yield _label(label, name)
        yield put(attribute(label), "span.name", both(f"{attribute(label)} == nil", _is(role)))
    recipe = attribute("recipe_name")
    yield put(recipe, text(v.UNKNOWN_VALUE), both(f"{recipe} == nil", _is(roles.STEP)))
    yield _label("component", v.CRITICAL_COMPONENT)
    yield from _or_unknown("model", v.REQUEST_MODEL)
    yield from _or_unknown("error_type", v.ERROR_TYPE, v.EXCEPTION_TYPE)
    complexity, said = attribute("task_complexity"), attribute(v.COMPLEXITY)
    yield put(complexity, text(v.UNKNOWN_VALUE))
    yield put(complexity, said, either(f"{said} == {text(value)}" for value in v.COMPLEXITIES))


def _label(label: str, name: str) -> str:
    value = attribute(name)
    named = both(f"{value} != nil", f'{value} != ""')
    return put(attribute(label), f"String({value})", both(f"{attribute(label)} == nil", named))


def _or_unknown(label: str, *names: str) -> Iterator[str]:
    for name in names:
        yield _label(label, name)
    yield put(attribute(label), text(v.UNKNOWN_VALUE), f"{attribute(label)} == nil")


def _is(role: str) -> str:
    return f"{attribute(ROLE)} == {text(role)}"


def _is_leaf(mark: str) -> str:
    """What bears no mark was made elsewhere: of that only model calls count, for agents often repeat their totals."""
    said = attribute(mark)
    return f"({said} == true or ({said} == nil and {_is(roles.MODEL)}))"


def _tokens() -> Iterator[str]:
    """Disjoint counts by token type, only on spans whose tokens count."""
    for name in _COUNTS:
        count = attribute(name)
        whole = both(f"IsDouble({count})", f"Double(Int({count})) == {count}")
        yield put(count, f"Int({count})", whole)
        yield f"delete_key(span.attributes, {text(name)}) where not IsInt({count}) or {count} < 0"
    counts = either(_present(*_COUNTS))
    first = attribute(TOKENS + "input")
    yield put(first, "0", both(counts, _is_leaf(v.TOKENS_LEAF)))
    for name in _COUNTS:
        yield put(attribute(name), "0", both(f"{first} != nil", f"{attribute(name)} == nil"))
    whole_input, output, read, write = map(attribute, _COUNTS)
    reported = f"{first} != nil"
    yield put(attribute(TOKENS + "cache_read"), read, reported)
    yield put(attribute(TOKENS + "cache_write"), write, reported)
    yield put(attribute(TOKENS + "output"), output, reported)
    yield put(first, f"{whole_input} - {read} - {write}", reported)
    yield put(first, "0", f"{first} < 0")


def _cost() -> Iterator[str]:
    cost = attribute(v.COST_USD)
    fits = both(is_number(cost), f"{cost} >= 0", f"{cost} < {_LARGEST}")
    yield put(attribute(COST), f"Double({cost})", both(fits, _is_leaf(v.COST_LEAF)))
