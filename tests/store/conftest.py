"""A fresh store for each test, and a file to put telemetry into."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tachograph.store import Store, open_store


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """An empty store."""
    with open_store(tmp_path / "store.db") as opened:
        yield opened


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Where to put telemetry."""
    return tmp_path / "spans.jsonl"
