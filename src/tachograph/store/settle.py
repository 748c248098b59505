"""Settling: the executions of every trace that got spans, computed from what is stored, block by block."""

import json
from collections.abc import Iterator
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from tachograph import liveness
from tachograph import vocabulary as v
from tachograph.store import prices, statements
from tachograph.store.database import Store
from tachograph.store.pricing import Book
from tachograph.store.settling import executions
from tachograph.store.writer import incoming

_TRACES: Final = 100_000
_SPANS: Final = 200_000


def settle(store: Store, book: Book) -> None:
    """Compute anew what unsettled traces come to, at the prices of `book`; those whose prices changed among them.

    One that is killed goes on where it was with the next ingest.
    """
    prices.refresh(store, book)
    running: set[str] = set()
    while (traces := store.arrow(statements.UNSETTLED_TRACES, traces=_TRACES)).num_rows:
        for block in _blocks(traces):
            running |= _settle_block(store, book, block)
    # What still runs has to be looked at again: it may be killed without another word.
    with incoming(store, {"incoming_arrivals": pa.table({"trace_id": pa.array(sorted(running), pa.string())})}):
        store.execute(statements.INSERT_UNSETTLED)


def _blocks(traces: pa.Table) -> Iterator[pa.Table]:
    """Traces in runs of a bounded number of spans, of at least one trace each."""
    spans = np.cumsum(traces["spans"].to_numpy())
    start = 0
    while start < len(spans):
        before = spans[start - 1] if start else 0
        end = max(int(np.searchsorted(spans, before + _SPANS, side="right")), start + 1)
        yield traces.slice(start, end - start)
        start = end


def _settle_block(store: Store, book: Book, traces: pa.Table) -> set[str]:
    """Settle these traces; those of them in which something still runs."""
    times = {"first_ns": pc.min(traces["first_ns"]).as_py(), "last_ns": pc.max(traces["last_ns"]).as_py()}
    with incoming(store, {"settling_traces": traces}), store.transaction():
        running = _note_killed(store, times)
        prices.look_up(store, book, times)
        spans = store.arrow(statements.LINEAGE_SPANS, **times)
        settled = executions.settle(spans)
        store.execute(statements.DELETE_EXECUTIONS, **times)
        store.execute(statements.DELETE_ADOPTIONS, **times)
        store.execute(statements.DELETE_FAILURES, **times)
        store.execute(statements.DELETE_SPENDING, **times)
        tables = {
            "incoming_executions": settled.executions,
            "incoming_adoptions": settled.adoptions,
            "incoming_failures": settled.failures,
            "incoming_spending": settled.spending,
        }
        with incoming(store, tables):
            store.execute(statements.INSERT_EXECUTIONS)
            store.execute(statements.INSERT_ADOPTIONS)
            store.execute(statements.INSERT_FAILURES)
            store.execute(statements.INSERT_SPENDING)
        store.execute(statements.DELETE_EVALUATIONS, **times)
        store.execute(statements.INSERT_EVALUATIONS, **times)
        store.execute(statements.MARK_SETTLED)
    return running


def _note_killed(store: Store, times: dict[str, int]) -> set[str]:
    """Take down which announced executions will never end, for their process is gone; the traces of the others."""
    store.execute(statements.DELETE_KILLED, **times)
    missing = store.query(statements.STARTED_ONLY, **times)
    running = [row for row in missing if _is_running(row)]
    gone = [row for row in missing if row not in running]
    killed = pa.table({name: pa.array([row[name] for row in gone], pa.string()) for name in ("trace_id", "span_id")})
    with incoming(store, {"incoming_killed": killed}):
        store.execute(statements.INSERT_KILLED, **times)
    if store.query(statements.TOLD_TURNS, **times)[0]["turns"]:
        store.execute(statements.INSERT_TURNS, **times)
    return {row["trace_id"] for row in running}


def _is_running(started: dict[str, str]) -> bool:
    return liveness.is_running(str(json.loads(started["attributes"]).get(v.PROCESS_KEY, "")))
