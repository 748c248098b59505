"""Times in which calls were slow, told from calls that were long by chance."""

import numpy as np
from columns import units

from tachograph.detect.detectors.resource_contention import running_at_start, running_meanwhile
from tachograph.detect.spells import spells

HOUR = 3_600.0
CALLS = 600


def _starts(a_day: int = 60) -> list[float]:
    return [86_400.0 * (row // a_day) + 600.0 * (row % a_day) for row in range(CALLS)]


def test_hours_that_were_slow_are_told_by_how_much() -> None:
    """Every third hour calls take four times as long."""
    chance, start = np.random.default_rng(1), np.array(_starts())
    slow = (start // HOUR) % 3 == 0
    times = chance.lognormal(0, 0.3, CALLS) * np.where(slow, 4.0, 1.0)
    found = spells(units({"duration": times.tolist(), "start": start.tolist()}))
    assert found is not None
    assert abs(np.exp(np.median(found.slower[slow])) - 4.0) < 1.0
    assert np.exp(np.median(found.slower[~slow])) < 1.3


def test_long_by_chance_is_no_slow_time() -> None:
    """A tail as heavy as that of answers, at any time."""
    times = np.random.default_rng(2).lognormal(0, 1.0, CALLS)
    found = spells(units({"duration": times.tolist(), "start": _starts()}))
    assert found is not None
    assert np.exp(found.slower).max() < 2.0


def test_what_a_trace_has_in_common_is_no_time() -> None:
    """Ten calls a trace, which are slow or quick together; four traces in ten minutes."""
    chance, trace = np.random.default_rng(3), np.arange(CALLS) // 10
    times = chance.lognormal(0, 1.0, CALLS // 10)[trace] * chance.lognormal(0, 0.3, CALLS)
    start = 150.0 * trace + 10.0 * (np.arange(CALLS) % 10)
    told = {"duration": times.tolist(), "start": start.tolist()}
    found = spells(units(told, {"trace_id": [str(each) for each in trace]}))
    assert found is not None
    assert np.exp(found.slower).max() < 2.0
    assert found.p_value > 0.05


def test_a_place_is_no_time() -> None:
    """By turns for four hours each from one region and the other, from one of which calls take four times as long; or
    all from one of which nobody knows that."""
    slow = np.arange(CALLS) // 24 % 2 == 0
    times = np.random.default_rng(4).lognormal(0, 0.3, CALLS) * np.where(slow, 4.0, 1.0)
    told = {"duration": times.tolist(), "start": _starts()}
    here = spells(units(told, {"region": np.where(slow, "far", "near").tolist()}))
    unknown = spells(units(told))
    assert here is not None
    assert unknown is not None
    assert np.exp(here.slower).max() < 2.0 < np.exp(unknown.slower).max()
    assert unknown.p_value < 0.001


def test_few_calls_are_told_by_day_and_too_few_not_at_all() -> None:
    """Four calls a day are too few for hours; eight calls in all for anything."""
    start = [86_400.0 * (row // 4) + 7_200.0 * (row % 4) for row in range(80)]
    by_day = spells(units({"duration": [1.0] * 80, "start": start}))
    assert by_day is not None
    assert len(np.unique(by_day.code)) == 20
    assert spells(units({"duration": [1.0] * 8, "start": start[:8]})) is None


def test_who_came_later_ran_meanwhile_and_not_at_the_start() -> None:
    """One of ten seconds, another one from its fifth second on for ten."""
    start, end = np.array([0.0, 5.0]), np.array([10.0, 15.0])
    assert running_at_start(start, end).tolist() == [0.0, 1.0]
    assert running_meanwhile(start, end).tolist() == [0.5, 0.5]
