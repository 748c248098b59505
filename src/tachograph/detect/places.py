"""Places that calls are made from: hosts, and the regions and environments that these are in."""

from collections.abc import Iterator
from typing import Final

import numpy as np

from tachograph.detect.contrasts import FEW
from tachograph.detect.in_use import came_later, went
from tachograph.detect.tasks import each
from tachograph.measure.inference import Flags, Wholes, grouped
from tachograph.records.history import MISSING, Units

# The widest first: of those that tell the same calls apart it is the one to name.
COLUMNS: Final = ("region", "environment", "host")
_MOST: Final = 20  # of a kind; where there are more, each run may have a host of its own


def places(calls: Units) -> Iterator[tuple[str, int, Flags]]:
    """The column and code of each place that some traces ran at and some did not, and where its calls are. One that
    came or went is no place but a time."""
    for column in COLUMNS:
        codes = calls.codes(column)
        tried = [code for code, _ in each(codes, FEW)]
        for code in tried if len(tried) <= _MOST else ():
            here = codes == code
            if _enough(calls, here) and not came_later(calls, here) and not went(calls, here):
                yield column, code, here


def at_one_place(calls: Units) -> Wholes:
    """A code for each place, alike for all that ran elsewhere or nobody knows where."""
    kept = [np.full(len(calls), MISSING)]
    for column in COLUMNS:
        codes = [code for name, code, _ in places(calls) if name == column]
        kept.append(np.where(np.isin(calls.codes(column), codes), calls.codes(column), MISSING))
    return grouped(*kept)


def _enough(calls: Units, here: Flags) -> bool:
    """Whether enough traces ran there, and elsewhere."""
    traces = calls.codes("trace_id")
    return min(len(np.unique(traces[here])), len(np.unique(traces[~here]))) >= FEW
