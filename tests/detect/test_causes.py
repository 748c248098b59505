"""Each cause is found where it is, with its component, its evidence and an honest interval; and nowhere else."""

import json
from collections.abc import Callable

import pytest
from stories import CASES, Case, plain
from told_elsewhere import ELSEWHERE, SOUND
from told_of_calls import CALM_CALLS, OF_CALLS, THOROUGH
from workshop import Execution, Story

from tachograph.detect import Findings
from tachograph.detect.publish import CATEGORIES
from tachograph.present import as_json

Judge = Callable[..., Findings]


@pytest.mark.parametrize("case", [*CASES, *ELSEWHERE, *OF_CALLS], ids=lambda case: case.cause)
def test_a_cause_is_found_first_with_its_component(judged: Judge, case: Case) -> None:
    """It leads the findings, names its component first, and its interval is around its value and above zero."""
    found = judged(case.story, apart=case.apart).bottlenecks
    assert found, "nothing was found"
    first = found[0]
    assert first.cause == case.cause
    assert first.category == CATEGORIES.get(case.cause, first.category)
    assert first.affected_components[0] in case.first
    low, high = first.effect.ci
    assert 0 < low <= first.effect.value <= high
    assert first.evidence.execution_ids
    assert first.evidence.trace_ids
    assert first.suggested_fixes
    assert 0 <= first.q_value <= 0.1
    assert 0 < first.priority_score <= 100


@pytest.mark.parametrize("seed", range(5))
def test_where_nothing_is_wrong_nothing_is_found(judged: Judge, seed: int) -> None:
    """Agents that differ by luck only, tasks of three complexities: of a hundred such a few say something small."""
    assert [one for one in judged(plain, 200, seed=seed).bottlenecks if one.severity != "low"] == []


@pytest.mark.parametrize("story", [*SOUND, *CALM_CALLS], ids=lambda story: story.__name__)
def test_what_looks_like_a_fault_and_is_none_is_not_told(judged: Judge, story: Story) -> None:
    """Work divided by how hard it is, work that needs more to read, a second attempt, answers late by chance."""
    assert judged(story, 200).bottlenecks == []


def test_who_takes_longer_and_fails_less_is_not_the_wrong_one(judged: Judge) -> None:
    """Time is not held against success: the quick one may be told for what it fails at, the careful one is not."""
    found = judged(THOROUGH, 300).bottlenecks
    assert "careful" not in {one.affected_components[0] for one in found if one.cause == "wrong_agent"}


@pytest.mark.parametrize("seed", range(4))
def test_long_ones_that_overlap_share_nothing(judged: Judge, seed: int) -> None:
    """Durations with a heavy tail, begun one and a half seconds apart: of a long one many begin in its time."""

    def story(one: Execution, root: int) -> None:
        one.step("dig", root, lambda one, at: one.agent("digger", at, seconds=2.0 * one.luck(0.9)))

    assert [one for one in judged(story, 200, 1.5, seed).bottlenecks if one.severity != "low"] == []


def test_a_refusal_names_who_refused(judged: Judge) -> None:
    """Not the server of the model that the agent calls as well."""
    case = next(case for case in ELSEWHERE if case.first == ("reader",))
    first = judged(case.story).bottlenecks[0]
    assert first.affected_components[1:3] == ["search.example", "search"]


def test_the_same_finding_next_week_has_the_same_id(judged: Judge) -> None:
    """Ids say what a finding is about, not how large it is."""
    case = next(case for case in CASES if case.cause == "retry_loop")
    one, other = (judged(case.story, 150, seed=seed).bottlenecks[0] for seed in (1, 2))
    assert one.id == other.id
    assert one.effect != other.effect


def _all_failed(one: Execution, root: int) -> None:
    one.failed = True
    one.step("code", root, lambda one, at: one.agent("ann", at, ok=False), ok=False)


def _identical(one: Execution, root: int) -> None:
    one.step("code", root, lambda one, at: one.tool("work", at, 1.0))


def _nothing_inside(one: Execution, root: int) -> None:
    one.at += 1_000_000


@pytest.mark.parametrize("story", [_all_failed, _identical, _nothing_inside, plain])
@pytest.mark.parametrize("executions", [1, 2, 30])
def test_poor_data_is_no_trouble(judged: Judge, story: Callable[[Execution, int], None], executions: int) -> None:
    """One execution or two, all failed, all identical, no steps: an answer, in JSON without NaN."""
    found = judged(story, executions).bottlenecks
    text = as_json.dumps(found)
    assert json.loads(text) == json.loads(text, parse_constant=lambda name: pytest.fail(f"{name} in JSON"))
    assert executions > 2 or found == []


def _only_remote_tools(one: Execution, root: int) -> None:
    one.step("code", root, lambda one, at: one.tool("fetch", at, one.luck(), **{"server.address": "a.example"}))


def test_histories_without_a_model_are_judged(judged: Judge) -> None:
    """Whatever is held against model calls finds none."""
    assert judged(_only_remote_tools, 100).bottlenecks == []
