"""Calls that are now and then several times as slow as they mostly are: a kind that stands apart, and no tail."""

from dataclasses import dataclass
from typing import Final

import numpy as np
from scipy import special

from tachograph.measure.inference import Reals, Wholes

_SEVERAL: Final = 3.0  # times what a call mostly takes
_WIDTHS: Final = (np.log(2.0), np.log(4.0))  # of a valley; a narrow one shows more, a wide one fills more seldom
_BEYOND: Final = np.log(1.5)  # where the hump of most calls slopes downwards for sure
_TRIED: Final = 30  # places of a valley


@dataclass(frozen=True, slots=True)
class Valley:
    """From where on calls are of the slow kind, and how likely such a valley is in one hump with a tail."""

    border: float
    p_value: float


def valley(beyond: Reals, cluster: Wholes) -> Valley | None:
    """The surest valley between what calls mostly take and a slow kind; None where none is several times as slow.
    `beyond` is the logarithm of what each took, less that of what it mostly takes.

    In a hump with a tail, however heavy, logarithms get the fewer the further out: of two intervals as wide as each
    other the outer one holds no more. Whether it does is told by the sign test, over clusters that have a call in one
    of the two, for what happens in one execution hangs together; for as many as were tried (Bonferroni).
    """
    order = np.argsort(beyond, kind="stable")
    values, homes = beyond[order], cluster[order]
    first = int(np.searchsorted(values, np.log(_SEVERAL)))
    edges = np.unique(np.linspace(first, len(values) - 1, _TRIED if first < len(values) else 0).astype(np.int64))
    places = [(edge, width) for edge in edges for width in _WIDTHS if values[edge] - width >= _BEYOND - 1e-9]
    found = [_between(values, homes, int(edge), float(width)) for edge, width in places]
    surest = min(found, key=lambda one: one.p_value, default=None)
    return None if surest is None else Valley(surest.border, min(1.0, len(found) * surest.p_value))


def _between(values: Reals, homes: Wholes, edge: int, width: float) -> Valley:
    """The valley that ends at one of the values; that one, which was chosen, counts on no side."""
    low, high = np.searchsorted(values, [values[edge] - width, values[edge] + width])
    inner = np.unique(homes[low:edge])
    outer = np.setdiff1d(homes[edge + 1 : high], homes[edge : edge + 1])
    both = len(np.intersect1d(inner, outer, assume_unique=True))
    more, fewer = len(outer) - both, len(inner) - both
    p_value = float(special.bdtrc(more - 1, more + fewer, 0.5)) if more else 1.0
    return Valley(float(values[edge]) - width / 2, p_value)
