"""Which of several stand out above all the others, given how much these differ among each other."""

from collections.abc import Mapping
from typing import Final

import numpy as np
from scipy import special

_ODD: Final = 0.05


def standing_out(level: Mapping[int, float]) -> list[int]:
    """Those whose level is above what the others' let expect of one more: a new value against a sample (Student's t),
    at one in twenty for all together (Bonferroni). Of two none is, for one other has no spread."""
    found = []
    for code, mine in level.items():
        others = np.array([value for other, value in level.items() if other != code])
        if len(others) > 1:
            reach = float(special.stdtrit(len(others) - 1, 1 - _ODD / len(level))) * np.sqrt(1 + 1 / len(others))
            found += [code] if mine - others.mean() > reach * others.std(ddof=1) else []
    return found
