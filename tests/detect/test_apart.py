"""A slow kind of calls, told from a tail."""

from collections.abc import Callable

import numpy as np
import pytest
from numpy.random import Generator

from tachograph.detect.apart import valley
from tachograph.detect.mostly import mostly
from tachograph.measure.inference import Reals

TAILS: dict[str, Callable[[Generator, int], Reals]] = {
    "normal": lambda chance, rows: chance.normal(0, 1, rows),
    "pareto": lambda chance, rows: np.log1p(chance.pareto(1.1, rows)),
    "gamma": lambda chance, rows: np.log(chance.gamma(0.5, 1, rows)),
    "flat": lambda chance, rows: chance.uniform(0, 4, rows),
    "student": lambda chance, rows: 0.4 * chance.standard_t(2, rows),
}


def _beyond(values: Reals) -> Reals:
    return values - mostly(values)[0]


@pytest.mark.parametrize("rows", [50, 400])
@pytest.mark.parametrize("tail", TAILS)
def test_a_tail_is_no_kind(tail: str, rows: int) -> None:
    """However heavy, it is seldom told: of a hundred at most five at one in twenty."""
    chance = np.random.default_rng(1)
    found = [valley(_beyond(TAILS[tail](chance, rows)), np.arange(rows)) for _ in range(100)]
    assert sum(one is not None and one.p_value < 0.05 for one in found) <= 5


@pytest.mark.parametrize("share", [0.15, 0.3, 0.45])
def test_a_slow_kind_is_told_with_its_border(share: float) -> None:
    """Ten times as slow, whatever part of the calls it is: hardly any call is counted on the wrong side."""
    chance = np.random.default_rng(2)
    is_slow = chance.random(200) < share
    beyond = _beyond(chance.normal(0, 0.3, 200) + np.log(10) * is_slow)
    found = valley(beyond, np.arange(200))
    assert found is not None
    assert found.p_value < 0.001
    assert np.mean((beyond >= found.border) != is_slow) < 0.01


def test_what_happens_in_one_execution_is_seen_once() -> None:
    """Three executions of twenty slow calls each are three cases, not sixty."""
    beyond = np.concatenate([np.zeros(60), np.full(60, 3.0) + np.linspace(0, 0.1, 60)])
    together = np.concatenate([np.arange(60), 100 + np.arange(60) // 20])
    found = valley(beyond, together)
    assert found is None or found.p_value > 0.05
    apart = valley(beyond, np.arange(120))
    assert apart is not None
    assert apart.p_value < 0.001


def test_twice_as_slow_is_not_several_times() -> None:
    """Two humps near each other may be two kinds of work."""
    beyond = np.concatenate([np.linspace(-0.1, 0.1, 60), np.linspace(0.6, 0.8, 40)])
    assert valley(beyond, np.arange(100)) is None
