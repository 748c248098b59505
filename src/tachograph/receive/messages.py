"""Single messages as OTLP/JSON: from protobuf and from JSON alike, so that both are checked by the same definitions."""

import base64
import binascii
from collections.abc import Callable, Iterator
from typing import Any, Final

from google.protobuf import json_format
from google.protobuf.message import DecodeError, Message

from tachograph.receive.signals import Json

# OTLP/JSON has ids in hex, where JSON of protobuf has base64.
_IDS: Final = ("traceId", "spanId", "parentSpanId")
_HOLDERS: Final = ("links", "exemplars")


class Unreadable(ValueError):
    """A message that is none of its kind; the text says why."""


def from_protobuf(kind: type[Message], content: bytes) -> Json:
    """A serialized message as OTLP/JSON; Unreadable where it is none."""
    try:
        return _as_json(kind.FromString(content))
    except (DecodeError, ValueError, RecursionError) as error:
        raise Unreadable(f"is no {kind.DESCRIPTOR.name}: {error}") from None


def from_json(kind: type[Message], content: Any) -> Json:
    """A message that was read as JSON, in the one form that we write; Unreadable where it is none of its kind."""
    try:
        return _as_json(json_format.ParseDict(_in_base64(content), kind(), ignore_unknown_fields=True))
    # AttributeError, TypeError: ParseDict asks numbers and texts for what only objects have.
    except (json_format.ParseError, ValueError, RecursionError, AttributeError, TypeError) as error:
        raise Unreadable(f"is no {kind.DESCRIPTOR.name}: {str(error)[:200]}") from None


def _as_json(message: Message) -> Json:
    made: Json = json_format.MessageToDict(message, use_integers_for_enums=True)
    return _in_hex(made)


def _in_base64(content: Any) -> Json:
    if not isinstance(content, dict):
        raise Unreadable("is no object")
    return _with_ids(content, _base64)


def _in_hex(content: Json) -> Json:
    return _with_ids(content, _hex)


def _with_ids(content: Json, convert: Callable[[str], str]) -> Json:
    """The message with its ids in another form, also those of its links and exemplars."""
    for holder in _holders(content):
        for name in _IDS:
            if isinstance(holder.get(name), str):
                holder[name] = convert(holder[name])
    return content


def _holders(content: Json) -> Iterator[Json]:
    yield content
    for name in ("gauge", "sum", "histogram", "exponentialHistogram"):
        points = content.get(name)
        for point in points.get("dataPoints") or () if isinstance(points, dict) else ():
            yield from _listed(point)
    yield from _listed(content)


def _listed(content: Any) -> Iterator[Json]:
    for name in _HOLDERS if isinstance(content, dict) else ():
        held = content.get(name)
        yield from (item for item in held if isinstance(item, dict)) if isinstance(held, list) else ()


def _base64(text: str) -> str:
    try:
        return base64.b64encode(bytes.fromhex(text)).decode()
    except ValueError:
        raise Unreadable(f"has an id that is not hex: {text[:40]!r}") from None


def _hex(text: str) -> str:
    try:
        return base64.b64decode(text).hex()
    except binascii.Error as error:  # what was just written by protobuf is base64
        raise Unreadable(str(error)) from None
