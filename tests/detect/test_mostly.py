"""What most of a group take, where some of it is something else."""

import numpy as np
import pytest

from tachograph.detect.mostly import mostly
from tachograph.detect.tasks import far_out, usual

ROWS = 90
ONE_TASK = np.zeros(ROWS, dtype=np.int64)


@pytest.mark.parametrize("slow", [0, 9, 36, 43])
def test_most_are_told_though_nearly_half_is_something_else(slow: int) -> None:
    """Within a tenth, where the median of all is a fifth too large."""
    times = np.random.default_rng(1).lognormal(0, 0.3, ROWS)
    times[:slow] *= 20
    assert abs(float(usual(times, ONE_TASK)[0]) - 1) < 0.1
    assert far_out(times, ONE_TASK)[:slow].all()
    assert far_out(times, ONE_TASK)[slow:].mean() < 0.02


@pytest.mark.parametrize("rows", [10, 20, 200])
def test_spread_is_that_of_a_normal_distribution(rows: int) -> None:
    """On average within a fourth of the standard deviation, of few values as well."""
    chance = np.random.default_rng(2)
    found = np.median([mostly(chance.normal(3, 2, rows)) for _ in range(400)], axis=0)
    assert abs(found[0] - 3) < 0.2
    assert abs(found[1] - 2) < 0.5


@pytest.mark.parametrize("rows", [8, 30, 90])
def test_a_heavy_tail_is_not_far_out(rows: int) -> None:
    """What is long by chance costs little beyond the usual, in groups of any size."""
    chance, lost = np.random.default_rng(3), list[float]()
    for _ in range(200):
        times, groups = chance.lognormal(0, 0.8, rows), ONE_TASK[:rows]
        lost.append(float(times[far_out(times, groups)].sum() / times.sum()))
    assert np.mean(lost) < 0.08


def test_equal_values_and_none_at_all_are_no_trouble() -> None:
    """Five that are all the same have no spread; of four, and of what is nothing, nothing is usual."""
    assert mostly(np.full(5, 2.0)) == (2.0, 0.0)
    few = np.array([1.0, 2.0, 3.0, 4.0, 0.0])
    assert np.isnan(usual(few, ONE_TASK[:5])).all()
    assert not far_out(few, ONE_TASK[:5]).any()
