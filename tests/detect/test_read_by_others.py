"""The same call by one agent of a recipe run after the other."""

from collections.abc import Callable
from dataclasses import dataclass

import pytest
from workshop import Execution

from tachograph.detect import Findings

Judge = Callable[..., Findings]
AGENTS = (("code", "coder"), ("test", "tester"), ("review", "reviewer"))


@dataclass(frozen=True)
class Readers:
    """Three agents of two seconds that each call `tool` for one second, by itself or by what `asks` for."""

    asks: Callable[[Execution, str], str]
    tool: str = "read_file"
    well: bool = True
    by: tuple[tuple[str, str], ...] = AGENTS

    def __call__(self, one: Execution, root: int) -> None:
        for step, agent in self.by:

            def inside(one: Execution, at: int, agent: str = agent) -> None:
                facts = {"gen_ai.tool.call.arguments": self.asks(one, agent)}
                one.tool(self.tool, at, one.luck(0.1), ok=self.well or agent == "reviewer", **facts)

            one.step(step, root, lambda one, at, a=agent, i=inside: one.agent(a, at, i))  # type: ignore[misc]


def _spec(one: Execution, _: str) -> str:
    return f"specs/{one.number}.md"


def test_what_one_agent_after_the_other_reads_is_told_of_their_recipe(judged: Judge) -> None:
    """Two of three reads, of nine seconds and more, for models take longer on average than they mostly do."""
    (one,) = judged(Readers(_spec)).bottlenecks
    assert (one.cause, one.category) == ("redundant_context", "context")
    assert one.affected_components[:2] == ["build", "read_file"]
    assert sorted(one.affected_components[2:]) == ["reviewer", "tester"]
    assert one.effect.ci[0] <= 100 * 2 * 1.005 / (3 * 1.005 + 6 * 1.046) <= one.effect.ci[1]
    assert "2.0 times a run" in one.description


@pytest.mark.parametrize(
    "story",
    [
        Readers(lambda one, agent: f"{one.number}/{agent}"),
        Readers(lambda _one, _agent: "{}", "run_tests"),
        Readers(lambda one, _: f"parts/{one.number % 10}", "run_tests"),
        Readers(_spec, well=False),
        Readers(_spec, by=(("code", "coder"), ("code", "coder"))),
    ],
)
def test_what_may_have_changed_and_what_had_no_answer_is_not_told(judged: Judge, story: Readers) -> None:
    """Each reads something of its own; all runs call alike, or every tenth; nobody had an answer; or who comes back to
    a step, which is told as that."""
    found = judged(story).bottlenecks
    assert [one for one in found if one.cause == "redundant_context"] == []
