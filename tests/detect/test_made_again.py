"""What calls made again are said to cost, in stories in which that is known."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from workshop import Execution

from tachograph.detect import Findings

Judge = Callable[..., Findings]
HASH = "dev_agency.call.hash"
FILES = "abc"


@dataclass(frozen=True)
class Reader:
    """A step by an agent that reads three files of `brings` tokens before each of four turns, of which each takes
    `turn` seconds and 0.1 ms for each token that no cache has; it may do something new before each as well."""

    turn: float = 1.0
    brings: int = 0
    also_new: bool = False

    def __call__(self, one: Execution, root: int) -> None:
        one.step("code", root, lambda one, at: one.agent("bob", at, self.inside, seconds=1.2))
        one.step("plan", root, lambda one, at: one.agent("ann", at, self.other, seconds=1.2))

    def inside(self, one: Execution, agent: int) -> None:
        read, cached = 1_000, 0
        for turn in range(4):
            for file in FILES:
                one.tool("read_file", agent, 0.2, **{HASH: file})
                read += self.brings
            if self.also_new:
                one.tool("edit", agent, 0.1, **{HASH: f"{one.number}-{turn}"})
            facts = {"gen_ai.usage.cache_read.input_tokens": cached}
            one.model(agent, (self.turn + 1e-4 * (read - cached)) * one.luck(0.1), read, **facts)
            cached = read

    def other(self, one: Execution, agent: int) -> None:
        read = 0
        for files in (0, one.chance.randrange(4), one.chance.randrange(8)):
            for file in range(files):
                one.tool("read_file", agent, 0.2, **{HASH: f"{read}-{file}"})
            facts = {"gen_ai.usage.cache_read.input_tokens": read}
            fresh = 1_000 + files * self.brings
            read += fresh
            one.model(agent, (self.turn + 1e-4 * fresh) * one.luck(0.1), read, **facts)

    def lost(self, turns: bool) -> float:
        """The share that reading again takes, with the turns after which nothing but that was done or without."""
        reads, talk = 3 * 3 * 0.2, 3 * self.turn if turns else 0.0
        needed = 3 * 0.2 + 1.2 + (0.4 if self.also_new else 0.0)
        on_top = 1e-4 * self.brings * 3 * 3
        sizes = 4 * self.turn + 1e-4 * (1_000 + 3 * self.brings)
        return (reads + talk + on_top) / (reads + needed + sizes + on_top)


def told(found: Findings, cause: str) -> Any:
    """The finding of a cause."""
    (one,) = [one for one in found.bottlenecks if one.cause == cause]
    return one


def test_turns_that_may_have_been_needed_are_neither_lost_nor_not(judged: Judge) -> None:
    """All executions read alike, so that nothing compares: from what the calls took to that with the turns between."""
    story = Reader()
    found = told(judged(story), "redundant_context")
    low, high = found.effect.ci
    assert low == pytest.approx(100 * story.lost(turns=False), abs=3)
    assert high == pytest.approx(100 * story.lost(turns=True), abs=5)


def test_what_comes_with_files_read_again_is_told_once(judged: Judge) -> None:
    """3,000 tokens a file make later turns longer, as others show that now and then read some: that is a price of
    reading again, and no context of its own."""
    story = Reader(brings=3_000, also_new=True)
    findings = judged(story)
    low, high = told(findings, "redundant_context").effect.ci
    assert low <= 100 * story.lost(turns=False) <= high
    assert high - low < 15
    assert not [one for one in findings.bottlenecks if one.cause == "oversized_context"]


def test_only_what_was_done_is_told_and_mended(judged: Judge) -> None:
    """Who reads again hears nothing of what is sent again, nor of caches; who sends again nothing of reads."""
    read = told(judged(Reader()), "redundant_context")
    assert "9.0 times" in read.description
    assert "input" not in read.description
    assert not any("prompt" in fix for fix in read.suggested_fixes)


@pytest.mark.parametrize("told_caches", [True, False])
def test_a_cache_is_spoken_of_where_something_is_known_of_one(judged: Judge, told_caches: bool) -> None:
    """Nobody says 'without a cache' where no call says whether there is one."""

    def sends_again(one: Execution, root: int) -> None:
        def chats(one: Execution, agent: int) -> None:
            for turn in range(5):
                tokens = int((8_000 + 2_000 * turn) * one.luck())
                one.model(agent, 0.3 + 1e-4 * tokens, tokens)

        cached = {"gen_ai.usage.cache_read.input_tokens": 500} if told_caches else {}
        one.step("code", root, lambda one, at: one.agent("bob", at, chats, seconds=0.1))
        one.step("plan", root, lambda one, at: one.agent("ann", at, lambda one, a: one.model(a, 1.0, 700, **cached)))

    found = told(judged(sends_again), "redundant_context")
    assert ("without a cache" in found.description) is told_caches
    assert "read" not in found.description
    assert not any("second identical read" in fix for fix in found.suggested_fixes)


def test_a_loop_costs_its_repetitions_and_at_most_the_first_call(judged: Judge) -> None:
    """0.5 s each with the wait before, five times again in half of the executions, which begin with a call of 0.4 s."""

    def loops(one: Execution, agent: int) -> None:
        one.model(agent, 4.0)
        for _ in range(6 if one.number % 2 else 0):
            one.tool("run_tests", agent, 0.4, ok=False, **{HASH: "same"})
            one.at += 100_000_000

    def story(one: Execution, root: int) -> None:
        one.step("code", root, lambda one, at: one.agent("bob", at, loops, seconds=0.01))
        one.step("plan", root, lambda one, at: one.agent("ann", at, seconds=1.0))

    low, high = told(judged(story, 300), "retry_loop").effect.ci
    whole = 2 * (4.0 + 0.01) + 6 * 0.5
    assert low <= 100 * 5 * 0.5 / whole <= 100 * 6 * 0.5 / whole <= high
    assert high - low < 15
