"""How findings are held against what is true."""

import math

import pytest
from detection import score
from detection.scenario import Truth
from detection.truth import Tally, distance

EFFECT = {"percent": 20.0, "median": 18.0, "increase": 25.0, "points": 0.0}
TRUTH = Truth(
    category="context", cause="oversized_context", form="dump", strength=3, names=["coder", "fix"],
    also=["retry_loop"], others=[], main=EFFECT, effects={"coder": [EFFECT]}, distance=9.0,
)  # fmt: skip


def _finding(cause: str, category: str, *components: str, ci: object = (15.0, 22.0)) -> score.Finding:
    effect = {"value": 19.0, "unit": "percent", "ci": ci}
    finding = {"cause": cause, "category": category, "severity": "high", "effect": effect}
    return {**finding, "affected_components": list(components)}


RIGHT = _finding("oversized_context", "context", "coder")
FALSE = _finding("oversized_context", "context", "tester")


def test_the_true_cause_and_component_first() -> None:
    """A finding of the true cause that names the component counts at its place, and its interval is checked."""
    judged = score.judge([RIGHT, FALSE], [TRUTH])
    assert (judged.told[0].rank, judged.right, len(judged.false)) == (1, ["context"], 1)
    assert judged.told[0].covers == {"own": True, "percent": True, "median": True, "increase": False}
    assert score.false_share([judged]) == 0.5


def test_the_right_category_for_another_reason() -> None:
    """Another cause of the category is found by category, not by cause."""
    judged = score.judge([_finding("redundant_context", "context", "coder")], [TRUTH])
    assert (judged.told[0].rank, judged.told[0].in_category, judged.false) == (None, True, [])


def test_what_is_also_true_is_not_false() -> None:
    """A cause that may be told of the same component counts neither for the fault nor as false."""
    judged = score.judge([_finding("retry_loop", "recipe_execution", "coder")], [TRUTH])
    assert (judged.told[0].rank, judged.told[0].in_category, judged.false) == (None, False, [])


def test_names_beyond_the_third_do_not_count() -> None:
    """Naming everything is naming nothing."""
    judged = score.judge([_finding("oversized_context", "context", "a", "b", "c", "coder")], [TRUTH])
    assert (judged.told[0].rank, len(judged.false)) == (None, 1)


def test_figures_over_runs() -> None:
    """F1 over truths that matter, AC@k over single faults, alarms over null runs."""
    runs = [score.judge([RIGHT], [TRUTH]), score.judge([FALSE, RIGHT], [TRUTH]), score.judge([], [TRUTH])]
    assert score.accuracy(runs, 1) == pytest.approx(1 / 3)
    assert score.accuracy(runs, 3) == pytest.approx(2 / 3)
    assert score.f1(runs, "context") == pytest.approx((2 / 3, 2 / 3, 2 / 3))
    assert score.f1(runs, "infrastructure") == (None, None, None)
    assert score.coverage(runs, "percent") == (1.0, 2)
    assert score.alarms([score.judge([FALSE], []), score.judge([], [])]) == 0.5


def test_no_interval_is_not_checked() -> None:
    """A system without intervals has no coverage, rather than a bad one."""
    judged = score.judge([_finding("oversized_context", "context", "coder", ci=None)], [TRUTH])
    assert score.coverage([judged], "own") == (None, 0)


def test_how_far_two_worlds_are_apart() -> None:
    """Twice as long, each time: log 2 over the error of a difference of means; the same world is at no distance."""
    sound = Tally([1.0, 2.0, 4.0] * 12, successes=36)
    harmed = Tally([2.0, 4.0, 8.0] * 12, successes=36)
    spread = 24 / 35 * math.log(2) ** 2  # of 0, 1 and 2 doublings, twelve times each
    assert distance(harmed, sound) == pytest.approx(math.log(2) / (2 * spread / 36) ** 0.5)
    assert distance(sound, sound) == 0.0


def test_failures_move_a_world_too() -> None:
    """Half of forty fail: half a point over the error of a share of one half and one of one."""
    sound, harmed = Tally([1.0] * 40, successes=40), Tally([1.0] * 40, successes=20)
    assert distance(harmed, sound) == pytest.approx(0.5 / (0.25 / 40) ** 0.5)
