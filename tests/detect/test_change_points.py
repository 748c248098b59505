"""What got worse since some day is told with the day, and with what else came then; the weather is not."""

from collections.abc import Callable

import pytest
from workshop import Execution, Story

from tachograph.detect import Findings
from tachograph.records import BottleneckDetection

Judge = Callable[..., Findings]
APART = 14_400.0  # seconds: six executions a day
EXECUTIONS = 200
SINCE = 110  # the execution from which on it is worse
DAY = "2025-10-27"  # on which that one is


def _agency(
    slower: dict[str, float], *, fails: str = "", version: tuple[str, str] = ("", ""), tool: float = 1.0
) -> Story:
    """Three agents, a step each, that all use a tool; since some execution some are slower, fail, or have a version."""

    def story(one: Execution, root: int) -> None:
        late = one.number >= SINCE
        for step, agent in (("plan", "ann"), ("code", "bob"), ("check", "cay")):
            breaks = one.chance.random() < (0.5 if late and agent == fails else 0.05)
            one.failed |= breaks
            seconds = 3.0 * (slower.get(agent, 1.0) if late else 1.0)
            facts = {"gen_ai.agent.version": version[1] if late else "1"} if agent == version[0] else {}

            def search(one: Execution, at: int) -> None:
                one.tool("search", at, 2.0 * one.luck() * (tool if one.number >= SINCE else 1.0))

            def work(one: Execution, at: int, a: str = agent, s: float = seconds, f: bool = breaks, x=facts) -> None:  # type: ignore[no-untyped-def]
                one.agent(a, at, search, seconds=s, ok=not f, facts=x)

            one.step(step, root, work)

    return story


def _told(judged: Judge, story: Story) -> list[BottleneckDetection]:
    return judged(story, EXECUTIONS, apart=APART).bottlenecks


def test_an_agent_that_got_slower_is_told_with_the_day(judged: Judge) -> None:
    """Nobody said that anything of it changed."""
    (found,) = _told(judged, _agency({"bob": 1.8}))
    assert (found.cause, found.detector, found.category) == ("regression", "change_point", "agent_selection")
    assert found.affected_components == ["bob"]
    assert DAY in found.description
    assert "No version is known that came then" in found.description
    assert f"--baseline 2025-10-09..{DAY} --candidate {DAY}.." in found.suggested_fixes[1]
    late, whole = EXECUTIONS - SINCE, SINCE * (3 + 2) + (EXECUTIONS - SINCE) * (3 * 1.8 + 2)
    assert found.effect.ci[0] <= 100 * late * 3 * 0.8 / whole <= found.effect.ci[1]


def test_an_agent_that_fails_more_is_told_in_points(judged: Judge) -> None:
    """45 points in ninety of two hundred executions."""
    found = _told(judged, _agency({}, fails="bob"))[0]
    assert (found.detector, found.affected_components[0], found.effect.unit) == ("change_point", "bob", "points")
    assert found.effect.ci[0] <= 45 * (EXECUTIONS - SINCE) / EXECUTIONS <= found.effect.ci[1]


def test_what_came_on_that_day_beside_it_is_named(judged: Judge) -> None:
    """The planner's new version, since which the coder takes longer."""
    (found,) = _told(judged, _agency({"bob": 1.8}, version=("ann", "2")))
    assert found.affected_components == ["bob"]
    assert "At that time came version 2 of ann" in found.description


def test_a_version_of_its_own_is_told_as_such_and_once(judged: Judge) -> None:
    """The release is the reason that can be taken back."""
    (found,) = _told(judged, _agency({"bob": 1.8}, version=("bob", "2")))
    assert (found.detector, found.affected_components) == ("regression", ["bob", "2"])


def test_a_tool_that_got_slower_for_all_is_told_once(judged: Judge) -> None:
    """And not the agents that use it."""
    (found,) = _told(judged, _agency({}, tool=2.5))
    assert (found.detector, found.category, found.affected_components) == ("change_point", "infrastructure", ["search"])


@pytest.mark.parametrize("pace", [1.8, 0.5], ids=["slower", "faster"])
def test_what_happens_to_all_agents_at_once_is_no_fault_of_one(judged: Judge, pace: float) -> None:
    """A provider's bad week; and who stays as slow as it was has not got worse."""
    agents = ("ann", "bob", "cay") if pace > 1 else ("ann", "cay")
    found = _told(judged, _agency(dict.fromkeys(agents, pace)))
    assert {"ann", "bob", "cay"}.isdisjoint(name for one in found for name in one.affected_components)
