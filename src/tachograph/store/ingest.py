"""Reading telemetry into a store; what it needs for that is imported when it is called, not before."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Literal

from tachograph.store.database import Store
from tachograph.store.errors import StoreError
from tachograph.store.records import IngestResult


def ingest(
    store: Store,
    paths: Sequence[Path | Literal["-"]],
    *,
    progress: Callable[[int, int], None] | None = None,
    prices: Path | None = None,
) -> IngestResult:
    """Store the telemetry in files, folders and standard input ("-"), each span once; reading twice adds nothing.

    `progress` is told bytes done and bytes in total now and then; `prices` is a file of one's own prices, whose change
    changes what is in the store already. Raises PathUnreadable for a path that is missing or may not be read,
    PricesUnreadable for such a file, StoreError for a store that was opened to be read only.
    """
    if store.read_only:
        raise StoreError(f"the store {store.path} was opened to be read only; open it for writing to ingest")
    from tachograph.store import pipeline

    return pipeline.run(store, paths, progress, prices)
