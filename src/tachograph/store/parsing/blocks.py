"""Streams of telemetry cut into blocks of whole lines, so that memory does not grow with a file or a line."""

import io
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

BLOCK_BYTES: Final = 4 << 20
MAX_LINE_BYTES: Final = 256 << 20
KEPT_BYTES: Final = 1 << 20


@dataclass(frozen=True, slots=True)
class Block:
    """Whole lines of one source, or the one line (or its head) that something is wrong with.

    `offset` is where the block starts in the (decompressed) source, `first_line` its line number from 1.
    `size` and `lines` say how much of the source it covers; `fault` says why it is not to be parsed, and
    `closed` is False for a last line without its line end.
    """

    data: bytes
    offset: int
    first_line: int
    size: int
    lines: int
    closed: bool = True
    fault: str | None = None


def cut(stream: io.BufferedIOBase, *, offset: int = 0, first_line: int = 1) -> Iterator[Block]:
    """The blocks of a stream from where it stands, which is at `offset` and at the start of line `first_line`."""
    return _Cutter(stream, offset, first_line).blocks()


class _Cutter:
    """Holds the line that is not yet at its end between two reads."""

    def __init__(self, stream: io.BufferedIOBase, offset: int, first_line: int) -> None:
        self._stream = stream
        self._offset, self._line = offset, first_line
        self._open = bytearray()

    def blocks(self) -> Iterator[Block]:
        damage = None
        while damage is None:
            piece, damage = _fill(self._stream)
            if not piece and damage is None:
                break
            yield from self._add(piece)
        if self._open:
            yield self._block(bytes(self._open), closed=False)
        if damage is not None:
            yield self._block(b"", fault=damage)

    def _add(self, piece: bytes) -> Iterator[Block]:
        end = piece.rfind(b"\n") + 1
        if end:
            # One copy, for a block is large.
            whole = b"".join((self._open, memoryview(piece)[:end]))
            self._open = bytearray(memoryview(piece)[end:])
            yield self._block(whole)
        else:
            self._open += piece
        fault = _hopeless(self._open)
        if fault:
            yield from self._skip(fault)

    def _skip(self, fault: str) -> Iterator[Block]:
        """Read past the open line, keeping its head only."""
        head, size = bytes(self._open[:KEPT_BYTES]), len(self._open)
        self._open.clear()
        while piece := _fill(self._stream)[0]:
            end = piece.find(b"\n") + 1
            if end:
                yield self._block(head, fault=fault, size=size + end, lines=1)
                yield from self._add(piece[end:])
                return
            size += len(piece)
        yield self._block(head, fault=fault, size=size, closed=False)

    def _block(
        self, data: bytes, *, closed: bool = True, fault: str | None = None, size: int | None = None, lines: int = -1
    ) -> Block:
        size = len(data) if size is None else size
        lines = data.count(b"\n") if lines < 0 else lines
        block = Block(data, self._offset, self._line, size, lines, closed, fault)
        self._offset += size
        self._line += lines
        return block


def _hopeless(line: bytearray) -> str | None:
    """Why a long line that is still open can be given up, None where it may yet be a request."""
    if len(line) > MAX_LINE_BYTES:
        return f"is longer than {MAX_LINE_BYTES >> 20} MiB"
    if len(line) > KEPT_BYTES and not line[:64].lstrip(b"\xef\xbb\xbf \t\r").startswith(b"{"):
        return "is not JSON"
    return None


def _fill(stream: io.BufferedIOBase) -> tuple[bytes, str | None]:
    """Up to a block of bytes, empty at the end; and what is wrong with a compressed stream that breaks off."""
    pieces, missing = list[bytes](), BLOCK_BYTES
    while missing > 0:
        try:
            # Unlike read, read1 hands out what came before an error.
            piece = stream.read1(missing)
        except (EOFError, OSError, zlib.error) as error:
            return b"".join(pieces), f"cannot be read further: {error}"
        if not piece:
            break
        pieces.append(piece)
        missing -= len(piece)
    return b"".join(pieces), None
