"""A block of lines made into rows: what can be stored, and what cannot with the reason why."""

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any, Final

import msgspec
import pyarrow as pa

from tachograph import vocabulary as v
from tachograph.semantics import roles
from tachograph.store.parsing import columns, told, wire
from tachograph.store.parsing.blocks import BLOCK_BYTES, KEPT_BYTES, Block
from tachograph.store.parsing.facts import Origin, Row, log_row, span_row, started_row

# Rows become an Arrow table before they are many, for as Python objects they take several times the room.
_ROWS: Final = 16_384
_ORIGINS: Final = 1_024
_STARTED: Final = v.EXECUTION_STARTED.encode()
_BEGINNING: Final = re.compile(rb'\{"resource(?:Spans|Logs|Metrics)":')
_MARK: Final = b"\xef\xbb\xbf"
# Whatever a malformed line or span can raise: wrong JSON or types, wrong values, too deep a nesting.
_MALFORMED: Final = (msgspec.MsgspecError, ValueError, OverflowError, RecursionError)


class Rejected(msgspec.Struct, frozen=True):
    """A line, span or log record that cannot be stored."""

    line: int
    byte_offset: int
    reason: str
    content: bytes


@dataclass(slots=True)
class Parsed:
    """What a block holds. `unfinished` is the size of a last line that was cut off and should be read again."""

    spans: pa.Table
    logs: pa.Table
    started: pa.Table  # spans that log records announced, which may never come
    rejected: list[Rejected]
    skipped_metrics: int = 0
    unfinished: int = 0

    @property
    def told_spans(self) -> int:
        """Spans, and turns that nothing but log events or session files tell of."""
        turns = zip(self.started["told_by"].to_pylist(), self.started["role"].to_pylist(), strict=True)
        return int(self.spans.num_rows + sum(told_by is not None and role == roles.AGENT for told_by, role in turns))


def parse(block: Block) -> Parsed:
    """Everything in a block; never raises for what stands in it."""
    return _Parser(block).run()


@dataclass(slots=True)
class _Rows:
    """Rows on their way to a table."""

    schema: pa.Schema
    tables: list[pa.Table] = field(default_factory=list)
    rows: list[Row] = field(default_factory=list)

    def add(self, row: Row) -> None:
        self.rows.append(row)
        if len(self.rows) >= _ROWS:
            self._convert()

    def table(self) -> pa.Table:
        self._convert()
        return pa.concat_tables(self.tables)

    def _convert(self) -> None:
        self.tables.append(columns.to_table(self.rows, self.schema))
        self.rows = []


class _Parser:
    def __init__(self, block: Block) -> None:
        self._block = block
        self._spans, self._logs, self._started = _Rows(columns.SPANS), _Rows(columns.LOGS), _Rows(columns.SPANS)
        self._rejected: list[Rejected] = []
        self._skipped_metrics = self._unfinished = 0
        self._origins: dict[bytes, Origin] = {}
        self._line, self._offset = block.first_line, block.offset

    def run(self) -> Parsed:
        if self._block.fault:
            self._reject(self._block.fault, self._block.data)
        else:
            for line, closed in self._lines():
                self._read(line, closed)
        spans, logs, started = (rows.table() for rows in (self._spans, self._logs, self._started))
        return Parsed(spans, logs, started, self._rejected, self._skipped_metrics, self._unfinished)

    def _lines(self) -> Iterator[tuple[memoryview, bool]]:
        data, view, start = self._block.data, memoryview(self._block.data), 0
        while start < len(data):
            end = data.find(b"\n", start)
            self._offset = self._block.offset + start
            yield (view[start:end], True) if end >= 0 else (view[start:], self._block.closed)
            self._line += 1
            start = end + 1 if end >= 0 else len(data)

    def _read(self, line: memoryview, closed: bool) -> None:
        try:
            request = wire.decode_request(line)
        except _MALFORMED as error:
            self._read_odd(line, closed, error)
            return
        if request.is_empty:
            self._reject("holds no resourceSpans, resourceLogs or resourceMetrics", line)
        self._store_all(request)

    def _read_odd(self, line: memoryview, closed: bool, error: Exception) -> None:
        content = bytes(line)
        if content.startswith(_MARK):
            self._read(memoryview(content.removeprefix(_MARK)), closed)
        elif mended := _mended(content):
            self._store_all(wire.decode_request(mended))
        elif len(pieces := _torn(content)) > 1:
            for piece in pieces[:-1]:
                self._read(piece, closed=True)
            self._read(pieces[-1], closed)
        elif content.strip():
            self._unfinished = 0 if closed else len(content)
            self._reject(_why(error) if closed else "is cut off before its end", content)

    def _store_all(self, request: wire.Request) -> None:
        self._skipped_metrics += bool(bytes(request.resource_metrics))
        self._read_spans(request.resource_spans or ())
        self._read_logs(request.resource_logs or ())

    def _read_spans(self, groups: Any) -> None:
        for group in groups:
            for scoped in group.scope_spans or ():
                scope = scoped.scope.name or None if scoped.scope else None
                for number, raw in enumerate(scoped.spans or (), 1):
                    self._store(raw, f"span {number}", group.resource, scope, _span, self._spans)

    def _read_logs(self, groups: Any) -> None:
        for group in groups:
            for scoped in group.scope_logs or ():
                scope = scoped.scope.name or None if scoped.scope else None
                for number, raw in enumerate(scoped.log_records or (), 1):
                    what = f"log record {number}"
                    stored = self._store(raw, what, group.resource, scope, _log, self._logs)
                    if stored and _STARTED in bytes(raw):
                        self._store(raw, what, group.resource, scope, _started, self._started)
                    elif stored and told.MAY_TELL.search(bytes(raw)):
                        self._store_told(raw, what, group.resource, scope)

    def _store_told(self, raw: msgspec.Raw, what: str, resource: msgspec.Raw, scope: str | None) -> None:
        """A call as a span; a turn as one that was announced, for how long it takes is seen by its calls."""
        for of_turn, rows in ((False, self._spans), (True, self._started)):

            def row(raw: msgspec.Raw, origin: Origin, scope: str | None, of_turn: bool = of_turn) -> Row | None:
                found = told.told(wire.decode_log(raw), origin, scope)
                return found[0] if found and found[1] == of_turn else None

            self._store(raw, what, resource, scope, row, rows)

    def _store(
        self,
        raw: msgspec.Raw,
        what: str,
        resource: msgspec.Raw,
        scope: str | None,
        to_row: Callable[[msgspec.Raw, Origin, str | None], Row | None],
        rows: _Rows,
    ) -> bool:
        try:
            row = to_row(raw, self._origin(resource), scope)
            if row is not None:
                rows.add(row)
        except _MALFORMED as error:
            self._reject(f"{what} {_why(error)}", raw)
            return False
        return True

    def _origin(self, resource: msgspec.Raw) -> Origin:
        key = bytes(resource)
        origin = self._origins.get(key)
        if origin is None:
            if len(self._origins) >= _ORIGINS:
                self._origins.clear()
            origin = self._origins[key] = Origin.of(wire.decode_resource(key) if key else None)
        return origin

    def _reject(self, reason: str, content: memoryview | bytes | msgspec.Raw) -> None:
        kept = bytes(memoryview(content)[:KEPT_BYTES])
        self._rejected.append(Rejected(self._line, self._offset, reason, kept))


def _span(raw: msgspec.Raw, origin: Origin, scope: str | None) -> Row:
    return span_row(wire.decode_span(raw), origin, scope)


def _log(raw: msgspec.Raw, origin: Origin, scope: str | None) -> Row:
    return log_row(wire.decode_log(raw), origin, scope)


def _started(raw: msgspec.Raw, origin: Origin, scope: str | None) -> Row | None:
    record = wire.decode_log(raw)
    return started_row(record, origin, scope) if record.event_name == v.EXECUTION_STARTED else None


def _mended(line: bytes) -> bytes | None:
    """A line that only Python's own json module takes for JSON, in a form that all do; None for any other.

    That module writes NaN for a number that is none, and half a surrogate pair for text that is none.
    """
    if len(line) > BLOCK_BYTES:
        return None
    try:
        text = json.dumps(json.loads(line, parse_constant=str), ensure_ascii=False)
        mended = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace").encode()
        wire.decode_request(mended)
    except _MALFORMED:
        return None
    return mended


def _torn(line: bytes) -> list[memoryview]:
    """A line cut before every request that begins in it: a writer that was killed leaves the beginning of a line, and
    the next one writes on behind it. Inside a request its quotes would be escaped, so these are beginnings."""
    cuts = [*sorted({0, *(found.start() for found in _BEGINNING.finditer(line))}), len(line)]
    return [memoryview(line)[since:until] for since, until in pairwise(cuts)]


def _why(error: Exception) -> str:
    if isinstance(error, RecursionError):
        return "is nested too deeply"
    if isinstance(error, UnicodeError) or "UTF-8" in str(error):  # msgspec has an error of its own since 0.23
        return "is not valid UTF-8"
    return str(error).splitlines()[0] if str(error) else type(error).__name__
