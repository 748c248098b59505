"""Blocks and what they hold as messages between processes: a small header, then the data as it is."""

from typing import IO, Any

import msgspec
import pyarrow as pa

from tachograph.store.parsing.blocks import Block
from tachograph.store.parsing.parse import Parsed, Rejected

_LENGTH_BYTES = 8


class _BlockHeader(msgspec.Struct):
    offset: int
    first_line: int
    size: int
    lines: int
    closed: bool
    fault: str | None


class _ParsedHeader(msgspec.Struct):
    rejected: list[Rejected]
    skipped_metrics: int
    unfinished: int


_encode = msgspec.msgpack.Encoder().encode
_decode_block = msgspec.msgpack.Decoder(_BlockHeader).decode
_decode_parsed = msgspec.msgpack.Decoder(_ParsedHeader).decode


def send_block(stream: IO[bytes], block: Block) -> None:
    """Write one block."""
    header = _BlockHeader(block.offset, block.first_line, block.size, block.lines, block.closed, block.fault)
    _send(stream, _encode(header), block.data)


def receive_block(stream: IO[bytes]) -> Block:
    """Read one block; EOFError where no more come."""
    header = _decode_block(_receive(stream))
    data = _receive(stream)
    return Block(data, header.offset, header.first_line, header.size, header.lines, header.closed, header.fault)


def send_parsed(stream: IO[bytes], parsed: Parsed) -> None:
    """Write what a block holds."""
    header = _ParsedHeader(parsed.rejected, parsed.skipped_metrics, parsed.unfinished)
    _send(stream, _encode(header), _packed(parsed.spans), _packed(parsed.logs), _packed(parsed.started))


def receive_parsed(stream: IO[bytes]) -> Parsed:
    """Read what a block holds; EOFError where the other side is gone."""
    header = _decode_parsed(_receive(stream))
    spans, logs, started = (pa.ipc.open_stream(_receive(stream)).read_all() for _ in range(3))
    return Parsed(spans, logs, started, header.rejected, header.skipped_metrics, header.unfinished)


def _packed(table: pa.Table) -> Any:
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, table.schema) as writer:
        writer.write_table(table)
    return sink.getvalue()


def _send(stream: IO[bytes], *parts: Any) -> None:
    for part in parts:
        stream.write(memoryview(part).nbytes.to_bytes(_LENGTH_BYTES, "big"))
        stream.write(part)
    stream.flush()


def _receive(stream: IO[bytes]) -> bytes:
    return _exactly(stream, int.from_bytes(_exactly(stream, _LENGTH_BYTES), "big"))


def _exactly(stream: IO[bytes], size: int) -> bytes:
    data = stream.read(size)
    if len(data) < size:
        raise EOFError
    return data
