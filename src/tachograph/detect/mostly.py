"""What most of a group take, and how far they spread, though nearly half of it may be something else."""

from typing import Final

import numpy as np

from tachograph.measure.inference import Reals

_NORMAL: Final = 1.4826  # standard deviations in the median absolute deviation of a normal distribution
_FEW: Final = 5.0  # by which few values make the shortest half too short (Rousseeuw and Leroy 1987, section 5.1)
_BEYOND: Final = 3.0  # spreads, beyond which a value is taken for something else


def mostly(values: Reals) -> tuple[float, float]:
    """The centre and the standard deviation of the larger part of some values, as of a normal distribution.

    A median is dragged along long before half of the values lie apart. The shortest half of them lies where most are,
    and says which belong to them (least median of squares); the centre and the spread of these are then told by median
    and absolute deviations, which are surer. Of two halves as short as each other the lower one counts.
    """
    ordered = np.sort(values)
    size = len(ordered) // 2 + 1
    lengths = ordered[size - 1 :] - ordered[: len(ordered) - size + 1]
    first = int(np.argmin(lengths))
    centre = (ordered[first] + ordered[first + size - 1]) / 2
    spread = _NORMAL * float(lengths[first]) / 2 * (1 + _FEW / max(len(ordered) - 1, 1))
    most = ordered[np.abs(ordered - centre) <= _BEYOND * spread + 1e-12]
    middle = float(np.median(most))
    return middle, _NORMAL * float(np.median(np.abs(most - middle)))
