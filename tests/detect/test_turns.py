"""The day from which on something is worse, told from days that were worse by chance."""

import numpy as np

from tachograph.detect.turns import Turn, by_chance, turn

DAY = 86_400.0
DAYS, A_DAY = 40, 6


def _found(seed: int, rises: float, *, alike: float = 0.3, days: int = DAYS) -> Turn | None:
    """Days each of which is like the one before by `alike`; from the 25th on higher by `rises` spreads of a value."""
    chance = np.random.default_rng(seed)
    level = np.zeros(days)
    for day in range(1, days):
        level[day] = alike * level[day - 1] + 0.3 * chance.normal()
    day = np.repeat(np.arange(days), A_DAY)
    values = chance.normal(size=len(day)) + level[day] + rises * (day >= 25)
    return turn(values, np.ones(len(day)), day * DAY + 3_600.0)


def test_the_day_is_found() -> None:
    """To a day, and far from chance."""
    for seed in range(5):
        found = _found(seed, 1.5)
        assert found is not None
        assert abs(found.since - 25 * DAY) <= DAY
        assert by_chance(found) < 0.01


def test_days_that_are_alike_by_chance_seldom_look_like_one() -> None:
    """At 5 % about every twentieth series."""
    clear = [by_chance(found) < 0.05 for seed in range(80) if (found := _found(seed, 0.0))]
    assert len(clear) == 80
    assert sum(clear) <= 9


def test_what_got_better_is_none() -> None:
    """Only a rise counts."""
    found = _found(1, -1.5)
    assert found is not None
    assert by_chance(found) > 0.2


def test_too_few_days_tell_nothing() -> None:
    """A week shows no change that lasts."""
    assert _found(1, 1.5, days=7) is None


def test_days_without_anything_in_them_are_no_days() -> None:
    """Work on every third day."""
    day = 3 * np.repeat(np.arange(DAYS), A_DAY)
    found = turn(np.where(day >= 60, 1.0, 0.0), np.ones(len(day)), day * DAY)
    assert found is not None
    assert found.since == 60 * DAY
    assert len(found.sums) == DAYS
