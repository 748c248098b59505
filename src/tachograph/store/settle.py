"""Settling: the executions of every trace that got spans, computed from what is stored, block by block."""

from collections.abc import Iterator
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from tachograph.store import statements
from tachograph.store.database import Store
from tachograph.store.settling import executions
from tachograph.store.writer import incoming

_TRACES: Final = 100_000
_SPANS: Final = 200_000


def settle(store: Store) -> None:
    """Compute anew what unsettled traces come to; one that is killed goes on where it was with the next ingest."""
    while True:
        traces = store.arrow(statements.UNSETTLED_TRACES, traces=_TRACES)
        if not traces.num_rows:
            return
        for block in _blocks(traces):
            _settle_block(store, block)


def _blocks(traces: pa.Table) -> Iterator[pa.Table]:
    """Traces in runs of a bounded number of spans, of at least one trace each."""
    spans = np.cumsum(traces["spans"].to_numpy())
    start = 0
    while start < len(spans):
        before = spans[start - 1] if start else 0
        end = max(int(np.searchsorted(spans, before + _SPANS, side="right")), start + 1)
        yield traces.slice(start, end - start)
        start = end


def _settle_block(store: Store, traces: pa.Table) -> None:
    times = {"first_ns": pc.min(traces["first_ns"]).as_py(), "last_ns": pc.max(traces["last_ns"]).as_py()}
    with incoming(store, {"settling_traces": traces}), store.transaction():
        spans = store.arrow(statements.LINEAGE_SPANS, **times)
        settled = executions.settle(spans)
        store.execute(statements.DELETE_EXECUTIONS, **times)
        store.execute(statements.DELETE_ADOPTIONS, **times)
        store.execute(statements.DELETE_FAILURES, **times)
        tables = {
            "incoming_executions": settled.executions,
            "incoming_adoptions": settled.adoptions,
            "incoming_failures": settled.failures,
        }
        with incoming(store, tables):
            store.execute(statements.INSERT_EXECUTIONS)
            store.execute(statements.INSERT_ADOPTIONS)
            store.execute(statements.INSERT_FAILURES)
        store.execute(statements.MARK_SETTLED)
