"""What an exposure costs, whatever the form in which it acts, and how much there was to do."""

import numpy as np
import pytest
from columns import column, units

from tachograph.detect.slopes import log_slope, stretch
from tachograph.detect.written import written_around
from tachograph.measure.inference import Reals, interval
from tachograph.records.history import Units

COUNT = 400


def _world(acts: Reals, seed: int = 3) -> tuple[Units, float]:
    """Executions that take `acts` times as long as they would, and the share of their time that this is."""
    chance = np.random.default_rng(seed)
    alone = chance.lognormal(2.0, 0.3, COUNT)
    seen = units({"duration": (alone * acts).tolist()}, {"name": ["index"] * COUNT})
    return seen, 1 - float(np.sum(alone) / np.sum(alone * acts))


def _pressure(seed: int = 5) -> Reals:
    return np.random.default_rng(seed).uniform(0, 1, COUNT)


def _forms(pressure: Reals) -> list[Reals]:
    return [pressure, np.maximum(pressure - 0.5, 0.0)]


@pytest.mark.parametrize("knee", [0.0, 0.5])
def test_the_form_that_fits_is_what_counts(knee: float) -> None:
    """Whether it acts in proportion or from a knee on, the interval holds what it took."""
    pressure = _pressure()
    seen, truth = _world(np.exp(1.5 * np.maximum(pressure - knee, 0.0)))
    found = stretch(seen, _forms(pressure), [])
    assert found is not None
    low, high = interval(found.share)
    assert low <= truth <= high
    assert high - low < 0.12


def test_forms_that_fit_alike_widen_the_interval() -> None:
    """Two forms that nothing tells apart and that say different things: the error is larger than of either alone."""
    chance = np.random.default_rng(1)
    pressure = np.where(chance.random(COUNT) < 0.5, 0.4, 0.9)  # a line fits two points from any origin
    seen, _ = _world(np.exp(0.8 * pressure))
    from_zero, from_calm = pressure, pressure - 0.3
    both = stretch(seen, [from_zero, from_calm], [])
    alone = [stretch(seen, [form], []) for form in (from_zero, from_calm)]
    assert both is not None
    assert all(one is not None and both.share.error > one.share.error for one in alone)


def test_nothing_to_tell_exposures_apart_is_no_answer() -> None:
    """An exposure that never varies says nothing."""
    seen, _ = _world(np.ones(COUNT))
    assert stretch(seen, [np.ones(COUNT)], []) is None


def test_what_was_written_makes_a_slope_surer() -> None:
    """Half of why a call of a tool is long is how much there was to do, which its agent's output tells."""
    chance, pressure = np.random.default_rng(2), _pressure()
    work = chance.lognormal(0, 0.6, COUNT)
    names = [f"agent-{row}" for row in range(COUNT)]
    agents = units({"duration": work.tolist(), "output_tokens": (500 * work).tolist()}, {"span_id": names})
    acts = np.exp(0.7 * pressure) * work * chance.lognormal(0, 0.2, COUNT)
    tools = units({"duration": acts.tolist()}, {"name": ["index"] * COUNT, "parent_id": names})
    plain = log_slope(tools, [pressure])
    knowing = log_slope(tools, [pressure, *written_around(tools, agents)])
    assert plain is not None
    assert knowing is not None
    assert knowing.at(0).error < plain.at(0).error / 2
    assert abs(knowing.at(0).value - 0.7) < 3 * knowing.at(0).error


def test_who_wrote_nothing_tells_nothing() -> None:
    """Without tokens there is no column at all, and calls without a maker count as without any."""
    agents = units({"duration": [1.0, 1.0]})
    tools = units({"duration": [1.0, 2.0]})
    assert written_around(tools, agents) == []
    assert column(["a", "b", "a"]).codes.tolist() == [0, 1, 0]
