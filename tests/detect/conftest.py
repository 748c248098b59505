"""What tests of detectors share: telemetry in a real store, judged."""

from collections.abc import Callable
from pathlib import Path
from tempfile import mkdtemp

import pytest
from workshop import Story, told

from tachograph.detect import Findings, judge
from tachograph.measure.history import gathered
from tachograph.records import Window
from tachograph.store import ingest, open_store

ALL = Window(0, 2**63 - 1)
Judge = Callable[..., Findings]


@pytest.fixture
def judged(tmp_path: Path) -> Judge:
    """Ingests the executions of a story and judges them."""

    def made(story: Story, executions: int = 150, apart: float = 600.0, seed: int = 7) -> Findings:
        home = Path(mkdtemp(dir=tmp_path))  # each story has a store of its own
        file = home / "told.jsonl"
        file.write_bytes(b"\n".join(told(story, executions, apart=apart, seed=seed)))
        with open_store(home / "told.duckdb") as store:
            assert ingest(store, [file]).rejected == 0
            return judge(*gathered(store, ALL))

    return made
