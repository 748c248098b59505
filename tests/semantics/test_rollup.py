"""What hangs under an execution, summed up."""

from itertools import count

from tachograph.semantics.dependencies import Unit
from tachograph.semantics.rollup import Critical, Finished, Tokens, critical_component, tokens
from tachograph.semantics.usage import Usage

_ids = count(1)


def span(
    role: str, *children: Finished, used: int | None = None, outcome: str = "success", at: int = 0, **rest: object
) -> Finished:
    made = Finished(
        next(_ids), None, at, at + 10, role, str(rest.get("name", role)), outcome, None if used is None else Usage(used)
    )
    made.call_hash = rest.get("hash")  # type: ignore[assignment]
    made.children = list(children)
    for child in children:
        child.parent = made.id
    return made


def test_only_leaf_calls_count() -> None:
    """A total repeated on the agent and on an outer wrapper of a call is not added again."""
    tree = span("agent", span("model", span("model", used=10), used=10), span("model", used=5), used=15)
    assert tokens(tree) == Tokens(15, 0)


def test_an_agent_that_reports_usage_without_calls_counts_itself() -> None:
    """Where nothing below says so, the total on the agent is all there is."""
    assert tokens(span("agent", span("tool"), used=7)) == Tokens(7, 0)


def test_without_any_usage_tokens_are_unknown() -> None:
    """Unknown is not zero."""
    assert tokens(span("agent", span("model"))) is None


def test_a_failed_attempt_is_wasted() -> None:
    """The call that failed, not the one that then worked."""
    tree = span("agent", span("model", used=4, outcome="error"), span("model", used=6))
    assert tokens(tree) == Tokens(10, 4)


def test_what_happened_below_a_failure_is_wasted() -> None:
    """Calls of a failed agent are thrown away with it, those of its sibling are not."""
    recipe = span(
        "recipe", span("agent", span("model", used=4), outcome="failure"), span("agent", span("model", used=6))
    )
    assert tokens(recipe) == Tokens(10, 4)


def test_a_failed_recipe_wastes_everything_below() -> None:
    """The result of its successful agents goes nowhere."""
    assert tokens(span("recipe", span("agent", span("model", used=6)), outcome="failure")) == Tokens(6, 6)


def test_a_failed_command_does_not_waste_what_its_agents_made() -> None:
    """An exit status may have reasons of its own."""
    assert tokens(span("command", span("agent", span("model", used=6)), outcome="failure")) == Tokens(6, 0)


def test_the_same_call_made_again_is_wasted() -> None:
    """In order of time, after one that succeeded; a retry after a failure is no repeat."""
    calls = [
        span("model", used=1, hash="x", at=30),
        span("model", used=2, hash="x", at=20),
        span("model", used=4, hash="x", at=10, outcome="error"),
    ]
    assert tokens(span("agent", *calls)) == Tokens(7, 5)


def test_calls_side_by_side_are_no_repetition() -> None:
    """One that begins while the first runs was asked for with it; one that begins at its end is made again."""
    calls = [span("model", used=used, hash="x", at=at) for used, at in ((1, 0), (2, 1), (4, 10))]
    assert tokens(span("agent", *calls)) == Tokens(7, 4)


def test_another_execution_may_make_the_same_call() -> None:
    """Repeats are judged within one agent execution."""
    tree = span(
        "recipe", span("agent", span("model", used=1, hash="x")), span("agent", span("model", used=1, hash="x"))
    )
    assert tokens(tree) == Tokens(2, 0)


def test_an_agents_time_is_booked_on_the_innermost_span() -> None:
    """The tool that ran, not the agent that waited for it."""
    agent = span("agent", span("tool", name="pytest", at=1), name="tester")
    agent.end = 12
    assert critical_component(agent) == Critical("pytest", 10 / 12)


def test_a_recipes_time_is_booked_on_its_steps() -> None:
    """Whoever reads about a recipe asks which step to look at."""
    recipe = span("recipe", span("step", span("tool", name="pytest"), name="test"), name="fix")
    assert critical_component(recipe) == Critical("test", 1.0)


def test_trees_deeper_than_the_stack_are_summed() -> None:
    """No recursion: 20,000 levels."""
    tree = span("model", used=3)
    for _ in range(20_000):
        tree = span("other", tree)
    assert tokens(tree) == Tokens(3, 0)


def test_declared_dependencies_tell_which_step_held_a_recipe_up() -> None:
    """c says that it waited for a; that b ended between the two means nothing."""
    times = {"a": (0, 50, ()), "b": (0, 54, ()), "c": (58, 90, ("a",))}
    steps = []
    for name, (start, end, after) in times.items():
        made = span("step", name=name)
        made.start, made.end = start, end
        made.step = Unit(name, made.id, start, end, after)
        steps.append(made)
    root = span("recipe", *steps, name="ship")
    root.end = 90
    assert critical_component(root) == Critical("a", 50 / 90)
