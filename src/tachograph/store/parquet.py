"""The store's tables as Parquet files, one each, written a batch at a time."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import pyarrow as pa
import pyarrow.parquet as pq

from tachograph.records import Window
from tachograph.store import statements
from tachograph.store.database import Store

# What other programs are given as a file each: its name, and the statement behind it.
_PUBLISHED: Final = {
    "spans": statements.TABLE_SPANS,
    "executions": statements.TABLE_EXECUTIONS,
    "evaluations": statements.TABLE_EVALUATIONS,
    "failures": statements.TABLE_FAILURES,
    "agent_performance": statements.TABLE_AGENT_PERFORMANCE,
    "recipe_performance": statements.TABLE_RECIPE_PERFORMANCE,
    "tool_usage": statements.TABLE_TOOL_USAGE,
}


def write_parquet(store: Store, folder: Path, window: Window) -> dict[str, int]:
    """Writes each table to `folder`/NAME.parquet and says how many rows each has; raises OSError.

    A file that was there is replaced once the new one is whole.
    """
    folder.mkdir(parents=True, exist_ok=True)
    return {name: _write(store, query, folder / f"{name}.parquet", window) for name, query in _PUBLISHED.items()}


def _write(store: Store, query: str, file: Path, window: Window) -> int:
    rows = 0
    reader = store.batches(query, since=window.since_ns, until=window.until_ns)
    with _replacing(file) as unfinished, pq.ParquetWriter(unfinished, reader.schema, compression="zstd") as writer:
        for batch in reader:
            rows += batch.num_rows
            writer.write_table(pa.Table.from_batches([batch]))
    return rows


@contextmanager
def _replacing(file: Path) -> Iterator[Path]:
    unfinished = file.with_name(f".{file.name}.unfinished")
    try:
        yield unfinished
        unfinished.replace(file)
    finally:
        unfinished.unlink(missing_ok=True)
