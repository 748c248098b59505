"""What the protocol answers: in the format of the request, with what was rejected and why, or a status."""

import json
from http import HTTPStatus
from typing import Final, NamedTuple

from tachograph.receive.refused import Refused
from tachograph.receive.signals import Signal

JSON: Final = "application/json"
PROTOBUF: Final = "application/x-protobuf"
_LONGEST: Final = 1_000  # characters of a message

# google.rpc.Code by HTTP status.
_CODES: Final = {400: 3, 403: 7, 404: 5, 405: 12, 413: 3, 415: 3, 429: 8, 503: 14, 408: 4}
_UNKNOWN: Final = 2
# Numbers of fields: Status {code, message}, the response {partial_success}, it {rejected, error_message}.
_FIRST, _SECOND = 1, 2
_VARINT, _BYTES = 0, 2


class Answer(NamedTuple):
    """An HTTP response; `closes` where the connection ends with it."""

    status: int
    content_type: str
    body: bytes
    retry_after_s: int = 0
    closes: bool = False


def taken(signal: Signal, content_type: str, rejected: int, why: str) -> Answer:
    """The request was taken, but for `rejected` records of it."""
    message = why[:_LONGEST]
    if content_type == JSON:
        partial = {signal.rejected: str(rejected), "errorMessage": message}
        body = json.dumps({"partialSuccess": partial} if rejected else {}).encode()
    else:
        body = _bytes(_FIRST, _number(_FIRST, rejected) + _bytes(_SECOND, message.encode())) if rejected else b""
    return Answer(HTTPStatus.OK, content_type, body)


def refused(refusal: Refused, content_type: str) -> Answer:
    """The request was not taken: a google.rpc.Status."""
    message, code = str(refusal)[:_LONGEST], _CODES.get(refusal.status, _UNKNOWN)
    if content_type == PROTOBUF:
        body = _number(_FIRST, code) + _bytes(_SECOND, message.encode())
    else:
        content_type, body = JSON, json.dumps({"code": code, "message": message}).encode()
    return Answer(refusal.status, content_type, body, refusal.retry_after_s, refusal.closes)


def _number(field: int, value: int) -> bytes:
    return _varint(field << 3 | _VARINT) + _varint(value)


def _bytes(field: int, content: bytes) -> bytes:
    return _varint(field << 3 | _BYTES) + _varint(len(content)) + content


def _varint(value: int) -> bytes:
    made = bytearray()
    while value > 0x7F:
        made.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes((*made, value))
