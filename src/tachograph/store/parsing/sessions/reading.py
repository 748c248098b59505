"""Blocks of a session file as parsed blocks, with a reader that is chosen by the first line that says whose it is."""

from collections.abc import Iterator
from itertools import chain
from typing import Any, Final, Protocol

import msgspec

from tachograph import vocabulary as v
from tachograph.store.parsing import columns, wire
from tachograph.store.parsing.blocks import KEPT_BYTES, Block
from tachograph.store.parsing.facts import Origin, span_row
from tachograph.store.parsing.parse import Parsed, Rejected
from tachograph.store.parsing.sessions import claude_code, codex
from tachograph.store.parsing.sessions.telling import Told, Unknown

_LOOKED_AT: Final = 200  # lines until one says whose file it is
_decode = msgspec.json.Decoder().decode


class Reader(Protocol):
    """What knows one agent's files: told line by line, it says what it has come to know."""

    service: str
    version: str | None

    def line(self, said: dict[str, Any]) -> Iterator[Told]:
        """What is known with this line; Unknown for one that it does not know."""

    def end(self) -> Iterator[Told]:
        """What is known at the end of the file."""


def recognised(head: bytes) -> Reader | None:
    """A reader for the file that begins like this, None where it is no session file."""
    if head.lstrip().startswith(b'{"resource'):
        return None
    for line in head.split(b"\n")[:_LOOKED_AT]:
        said = _object(line)
        if said is not None and codex.is_line(said):
            return codex.Reader()
        if said is not None and claude_code.is_line(said):
            return claude_code.Reader()
    return None


def read(blocks: Iterator[Block]) -> Iterator[tuple[Block, Parsed | None]]:
    """The blocks of a file, parsed here where it is a session file, else as they are."""
    first = next(blocks, None)
    if first is None:
        return
    reader = None if first.fault else recognised(first.data)
    together = chain([first], blocks)
    if reader is None:
        yield from ((block, None) for block in together)
    else:
        yield from _Session(reader).read(together)


class _Session:
    """One file on its way to rows."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader
        self._rejected: list[Rejected] = []
        self._spans: list[tuple[Any, ...]] = []
        self._turns: list[tuple[Any, ...]] = []

    def read(self, blocks: Iterator[Block]) -> Iterator[tuple[Block, Parsed]]:
        last: Block | None = None
        for block in blocks:
            self._block(block)
            yield block, self._parsed()
            last = block
        if last is not None:
            self._keep(self._reader.end())
            yield Block(b"", last.offset + last.size, last.first_line + last.lines, 0, 0), self._parsed()

    def _block(self, block: Block) -> None:
        if block.fault:
            self._reject(block, block.first_line, block.offset, block.fault, block.data)
            return
        offset = block.offset
        for number, line in enumerate(block.data.split(b"\n"), block.first_line):
            if line.strip():
                self._line(block, number, offset, line)
            offset += len(line) + 1

    def _line(self, block: Block, number: int, offset: int, line: bytes) -> None:
        said = _object(line)
        if said is None:
            is_cut_off = not block.closed and block.data.endswith(line)
            why = "is cut off before its end" if is_cut_off else "is not a line of a session file"
            self._reject(block, number, offset, why, line)
            return
        try:
            self._keep(self._reader.line(said))
        except (ValueError, TypeError, AttributeError, KeyError, OverflowError) as error:
            why = str(error) if isinstance(error, Unknown) else "does not look as this version knows it"
            self._reject(block, number, offset, why, line)

    def _keep(self, told: Iterator[Told]) -> None:
        for unit in told:
            attributes = {v.SERVICE_NAME: self._reader.service, v.SERVICE_VERSION: self._reader.version}
            origin = Origin.of(wire.Resource(wire.pairs(attributes)))
            rows = self._turns if unit.is_turn else self._spans
            rows.append(span_row(unit.as_span(), origin, None, unit.told_by))

    def _reject(self, block: Block, number: int, offset: int, why: str, line: bytes) -> None:
        self._rejected.append(Rejected(number, offset, why, line[:KEPT_BYTES]))

    def _parsed(self) -> Parsed:
        spans, turns = (columns.to_table(rows, columns.SPANS) for rows in (self._spans, self._turns))
        parsed = Parsed(spans, columns.LOGS.empty_table(), turns, self._rejected)
        self._spans, self._turns, self._rejected = [], [], []
        return parsed


def _object(line: bytes) -> dict[str, Any] | None:
    try:
        said = _decode(line)
    except (msgspec.MsgspecError, ValueError, RecursionError):
        return None
    return said if isinstance(said, dict) else None
