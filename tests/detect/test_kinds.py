"""Executions that fall apart into two kinds."""

import numpy as np
import pytest

from tachograph.detect.kinds import takes_much

ROWS = 60
ONE_TASK = np.zeros(ROWS, dtype=np.int64)
SAME_WORK = np.ones(ROWS)


def _sizes(large: int, seed: int = 1) -> np.ndarray:
    sizes = 1_000 * np.random.default_rng(seed).lognormal(0, 0.2, ROWS)
    sizes[:large] *= 8
    return sizes


@pytest.mark.parametrize("large", [10, 30, 50])
def test_the_kind_that_takes_much_is_held_against_the_other(large: int) -> None:
    """However many there are of it."""
    sizes = _sizes(large)
    much, little = takes_much(sizes, SAME_WORK, ONE_TASK)
    assert much.tolist() == [True] * large + [False] * (ROWS - large)
    assert np.all(little[:large] == np.median(sizes[large:]))
    assert np.all(np.isnan(little[large:]))


def test_one_hump_is_no_two_kinds() -> None:
    """Neither a normal one, however wide, nor a flat one, nor equal values."""
    chance = np.random.default_rng(2)
    for sizes in (chance.lognormal(8, 2, ROWS), np.exp(chance.uniform(0, 12, ROWS)), np.full(ROWS, 5.0)):
        assert not takes_much(sizes, SAME_WORK, ONE_TASK)[0].any()


def test_who_has_more_to_do_may_take_more() -> None:
    """Twice the work with the larger sizes is another task."""
    work = np.where(np.arange(ROWS) < ROWS // 2, 2.0, 1.0)
    assert not takes_much(_sizes(ROWS // 2), work, ONE_TASK)[0].any()
