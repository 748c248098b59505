"""Time that a worker spends on something beyond what is usual, for the detectors whose loss stands in the spans."""

from collections.abc import Iterator
from typing import Final

import numpy as np

from tachograph.detect.tasks import each
from tachograph.records.history import Units, Wholes

FEW: Final = 8  # executions of a worker, below which nothing is said about it


def by_worker(units: Units, least: int = FEW) -> Iterator[tuple[str, Wholes]]:
    """Each worker's name with its rows."""
    words = units.words["worker"]
    for code, rows in each(words.codes, least):
        yield words.name(code), rows


def shares(units: Units, column: str) -> dict[str, float]:
    """For each worker the share of its time that goes into `column`."""
    return {
        name: float(_total(units, column, rows) / max(_total(units, "duration", rows), 1e-12))
        for name, rows in by_worker(units)
    }


def usual(of_all: dict[str, float], worker: str) -> float:
    """The share that is usual among the other workers: their median, 0 where there is no other."""
    others = [share for name, share in of_all.items() if name != worker]
    return float(np.median(others)) if others else 0.0


def _total(units: Units, column: str, rows: Wholes) -> float:
    return float(np.sum(np.nan_to_num(units[column][rows]) * units["weight"][rows]))
