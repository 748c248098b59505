"""Calls that a server refused, or failed at."""

from typing import Final

import numpy as np

from tachograph.records.history import Flags, Units

_TOO_MANY: Final = 429
_SERVER_ERROR: Final = 500  # and above


def was_refused(calls: Units) -> Flags:
    """Which calls ended with 429 or 5xx."""
    status = np.nan_to_num(calls["http_status"])
    return np.asarray((status == _TOO_MANY) | (status >= _SERVER_ERROR))
