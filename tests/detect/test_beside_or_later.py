"""Versions and models: what came later is a regression, what is used beside another one a difference."""

from collections.abc import Callable

import pytest
from workshop import DAY, SECOND, Execution, Story

from tachograph.detect import Findings

Judge = Callable[..., Findings]
EXECUTIONS = 200


def _coded(choose: Callable[[Execution], bool], attribute: str, slow: float = 1.0, breaks: float = 0.0) -> Story:
    """A coder of which some executions have another value of an attribute, and are slower, or break off early."""

    def story(one: Execution, root: int) -> None:
        is_other = choose(one)
        broken = is_other and one.chance.random() < breaks
        seconds = 2.0 * (slow if is_other else 1.0) * (0.4 if broken else 1.0)
        facts = {attribute: "other" if is_other else "usual"}

        def code(one: Execution, at: int) -> None:
            number, start = one.reserve(), one.at
            one.model(number, seconds * one.luck(), **facts)
            about = {"gen_ai.operation.name": "invoke_agent", "gen_ai.agent.name": "coder", **facts}
            one.ended(number, about, start, at, ok=not broken, name="invoke_agent coder")

        one.failed = broken
        one.step("code", root, code)

    return story


def _later(one: Execution) -> bool:
    return one.number >= 0.6 * EXECUTIONS


def _beside(one: Execution) -> bool:
    return one.chance.random() < 0.4


@pytest.mark.parametrize("attribute", ["gen_ai.agent.version", "gen_ai.request.model"])
@pytest.mark.parametrize(("choose", "cause"), [(_later, "regression"), (_beside, "attribute_difference")])
def test_what_came_later_is_a_regression(
    judged: Judge, choose: Callable[[Execution], bool], attribute: str, cause: str
) -> None:
    """A version or a model that is slower, in the place of the usual one or beside it."""
    found = judged(_coded(choose, attribute, slow=1.6), EXECUTIONS, apart=DAY / SECOND / 10).bottlenecks
    assert [(one.cause, one.affected_components[:2]) for one in found] == [(cause, ["coder", "other"])]


def test_a_model_that_was_replaced_is_no_bottleneck(judged: Judge) -> None:
    """The slow one is used no more."""
    story = _coded(lambda one: not _later(one), "gen_ai.request.model", slow=1.6)
    assert judged(story, EXECUTIONS, apart=DAY / SECOND / 10).bottlenecks == []


def test_the_version_that_does_not_break_off_is_not_slow(judged: Judge) -> None:
    """What breaks off early takes less time; the other one is not told to take more."""
    story = _coded(_beside, "gen_ai.agent.version", breaks=0.5)
    found = judged(story, EXECUTIONS, apart=DAY / SECOND / 10).bottlenecks
    assert found
    assert {one.effect.unit for one in found} == {"points"}
    assert all("usual" not in one.affected_components for one in found)
