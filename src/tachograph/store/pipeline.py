"""One ingest from end to end: sources are cut into blocks, parsed, stored with the ledger, and settled."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Final, Literal

from tachograph.store import ledger
from tachograph.store.database import Store, private_files
from tachograph.store.ledger import Entry
from tachograph.store.parsing import blocks, readers, sessions, sources
from tachograph.store.parsing.blocks import Block
from tachograph.store.parsing.parse import Parsed
from tachograph.store.parsing.sources import Opened, Source
from tachograph.store.pricing import Book
from tachograph.store.records import IngestResult
from tachograph.store.settle import settle
from tachograph.store.writer import Writer

_HEAD_BYTES: Final = 256 << 10

Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class _Step:
    """A block of a source, or where it stands before and after them.

    `before` and `after` are what the ledger may say once it is stored, None where it may not say anything:
    in the middle of a compressed file, and for streams. `size` is how many bytes on disk it takes; `parsed` what the
    block holds where that is known already.
    """

    source: Source
    block: Block | None
    before: Entry | None
    after: Entry | None
    size: int
    parsed: Parsed | None = None


def run(
    store: Store, paths: Sequence[Path | Literal["-"]], progress: Progress | None, prices: Path | None
) -> IngestResult:
    """See `tachograph.store.ingest`."""
    book = Book(prices)
    with private_files(), _tuned(store):
        ingest = _Ingest(store, sources.find(paths), progress)
        ingest.read()
        settle(store, book)
    return ingest.result()


@contextmanager
def _tuned(store: Store) -> Iterator[None]:
    """Bulk loading, as measured: the parsing processes need the cores, and what is not yet in the file is memory."""
    settings = {"threads": "1", "checkpoint_threshold": "'128MB'", "memory_limit": "'512MB'"}
    for name, value in settings.items():
        store.connection.execute(f"SET {name} = {value}")
    try:
        yield
    finally:
        for name in settings:
            store.connection.execute(f"RESET {name}")


class _Ingest:
    def __init__(self, store: Store, found: list[Source], progress: Progress | None) -> None:
        self._sources = found
        self._progress = progress
        self._ledger = ledger.entries(store)
        self._writer = Writer(store)
        self._skipped = 0
        self._spans: dict[str, int] = {}
        self._total = sum(source.size for source in found)
        self._done = 0

    def read(self) -> None:
        for step, read in readers.parsed(self._steps()):
            parsed = step.parsed or read
            if parsed:
                self._writer.add(step.source.label, step.source.key, parsed)
            self._note(step, parsed)
            self._tell(step)
        self._writer.flush()

    def result(self) -> IngestResult:
        totals = asdict(self._writer.totals)
        totals["duplicates"] += self._skipped
        return IngestResult(**totals, reasons=tuple(self._writer.reasons))

    def _steps(self) -> Iterator[_Step]:
        for source in self._sources:
            with sources.opened(source) as file:
                yield from self._file_steps(source, file) if source.path else _stream_steps(source, file)

    def _file_steps(self, source: Source, file: Opened) -> Iterator[_Step]:
        known = self._ledger.get(source.key)
        entry = known if known and known.continues(file) else None
        is_session = not file.compressed and sessions.recognised(_head(file)) is not None
        if is_session and entry and entry.end_offset < file.size:
            entry = None  # what a line means depends on those before it
        if entry:
            self._skipped += entry.spans
            self._spans[source.key] = entry.spans
        entry = entry or Entry.start(source, file)
        if known:
            self._writer.read_again(entry)
        entry = replace(entry, size=file.size, mtime_ns=file.mtime_ns)
        by_itself = file.compressed or is_session
        yield from _whole_steps(source, file, entry) if by_itself else _plain_steps(source, file, entry)

    def _note(self, step: _Step, parsed: Parsed | None) -> None:
        """Tell the writer how far the source is read once this step is stored."""
        key = step.source.key
        self._spans[key] = self._spans.get(key, 0) + (parsed.told_spans if parsed else 0)
        entry = step.before if parsed and parsed.unfinished else step.after
        if entry:
            self._writer.reached(replace(entry, spans=self._spans[key]))

    def _tell(self, step: _Step) -> None:
        self._done += step.size
        if self._progress:
            self._progress(self._done, max(self._total, self._done))


def _plain_steps(source: Source, file: Opened, entry: Entry) -> Iterator[_Step]:
    yield _Step(source, None, None, entry, entry.end_offset)
    file.raw.seek(entry.end_offset)
    for block in blocks.cut(file.stream, offset=entry.end_offset, first_line=entry.lines + 1):
        after = entry.advanced(file.raw, block.size, block.lines)
        yield _Step(source, block, entry, after, block.size)
        entry = after


def _whole_steps(source: Source, file: Opened, entry: Entry) -> Iterator[_Step]:
    """Of a file that can only be read from its start, and counts as read once all of it is."""
    position = entry.end_offset
    if position == 0:
        for block, parsed in sessions.read(blocks.cut(file.stream)):
            yield _Step(source, None if parsed else block, None, None, file.raw.tell() - position, parsed)
            position = file.raw.tell()
        entry = entry.advanced(file.raw, file.size, 0)
    yield _Step(source, None, None, entry, file.size - position)


def _stream_steps(source: Source, file: Opened) -> Iterator[_Step]:
    for block, parsed in sessions.read(blocks.cut(file.stream)):
        yield _Step(source, None if parsed else block, None, None, block.size, parsed)


def _head(file: Opened) -> bytes:
    """How the file begins; it is left where it stands."""
    position = file.raw.tell()
    file.raw.seek(0)
    head = file.raw.read(_HEAD_BYTES)
    file.raw.seek(position)
    return head
