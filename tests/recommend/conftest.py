"""What tests of recommendations share: stories of the detectors' tests, in a real store, judged and answered."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from simulated import history, recipes
from stories import Case
from workshop import told

from tachograph.detect import Findings, judge
from tachograph.measure.history import gathered
from tachograph.recommend import Material, recommend
from tachograph.records import PerformanceRecommendation, Window
from tachograph.records.history import History
from tachograph.store import ingest, open_store

ALL = Window(0, 2**63 - 1)


@pytest.fixture
def empty() -> History:
    """A history of nothing."""
    return history(recipes([("ship", 0.0, 1.0, "simple")]).take(np.zeros(0, dtype=np.int64)))


@pytest.fixture
def answered(tmp_path: Path) -> Callable[[Case], tuple[Findings, list[PerformanceRecommendation]]]:
    """Ingests the executions of a story, judges them and recommends."""

    def made(case: Case) -> tuple[Findings, list[PerformanceRecommendation]]:
        file = tmp_path / "story.jsonl"
        file.write_bytes(b"\n".join(told(case.story, apart=case.apart)))
        with open_store(tmp_path / "story.duckdb") as store:
            assert ingest(store, [file]).rejected == 0
            seen, runs = gathered(store, ALL)
        found = judge(seen, runs)
        return found, recommend(Material(found.bottlenecks, seen, runs))

    return made
