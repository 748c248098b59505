"""The statistics behind findings, held against closed forms, other implementations and simulation."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from tachograph.measure.inference import (
    Estimated,
    grouped,
    interval,
    p_value,
    q_values,
    regression,
    selected,
    share,
    within,
)

RNG = np.random.default_rng(5)


@given(st.lists(st.floats(0, 1), min_size=1, max_size=60))
def test_q_values_are_those_of_benjamini_and_hochberg(p: list[float]) -> None:
    """As SciPy has them; it is the oracle here because it wants the whole list in one order only."""
    assert q_values(np.array(p)) == pytest.approx(stats.false_discovery_control(p))


def test_conservative_p_values_are_left_out_and_the_rest_made_larger() -> None:
    """With a bar of one half, 0.6 and 0.9 are no longer among those that count."""
    found = q_values(np.array([0.01, 0.6, 0.9, 0.04]), 0.5)
    assert found == pytest.approx([0.04, 1.0, 1.0, 0.08])


def test_regression_within_groups_is_that_with_a_dummy_for_each() -> None:
    """Two groupings at once, weights, two exposures: the coefficients of the full design."""
    n = 400
    one, other = RNG.integers(0, 7, n), RNG.integers(0, 5, n)
    x, z, weight = RNG.normal(size=n), RNG.normal(size=n), RNG.uniform(0.5, 3, n)
    y = 2 * x - z + one * 0.7 + other * 1.3 + RNG.normal(size=n)
    fit = regression(y, [x, z], [one, other], weight, np.arange(n))
    assert fit is not None
    design = np.column_stack([x, z, np.eye(7)[one], np.eye(5)[other]])
    root = np.sqrt(weight)
    wanted, *_ = np.linalg.lstsq(design * root[:, None], y * root, rcond=None)
    assert fit.coefficients == pytest.approx(wanted[:2], abs=1e-6)


def test_means_within_groups_are_zero() -> None:
    """Weighted, for each of the groupings."""
    groups = [RNG.integers(0, 6, 200), RNG.integers(0, 9, 200)]
    weight = RNG.uniform(0.1, 2, 200)
    left = within(RNG.normal(size=200), groups, weight)
    for group in groups:
        assert np.bincount(group, weights=weight * left) == pytest.approx(0, abs=1e-6)


def test_an_exposure_that_does_not_vary_within_the_groups_tells_nothing() -> None:
    """There is no answer, rather than a wild one."""
    group = RNG.integers(0, 5, 100)
    assert regression(RNG.normal(size=100), [group.astype(float)], [group], np.ones(100), np.arange(100)) is None


def test_clustered_errors_hold_their_level() -> None:
    """Exposure and noise shared within clusters: of 300 true nulls about 5 % are below 0.05, which rows as clusters
    would multiply."""
    p, naive = [], []
    for _ in range(300):
        cluster = np.repeat(np.arange(40), 5)
        x, shock = RNG.normal(size=40)[cluster], RNG.normal(size=40)[cluster]
        y, group = shock + RNG.normal(size=200), RNG.integers(0, 4, 200)
        for found, by in ((p, cluster), (naive, np.arange(200))):
            fit = regression(y, [x], [group], np.ones(200), by)
            assert fit is not None
            found.append(p_value(fit.at(0), 0.0))
    assert 0.02 <= np.mean(np.array(p) < 0.05) <= 0.09
    assert np.mean(np.array(naive) < 0.05) > 0.12


def test_a_share_is_a_ratio_of_sums_with_its_error() -> None:
    """On independent rows its interval covers the true share about as often as it says."""
    inside = 0
    for _ in range(300):
        whole = RNG.lognormal(0, 0.5, 120)
        part = whole * RNG.beta(2, 6, 120)
        low, high = interval(share(part, whole, np.ones(120), np.arange(120)))
        inside += low <= 0.25 <= high
    assert 0.84 <= inside / 300 <= 0.96


def test_selected_intervals_cover_the_truth_among_those_that_are_reported() -> None:
    """Of estimates reported because they exceed a bar, the ordinary interval covers too rarely, this one nominally."""
    truth, error, bar = 0.06, 0.04, 0.12
    ours = ordinary = reported = 0
    for value in RNG.normal(truth, error, 20_000):
        if value > bar:
            reported += 1
            seen = Estimated(float(value), error, 1_000, 1_000)
            low, high = selected(seen, bar)[1]
            ours += low <= truth <= high
            low, high = interval(seen)
            ordinary += low <= truth <= high
    assert reported > 500
    assert 0.86 <= ours / reported <= 0.94
    assert ordinary / reported < 0.8


def test_far_above_the_bar_selection_does_not_matter() -> None:
    """The value stays, and so does the interval."""
    value, (low, high) = selected(Estimated(1.0, 0.05, 100, 100), 0.2)
    assert value == pytest.approx(1.0, abs=1e-3)
    assert (low, high) == pytest.approx((1 - 1.645 * 0.05, 1 + 1.645 * 0.05), abs=1e-3)


@settings(max_examples=50)
@given(st.lists(st.tuples(st.integers(-1, 4), st.integers(-1, 4)), min_size=1, max_size=30))
def test_grouped_codes_are_equal_where_all_columns_are(rows: list[tuple[int, int]]) -> None:
    """And nowhere else; missing values (-1) are a value of their own."""
    one, other = (np.array(column, dtype=np.int64) for column in zip(*rows, strict=True))
    codes = grouped(one, other)
    for i, a in enumerate(rows):
        for j, b in enumerate(rows):
            assert (codes[i] == codes[j]) == (a == b)
