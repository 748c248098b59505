"""The store: telemetry in, executions and spans out; the only place that speaks SQL."""

from tachograph.store.database import Store, open_store
from tachograph.store.errors import (
    PathUnreadable,
    PricesUnreadable,
    ReaderLost,
    StoreBroken,
    StoreBusy,
    StoreError,
    StoreMissing,
    TraceAmbiguous,
    TraceUnknown,
    UnknownStore,
)
from tachograph.store.ingest import ingest
from tachograph.store.ledger import unread
from tachograph.store.records import IngestResult, StoredSpan
from tachograph.store.traces import read_trace

__all__ = [
    "IngestResult",
    "PathUnreadable",
    "PricesUnreadable",
    "ReaderLost",
    "Store",
    "StoreBroken",
    "StoreBusy",
    "StoreError",
    "StoreMissing",
    "StoredSpan",
    "TraceAmbiguous",
    "TraceUnknown",
    "UnknownStore",
    "ingest",
    "open_store",
    "read_trace",
    "unread",
]
