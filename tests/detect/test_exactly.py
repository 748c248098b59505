"""How likely so many cases are by chance, against SciPy's exact test."""

import numpy as np
import pytest
from scipy import stats

from tachograph.measure.inference import as_many


def _cases(count: int, of: int) -> np.ndarray:
    return np.arange(of) < count


@pytest.mark.parametrize(("count", "of", "rate"), [(5, 40, 0.015), (1, 10, 0.1), (30, 200, 0.2)])
def test_it_is_the_binomial_test(count: int, of: int, rate: float) -> None:
    """Of rows that each are a cluster."""
    found = as_many(_cases(count, of), np.ones(of), np.arange(of), rate)
    assert found == pytest.approx(stats.binomtest(count, of, rate, alternative="greater").pvalue)


def test_cases_of_one_cluster_are_one() -> None:
    """Ten failures of one trace tell as much as one."""
    together = as_many(_cases(10, 100), np.ones(100), np.arange(100) // 10, 0.01)
    assert together == as_many(_cases(1, 100), np.ones(100), np.arange(100), 0.01)


def test_failures_that_were_all_kept_are_not_held_against_a_tenth_of_the_rest() -> None:
    """Sampling that keeps errors: what succeeded stands for ten."""
    weight = np.where(_cases(5, 100), 1.0, 10.0)
    assert as_many(_cases(5, 100), weight, np.arange(100), 0.01) == pytest.approx(
        stats.binomtest(5, 955, 0.01, alternative="greater").pvalue
    )


def test_none_is_no_surprise() -> None:
    """Nor is anything divided by none."""
    assert as_many(_cases(0, 10), np.ones(10), np.arange(10), 0.1) == 1.0
