"""Steps of one execution that now begin together and now do not."""

from collections.abc import Iterator
from itertools import permutations
from typing import Final

import numpy as np

from tachograph.detect.tasks import each
from tachograph.records.history import MISSING, Flags, Units, Wholes

_MOST: Final = 12  # steps of a recipe; pairs of more are too many to compare
_AT_ONCE: Final = 0.1  # of what a step takes, by which two may begin apart

Pair = tuple[str, str, Wholes, Flags]


def pairs(steps: Units, least: int) -> Iterator[Pair]:
    """Each step and another one of its recipe, the rows of the first where both ran, and whether they began together;
    where enough did and enough did not. Whether they overlap is no question: what takes longer overlaps with more."""
    for _, rows in each(steps.codes("recipe_name"), 2 * least):
        here = steps.take(rows)
        names = [code for code, of in each(here.codes("name"), 2 * least)]
        for one, other in permutations(names[:_MOST], 2) if len(names) <= _MOST else ():
            mine, partner = _matched(here, one, other)
            together = _together(here, mine, partner)
            if min(int(together.sum()), int((~together).sum())) >= least:
                words = here.words["name"]
                yield words.name(one), words.name(other), rows[mine], together


def _matched(here: Units, one: int, other: int) -> tuple[Wholes, Wholes]:
    """The first row of each step in every execution that ran both."""
    home, name = here.codes("recipe_span_id"), here.codes("name")
    places = [np.flatnonzero((name == code) & (home != MISSING)) for code in (one, other)]
    firsts = [place[np.unique(home[place], return_index=True)[1]] for place in places]
    _, mine, partner = np.intersect1d(home[firsts[0]], home[firsts[1]], return_indices=True)
    return firsts[0][mine], firsts[1][partner]


def _together(here: Units, mine: Wholes, partner: Wholes) -> Flags:
    """Whether two steps began at once, as seen beside what they mostly take."""
    if not len(mine):
        return np.zeros(0, dtype=np.bool_)
    usual = min(float(np.median(here["duration"][rows])) for rows in (mine, partner))
    return np.asarray(np.abs(here["start"][mine] - here["start"][partner]) <= _AT_ONCE * usual)
