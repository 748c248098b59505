"""One trace as it was stored, found by its id or the beginning of it."""

import json
from typing import Any

from tachograph.store import statements
from tachograph.store.database import Store
from tachograph.store.errors import TraceAmbiguous, TraceUnknown
from tachograph.store.records import StoredSpan


def read_trace(store: Store, trace_id: str) -> list[StoredSpan]:
    """The spans of a trace in order of time; TraceUnknown or TraceAmbiguous where the id does not tell one."""
    found = _found(store, trace_id.strip().lower())
    return [_span(row) for row in store.query(statements.SPANS_OF_TRACE, **found)]


def _found(store: Store, prefix: str) -> dict[str, Any]:
    # "g" comes after every hex digit, so the range holds exactly what begins with the prefix.
    found = store.query(statements.FIND_TRACES, low=prefix, high=f"{prefix}g")
    if not found:
        raise TraceUnknown(f"no stored trace has the id {prefix!r}; `tachograph ingest` reads new telemetry")
    if len(found) > 1:
        some = ", ".join(row["trace_id"] for row in found[:3])
        raise TraceAmbiguous(f"more than one trace begins with {prefix!r} ({some}, …); give more digits")
    return found[0]


def _span(row: dict[str, Any]) -> StoredSpan:
    parts = {name: json.loads(row[name]) for name in ("attributes", "resource")}
    lists = {name: json.loads(row[name] or "[]") for name in ("events", "links")}
    return StoredSpan(**{**row, **parts, **lists})
