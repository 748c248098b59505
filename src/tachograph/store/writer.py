"""Parsed blocks into the store, many at a time: spans once each, the ledger in the same transaction."""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from tachograph import vocabulary as v
from tachograph.semantics import roles
from tachograph.semantics.coding_agents import SPANS
from tachograph.store import ledger, statements
from tachograph.store.database import Store
from tachograph.store.ledger import Entry
from tachograph.store.parsing import columns, identity
from tachograph.store.parsing.parse import Parsed

# A transaction, as measured: twice as large is no faster and takes more memory, and from a whole row group on
# (122,880 rows) the database writes at once and leaves its file half empty.
_ROWS: Final = 65_536
_BYTES: Final = 96 << 20
_REASONS: Final = 20
_TURNS: Final = pa.array(sorted(name for name, words in SPANS.items() if v.INVOKE_AGENT in words.says.values()))
_EXECUTIONS: Final = pa.array(sorted(roles.EXECUTIONS))


@dataclass(slots=True)
class Totals:
    """What has come to stand in the store so far."""

    spans: int = 0
    executions: int = 0
    duplicates: int = 0
    rejected: int = 0
    skipped_metrics: int = 0
    logs: int = 0


class Writer:
    """Collects what blocks hold and stores it group by group."""

    def __init__(self, store: Store) -> None:
        self.totals = Totals()
        self.reasons: list[str] = []
        self._store = store
        self._spans: list[pa.Table] = []
        self._logs: list[pa.Table] = []
        self._started: list[pa.Table] = []
        self._rejected: list[tuple[Any, ...]] = []
        self._entries: dict[str, Entry] = {}
        self._reread: dict[str, int] = {}
        self._rows = self._bytes = 0

    def read_again(self, entry: Entry) -> None:
        """A file is read on from where `entry` ends: what was rejected beyond it will be met again."""
        self._reread[entry.path] = entry.end_offset

    def reached(self, entry: Entry) -> None:
        """A file is read up to where `entry` says, once what was added is stored."""
        self._entries[entry.path] = entry
        if self._rows >= _ROWS or self._bytes >= _BYTES:
            self.flush()

    def add(self, label: str, key: str, parsed: Parsed) -> None:
        """What a block of the file `key`, which the user calls `label`, holds."""
        self._spans.append(parsed.spans)
        self._logs.append(parsed.logs)
        self._started.append(parsed.started)
        self._rows += parsed.spans.num_rows + parsed.logs.num_rows
        self._bytes += parsed.spans.nbytes + parsed.logs.nbytes
        self.totals.skipped_metrics += parsed.skipped_metrics
        self.totals.rejected += len(parsed.rejected)
        for piece in parsed.rejected:
            self._rejected.append((key, piece.line, piece.byte_offset, piece.reason, piece.content))
            self._bytes += len(piece.content)
            if len(self.reasons) < _REASONS:
                self.reasons.append(f"{label}:{piece.line}: {piece.reason}")

    def flush(self) -> None:
        """Store what was collected, all of it or nothing."""
        spans, logs = _together(self._spans, columns.SPANS), _together(self._logs, columns.LOGS)
        with self._store.transaction():
            self._store_spans(spans)
            self._store_logs(logs)
            self._store_started(_together(self._started, columns.SPANS))
            self._store_rejected()
            for entry in self._entries.values():
                ledger.record(self._store, entry)
        self._spans, self._logs, self._started, self._rejected = [], [], [], []
        self._entries, self._reread = {}, {}
        self._rows = self._bytes = 0

    def _store_spans(self, spans: pa.Table) -> None:
        fresh = self._fresh_spans(spans)
        self.totals.duplicates += spans.num_rows - fresh.num_rows
        if not fresh.num_rows:
            return
        self.totals.spans += fresh.num_rows
        self.totals.executions += pc.sum(pc.is_in(fresh["role"], _EXECUTIONS)).as_py()
        self._insert(statements.INSERT_SPANS, "incoming_spans", fresh)
        self._insert_arrivals(_arrivals(fresh))
        self._unsettle_told(fresh)

    def _unsettle_told(self, fresh: pa.Table) -> None:
        """Turns that were told of without spans are no executions of their own once spans of their session come."""
        whole = fresh.filter(pc.and_(pc.is_in(fresh["name"], _TURNS), pc.is_null(fresh["told_by"])))
        sessions = pc.unique(whole["session_id"]).drop_null().to_pylist()
        if sessions:
            traces = pa.table({"trace_id": [identity.trace_id(session) for session in sessions]})
            with incoming(self._store, {"incoming_arrivals": traces}):
                self._store.execute(statements.INSERT_TOLD_UNSETTLED)

    def _insert_arrivals(self, arrivals: pa.Table) -> None:
        with incoming(self._store, {"incoming_arrivals": arrivals}):
            self._store.execute(statements.INSERT_ARRIVALS)
            self._store.execute(statements.INSERT_UNSETTLED)

    def _fresh_spans(self, spans: pa.Table) -> pa.Table:
        spans = _distinct(spans, ["span_id", "trace_id"])
        with incoming(self._store, {"incoming_arrivals": _arrivals(spans)}):
            known = self._store.query(statements.KNOWN_RANGE)[0]
        # Only spans of a trace that is known can be known, and only in the time its spans are from.
        if not spans.num_rows or known["first_ns"] is None:
            return spans
        keys = spans.select(["trace_id", "span_id"])
        return self._without_known(spans, keys, "incoming_keys", statements.KNOWN_SPANS, known)

    def _store_logs(self, logs: pa.Table) -> None:
        if not logs.num_rows:
            return
        logs = _distinct(logs, ["digest"])
        bounds = pc.min_max(logs["time_ns"]).as_py()
        times = {"first_ns": bounds["min"], "last_ns": bounds["max"]}
        keys = logs.select(["digest"])
        fresh = self._without_known(logs, keys, "incoming_log_keys", statements.KNOWN_LOGS, times)
        self.totals.logs += fresh.num_rows
        self._insert(statements.INSERT_LOGS, "incoming_logs", fresh)
        # A review may come long after the spans that it is about.
        reviews = fresh.filter(pc.equal(fresh["event_name"], v.EVALUATION_RESULT))
        with incoming(self._store, {"incoming_arrivals": reviews.select(["trace_id"]).drop_null()}):
            self._store.execute(statements.INSERT_UNSETTLED)

    def _store_started(self, started: pa.Table) -> None:
        """Announced spans; their traces are settled again, for the spans may be missing."""
        if started.num_rows:
            # A subagent's own file does not say what it is called, and counts only where nothing else tells of it.
            started = _distinct(started.sort_by("told_by"), ["span_id", "trace_id"])
            self._count_told(started)
            self._insert(statements.INSERT_STARTED, "incoming_started", started)
            self._insert_arrivals(_arrivals(started))

    def _count_told(self, started: pa.Table) -> None:
        """What was only announced counts once it is stored; a turn of which nobody else tells is stored so."""
        told = started.filter(pc.is_valid(started["told_by"]))
        if not told.num_rows:
            return
        turns = told.filter(pc.equal(told["role"], roles.AGENT))
        with incoming(self._store, {"incoming_started": turns}):
            known = self._store.query(statements.KNOWN_STARTED)[0]["known"]
        with incoming(self._store, {"incoming_started": told}):
            self._store.execute(statements.FORGET_TOLD)
        self.totals.spans += turns.num_rows - known
        self.totals.executions += turns.num_rows - known
        self.totals.duplicates += known

    def _without_known(
        self, rows: pa.Table, keys: pa.Table, view: str, statement: str, times: Mapping[str, int]
    ) -> pa.Table:
        keys = keys.append_column("position", pa.array(np.arange(len(keys))))
        with incoming(self._store, {view: keys}):
            known = self._store.arrow(statement, **times)["position"]
        return _without(rows, known.to_numpy()) if len(known) else rows

    def _store_rejected(self) -> None:
        for key, offset in self._reread.items():
            self._store.execute(statements.FORGET_REJECTED, file=key, byte_offset=offset)
        if self._rejected:
            rejected = columns.to_table(self._rejected, columns.REJECTED)
            self._insert(statements.INSERT_REJECTED, "incoming_rejected", rejected)

    def _insert(self, statement: str, view: str, rows: pa.Table) -> None:
        with incoming(self._store, {view: rows}):
            self._store.execute(statement)


@contextmanager
def incoming(store: Store, tables: Mapping[str, pa.Table]) -> Iterator[None]:
    """Arrow tables as tables that statements can read, without a copy."""
    for name, table in tables.items():
        store.connection.register(name, table)
    try:
        yield
    finally:
        for name in tables:
            store.connection.unregister(name)


def _together(tables: Iterable[pa.Table], schema: pa.Schema) -> pa.Table:
    return pa.concat_tables([schema.empty_table(), *tables])


def _arrivals(spans: pa.Table) -> pa.Table:
    """For each trace how many spans of it there are and when they start."""
    groups = spans.select(["trace_id", "start_ns"]).group_by("trace_id")
    found = groups.aggregate([("start_ns", "min"), ("start_ns", "max"), ("start_ns", "count")])
    return found.rename_columns({"start_ns_min": "first_ns", "start_ns_max": "last_ns", "start_ns_count": "spans"})


def _distinct(rows: pa.Table, key: list[str]) -> pa.Table:
    """The rows without those whose key came before; cheap where the key's first column is enough to tell."""
    if pc.count_distinct(rows[key[0]]).as_py() == rows.num_rows:
        return rows
    numbered = rows.select(key).append_column("position", pa.array(np.arange(len(rows))))
    first = numbered.group_by(key).aggregate([("position", "min")])["position_min"]
    return rows.take(first.combine_chunks().sort())


def _without(rows: pa.Table, positions: Any) -> pa.Table:
    keep = np.ones(len(rows), dtype=np.bool_)
    keep[positions] = False
    return rows.filter(pa.array(keep))
