"""Protobuf taken apart without making objects of it: a request of many empty messages would take up all memory."""

from collections.abc import Iterator
from typing import Final

from tachograph.receive.refused import malformed

_VARINT, _FIXED64, _BYTES, _FIXED32 = 0, 1, 2, 5
_FIXED: Final = {_FIXED64: 8, _FIXED32: 4}
_VARINT_BITS: Final = 64


def fields(message: memoryview) -> Iterator[tuple[int, memoryview]]:
    """Number and content of each length-delimited field, in order; what else there is, is checked and passed over.

    Refused where the message is no protobuf.
    """
    position = 0
    while position < len(message):
        tag, position = _varint(message, position)
        number, kind = tag >> 3, tag & 7
        if kind == _VARINT:
            _, position = _varint(message, position)
            continue
        if kind == _BYTES:
            size, start = _varint(message, position)
        elif kind in _FIXED:
            size, start = _FIXED[kind], position
        else:
            raise malformed(f"the body is no protobuf: wire type {kind}")
        position = start + size
        if not number or position > len(message):
            raise malformed("the body is no protobuf: a field ends after it")
        if kind == _BYTES:
            yield number, message[start:position]


def all_of(message: memoryview, number: int) -> Iterator[memoryview]:
    """The contents of each field with this number."""
    return (content for found, content in fields(message) if found == number)


def one_of(message: memoryview, number: int) -> bytes:
    """The content of the field with this number, the last one where it is repeated; empty without one."""
    last = b""
    for content in all_of(message, number):
        last = bytes(content)
    return last


def _varint(message: memoryview, position: int) -> tuple[int, int]:
    value = 0
    for shift in range(0, _VARINT_BITS, 7):
        if position >= len(message):
            raise malformed("the body is no protobuf: it ends within a number")
        byte = message[position]
        position += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value, position
    raise malformed("the body is no protobuf: a number of more than 64 bits")
