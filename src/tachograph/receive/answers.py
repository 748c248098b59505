"""What the protocol answers: in the format of the request, with what was rejected and why, or a status."""

import json
from http import HTTPStatus
from typing import Any, Final, NamedTuple

from google.protobuf import json_format
from google.rpc.status_pb2 import Status

from tachograph.receive.refused import Refused
from tachograph.receive.signals import Signal

JSON: Final = "application/json"
PROTOBUF: Final = "application/x-protobuf"
_LONGEST: Final = 1_000  # characters of a message

# google.rpc.Code by HTTP status.
_CODES: Final = {400: 3, 403: 7, 404: 5, 405: 12, 413: 3, 415: 3, 429: 8, 503: 14, 408: 4}
_UNKNOWN: Final = 2


class Answer(NamedTuple):
    """An HTTP response; `closes` where the connection ends with it."""

    status: int
    content_type: str
    body: bytes
    retry_after_s: int = 0
    closes: bool = False


def taken(signal: Signal, content_type: str, rejected: int, why: str) -> Answer:
    """The request was taken, but for `rejected` records of it."""
    response = signal.response()
    if rejected:
        setattr(response.partial_success, signal.rejected, rejected)
        response.partial_success.error_message = why[:_LONGEST]
    return Answer(HTTPStatus.OK, content_type, _body(response, content_type))


def refused(refusal: Refused, content_type: str) -> Answer:
    """The request was not taken: a google.rpc.Status."""
    status = Status(code=_CODES.get(refusal.status, _UNKNOWN), message=str(refusal)[:_LONGEST])
    content_type = content_type if content_type == PROTOBUF else JSON
    return Answer(
        refusal.status, content_type, _body(status, content_type), refusal.retry_after_s, closes=refusal.closes
    )


def _body(message: Any, content_type: str) -> bytes:
    if content_type == PROTOBUF:
        return bytes(message.SerializeToString())
    return json.dumps(json_format.MessageToDict(message)).encode()
