"""What an applied change brought, on histories whose answer is known: by hand, or because nothing was done."""

import random
import statistics

import numpy as np
import pytest
from simulated import applied, history, lucky, recipes

from tachograph.recommend import calibrated, verified
from tachograph.records import Held

BEFORE = [10.0, 12.0, 14.0, 16.0, 18.0, 20.0, 22.0, 24.0, 26.0]
AFTER = [6.0, 7.0, 8.0, 9.0, 10.0, 11.0, 12.0]


def runs(times: list[float], start: float = 0.0, name: str = "ship", kind: str = "simple") -> list:
    return [(name, start + number, time, kind) for number, time in enumerate(times)]


def test_medians_are_compared() -> None:
    """18 s before and 9 s after are 50 % less."""
    found = verified(applied(-45), history(recipes(runs(BEFORE))), history(recipes(runs(AFTER, 2_000))))
    assert found.measured_pct == pytest.approx(-50, abs=1e-3)
    assert found.ci_pct is not None
    low, high = found.ci_pct
    assert low <= -50 <= high < 0
    assert found.verdict == "confirmed"
    assert (found.n_before, found.n_after) == (9, 7)


@pytest.mark.parametrize(
    ("factor", "predicted", "verdict"),
    [(0.5, -50, "confirmed"), (0.85, -50, "weaker"), (1.0, -30, "none"), (1.4, -30, "worse")],
)  # fmt: skip
def test_the_verdict(factor: float, predicted: float, verdict: str) -> None:
    """Confirmed from half of the prediction on, weaker below it; none where not zero but the prediction is excluded."""
    chance = random.Random(3)
    before, after = lucky(chance, ["ship"], 300, 0), lucky(chance, ["ship"], 300, 2_000, factor)
    assert verified(applied(predicted), history(before), history(after)).verdict == verdict


def test_too_few_executions_say_how_many_more() -> None:
    """Nothing is measured on three; on ten that scatter the interval holds both zero and the prediction."""
    before = history(recipes(runs(BEFORE)))
    found = verified(applied(-10), before, history(recipes(runs(AFTER[:3], 2_000))))
    assert (found.measured_pct, found.ci_pct) == (None, None)
    assert found.verdict.startswith("about ")
    assert found.verdict.endswith(" more executions")
    noisy = verified(applied(-10), before, history(recipes(runs(BEFORE, 2_000))))
    assert noisy.verdict.startswith("about ")
    assert noisy.measured_pct == pytest.approx(0)


def test_the_same_mix_of_tasks_is_compared() -> None:
    """Nothing got faster, only simple tasks got more frequent: no change, though the plain median is a quarter."""
    before = runs([10.0] * 8) + runs([40.0] * 16, 100, kind="complex")
    after = runs([10.0] * 30, 2_000) + runs([40.0] * 9, 2_100, kind="complex")
    found = verified(applied(-30), history(recipes(before)), history(recipes(after)))
    assert found.measured_pct == pytest.approx(0, abs=1e-6)


def test_kinds_of_tasks_that_only_one_side_has_are_left_out() -> None:
    """Where no kind is common, nothing can be measured."""
    after = recipes(runs(AFTER, 2_000, kind="complex"))
    found = verified(applied(-30), history(recipes(runs(BEFORE))), history(after))
    assert found.measured_pct is None


def test_what_happened_to_all_recipes_is_taken_out() -> None:
    """Everything got a fifth faster by itself, and this recipe by a half: 37.5 % are the change's own."""
    before = runs([10.0] * 9) + runs([30.0] * 9, 100, "other")
    after = runs([5.0] * 9, 2_000) + runs([24.0] * 9, 2_100, "other")
    found = verified(applied(-40), history(recipes(before)), history(recipes(after)))
    assert found.measured_pct == pytest.approx(100 * (0.5 / 0.8 - 1), abs=1e-3)
    assert "1 untouched recipe" in found.baseline


def test_a_baseline_that_took_no_part_in_the_finding_is_preferred() -> None:
    """Ten executions before the window of detection are the baseline, and the slow ones in it are not."""
    before = runs([10.0] * 10) + runs([30.0] * 10, 500)
    found = verified(applied(-60, since=400), history(recipes(before)), history(recipes(runs([10.0] * 10, 2_000))))
    assert found.measured_pct == pytest.approx(0)
    assert "took no part" in found.baseline
    without = verified(applied(-60), history(recipes(before[10:])), history(recipes(runs([10.0] * 10, 2_000))))
    assert without.measured_pct == pytest.approx(100 * (1 / 3 - 1), abs=1e-3)
    assert "found in" in without.baseline


def test_success_is_measured_in_points() -> None:
    """From 50 % to 100 %."""
    before = recipes(runs([10.0] * 40), success=[True, False] * 20)
    after = recipes(runs([10.0] * 40, 2_000))
    found = verified(applied(40, measure="success_rate"), history(before), history(after))
    assert (found.measured_pct, found.verdict) == (50, "confirmed")


@pytest.mark.parametrize(
    ("before", "after", "names"), [(100, 60, 1), (30, 30, 1), (30, 30, 3)], ids=["many", "few", "with untouched"]
)
def test_a_null_change_is_no_effect(before: int, after: int, names: int) -> None:
    """In at least 95 of 100 runs nothing is claimed, in either direction."""
    claimed = 0
    for seed in range(100):
        chance = random.Random(seed)
        recipes_of = ["ship", "other", "third"][:names]
        was, since = (lucky(chance, recipes_of, n, at) for n, at in ((before, 0), (after, 2_000)))
        claimed += verified(applied(-25), history(was), history(since)).verdict in ("confirmed", "weaker", "worse")
    assert claimed <= 5


def test_a_null_change_to_the_worst_of_twenty_is_no_effect() -> None:
    """Though it looks better by itself the next time: what was picked as the worst was partly unlucky."""
    claimed, naive = 0, []
    for seed in range(60):
        chance = random.Random(seed)
        names = [f"recipe {number}" for number in range(20)]
        before, after = lucky(chance, names, 25, 0), lucky(chance, names, 25, 2_000)
        middle = {name: float(np.median(before["duration"][before.words["name"].is_(name)])) for name in names}
        worst = max(names, key=lambda name: middle[name])
        mine, since = (units.take(units.words["name"].is_(worst)) for units in (before, after))
        naive.append(100 * (float(np.median(since["duration"])) / middle[worst] - 1))
        record = applied(-25, component=worst, claim="observational", rivals=20)
        claimed += verified(record, history(mine), history(since)).verdict in ("confirmed", "weaker", "worse")
    assert statistics.mean(naive) < -8
    assert claimed <= 3


def test_earlier_predictions_correct_later_ones() -> None:
    """Two that came half true: (4 + 2 x 0.5) / (4 + 2); one odd one counts twice at most; others are left alone."""
    made = calibrated([Held("simulated", -40, -20), Held("simulated", -20, -10)])
    assert made.ratio("simulated") == pytest.approx(5 / 6)
    assert made.ratio("observational") == 1
    assert calibrated([Held("simulated", -1, -90)]).ratio("simulated") == pytest.approx(6 / 5)
