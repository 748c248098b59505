"""Errors of calls at one of several servers that serve the same calls."""

from collections.abc import Callable

import pytest
from workshop import Execution, Story

from tachograph.detect import Findings

Judge = Callable[..., Findings]


def _asks(bad: float, status: int | None = None, gives_up: bool = True) -> Story:
    """An agent whose lookups go to one of three replicas, the second of which fails some; with it the agent, or not."""

    def story(one: Execution, root: int) -> None:
        replica = one.chance.randrange(3)
        fails = replica == 1 and one.chance.random() < bad
        facts = {"server.address": f"replica-{replica}.example"}
        if fails:
            facts |= {"error.type": "connection_reset"} | ({"http.response.status_code": status} if status else {})

        def inside(one: Execution, at: int) -> None:
            one.tool("lookup", at, 0.2, ok=not fails, **facts)

        one.failed = fails and gives_up
        one.step("answer", root, lambda one, at: one.agent("helper", at, inside, ok=not one.failed, message="reset"))

    return story


def test_a_server_that_fails_is_told_with_what_was_called_there(judged: Judge) -> None:
    """Relative to the calls to that server; who made them is not told a second time for it."""
    found = judged(_asks(0.45), 200).bottlenecks
    assert [one.cause for one in found] == ["error_pattern"]
    assert found[0].affected_components[:3] == ["replica-1.example", "lookup", "helper"]
    assert found[0].category == "infrastructure"
    assert found[0].effect.ci[0] <= 45 <= found[0].effect.ci[1]


@pytest.mark.parametrize("story", [_asks(0.0), _asks(0.45, status=503, gives_up=False)])
def test_what_is_waited_out_is_no_error_of_a_server(judged: Judge, story: Story) -> None:
    """Nor is a server that is as sound as the others."""
    assert [one for one in judged(story, 200).bottlenecks if one.cause == "error_pattern"] == []
