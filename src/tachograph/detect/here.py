"""What a worker does on its own host: models, and tools beyond a network, work elsewhere."""

from typing import Final

import numpy as np

from tachograph.detect.workers import summed
from tachograph.records.history import Reals, Units

PRESSURES: Final = ("cpu_pressure", "memory_pressure", "cpu_steal")  # what the host may be short of
_LEAST: Final = 0.01  # of its time that any worker spends here


def seconds_here(workers: Units, tools: Units) -> Reals:
    """Seconds of each worker that neither a model took nor a tool beyond a network; calls at once count one by one."""
    beyond = tools.take(tools.codes("server") >= 0)
    elsewhere = np.nan_to_num(workers["model_time"]) + summed(workers, beyond, beyond["duration"])
    return np.asarray(np.maximum(workers["duration"] - elsewhere, _LEAST * workers["duration"]))
