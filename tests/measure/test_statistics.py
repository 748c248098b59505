"""Intervals from sums equal those that statistics libraries and papers give for the data itself."""

import numpy as np
import pytest
from scipy import stats

from tachograph.measure import statistics
from tachograph.measure.statistics import Estimate


def of(values: np.ndarray) -> Estimate:
    return statistics.mean(len(values), float(values.sum()), float((values**2).sum()))


@pytest.mark.parametrize(("successes", "n"), [(0, 1), (0, 20), (8, 10), (20, 20), (917, 1000)])
def test_a_proportion_has_wilsons_interval(successes: int, n: int) -> None:
    """The oracle is SciPy's."""
    expected = stats.binomtest(successes, n).proportion_ci(method="wilson")
    found = statistics.proportion(successes, n)
    assert found.ci == pytest.approx((expected.low, expected.high), abs=1e-12)
    assert (found.value, found.n) == (successes / n, n)


def test_a_mean_has_students_interval() -> None:
    """From n, sum and sum of squares alone."""
    values = np.random.default_rng(1).lognormal(1, 1, 37)
    expected = stats.t.interval(0.95, 36, values.mean(), stats.sem(values))
    assert of(values).ci == pytest.approx(expected)


def test_a_difference_of_means_has_welchs_interval() -> None:
    """Unequal variances, unequal n."""
    random = np.random.default_rng(2)
    now, before = random.normal(5, 1, 12), random.normal(4, 3, 40)
    expected = stats.ttest_ind(now, before, equal_var=False).confidence_interval()
    assert statistics.difference_of_means(of(now), of(before)) == pytest.approx((expected.low, expected.high))


def test_a_difference_of_proportions_has_newcombes_interval() -> None:
    """The worked example of Newcombe (1998), table II, method 10: 56/70 against 48/80."""
    found = statistics.difference_of_proportions(statistics.proportion(56, 70), statistics.proportion(48, 80))
    assert found == pytest.approx((0.0524, 0.3339), abs=5e-5)


def test_a_ratio_of_sums_covers_the_truth_as_often_as_it_says() -> None:
    """400 samples of 60 clusters with a true ratio of 0.3: the interval holds it in about 95 of 100."""
    random = np.random.default_rng(3)
    held = 0
    for _ in range(400):
        x = random.lognormal(5, 1, 60)
        y = x * random.beta(3, 7, 60)
        found = statistics.ratio_of_sums(60, x.sum(), y.sum(), (x * x).sum(), (y * y).sum(), (x * y).sum())
        assert found.ci
        held += found.ci[0] <= 0.3 <= found.ci[1]
    assert 0.90 <= held / 400 <= 0.98


def test_nothing_gives_nothing() -> None:
    """No data is no zero, and one value has no interval."""
    assert statistics.proportion(0, 0) == Estimate(None, None, 0)
    assert statistics.mean(0, 0, 0) == Estimate(None, None, 0)
    assert statistics.mean(1, 5.0, 25.0) == Estimate(5.0, None, 1)
    assert statistics.ratio_of_sums(0, 0, 0, 0, 0, 0).value is None
    assert statistics.difference_of_means(statistics.mean(1, 5.0, 25.0), statistics.mean(1, 5.0, 25.0)) is None
