"""When something got worse and stayed so: the day from which on values are higher, and how likely chance makes one."""

from dataclasses import dataclass
from functools import lru_cache
from typing import Final

import numpy as np

from tachograph.measure.inference import Reals, Wholes

_DAY: Final = 86_400.0  # seconds
_LEAST: Final = 12  # days with something in them; of fewer no two spells can be told apart
_EDGE: Final = 3  # days before it, and after it
# A spell is so many times the cube root of all days long: two days of a month. Longer ones leave so few orders that a
# month shows nothing. With these one sound series in ten is clear at 5 % where days are alike by 0.6, one in 16 at 0.3.
_LONG: Final = 0.7
_ORDERS: Final = (1_000, 20_000)  # the second ones only where the first show something
_PROMISING: Final = 0.01
_CELLS: Final = 2_000_000  # days of all orders together; a year leaves five thousand orders
# Days that are alike by a half show what is as clear as one in a hundred two to three times as often.
_FLATTERED: Final = 3.0
_SEED: Final = 1  # the same data, the same answer


@dataclass(frozen=True, slots=True)
class Turn:
    """The first second of the day from which on values are higher, and by how much, standardised. `sums` and `sizes`
    are those of the days, `spell` numbers for each value the run of days that hang together."""

    since: float
    height: float
    sums: Reals
    sizes: Reals
    spell: Wholes


def turn(values: Reals, weight: Reals, start: Reals) -> Turn | None:
    """The day before and after which the means of `values` differ most, the later ones being higher; None where there
    are too few days (CUSUM: Page 1954; Csorgo and Horvath 1997)."""
    days, day = np.unique(start // _DAY, return_inverse=True)
    if len(days) < _LEAST:
        return None
    sums, sizes = (np.bincount(day, each).astype(np.float64) for each in (weight * values, weight))
    steps = _steps(sums[None], sizes[None])[0]
    at = int(np.argmax(steps))
    spell = np.asarray(day // _together(len(days)), dtype=np.int64).reshape(-1)
    return Turn(float(days[_EDGE + at] * _DAY), float(steps[at]), sums, sizes, spell)


def by_chance(found: Turn) -> float:
    """How likely as clear a turn is where nothing changed: how often the same days in other orders show one.

    Days that follow each other are alike, and so are kept together in spells (Kirch 2007, "Block permutation principles
    for the change analysis of dependent data"); what spells of two days still leave out is a factor, as measured.
    """
    share = 1.0
    for wanted in _ORDERS:
        number = min(wanted, _CELLS // len(found.sums))
        orders = _orders(len(found.sums), number)
        chance = _steps(found.sums[orders], found.sizes[orders]).max(axis=1)
        share = float((1 + np.sum(chance >= found.height)) / (1 + number))
        if share > _PROMISING:
            break
    return min(1.0, _FLATTERED * share)


def _steps(sums: Reals, sizes: Reals) -> Reals:
    """For each order of days (a row) how far, standardised, what comes after each day lies above what comes before."""
    before, count = (np.cumsum(each, axis=1)[:, _EDGE - 1 : -_EDGE] for each in (sums, sizes))
    all_sums, whole = sums.sum(axis=1, keepdims=True), sizes.sum(axis=1, keepdims=True)
    after = whole - count
    apart = (all_sums - before) / after - before / count
    return np.asarray(apart * np.sqrt(count * after / whole))


def _together(days: int) -> int:
    """How many days hang together."""
    return int(np.rint(_LONG * np.cbrt(days)))


@lru_cache(maxsize=2)
def _orders(days: int, number: int) -> Wholes:
    """Orders of spells that begin on any day: the last one goes on with the first days."""
    chance = np.random.default_rng(_SEED)
    spells = np.arange(days) // _together(days)
    keys = chance.random((number, int(spells[-1]) + 1))[:, spells]
    order = np.argsort(keys, axis=1, kind="stable")
    return np.asarray((order + chance.integers(days, size=(number, 1))) % days)
