"""What a worker does on its own host: models, and tools beyond a network, work elsewhere."""

from typing import Final

import numpy as np

from tachograph.detect.workers import home
from tachograph.records.history import Reals, Units

_LEAST: Final = 0.01  # of its time that any worker spends here


def seconds_here(workers: Units, tools: Units) -> Reals:
    """Seconds of each worker that neither a model took nor a tool beyond a network; calls at once count one by one."""
    beyond = tools.take(tools.codes("server") >= 0)
    at = home(workers, beyond)
    inside = at >= 0
    elsewhere = np.nan_to_num(workers["model_time"]) + np.bincount(
        at[inside], beyond["duration"][inside], minlength=len(workers)
    )
    return np.asarray(np.maximum(workers["duration"] - elsewhere, _LEAST * workers["duration"]))
