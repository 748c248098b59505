"""Telemetry in OTLP/JSON without the secrets in it: by the rules of the traced process, content is kept."""

import base64
import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Final

from tachograph import redaction
from tachograph.receive.signals import Json

_TEXTS: Final = ("name", "message", "eventName", "description", "severityText")
# Where messages hold further ones that have attributes or texts.
_BELOW: Final = ("events", "links", "dataPoints", "exemplars", "gauge", "sum", "histogram", "exponentialHistogram")
_ABSENT: Final = object()
_EMPTY: Final[tuple[str, Any]] = ("", None)


def redacted(message: Json) -> Json:
    """The same message, with secrets in attributes and texts replaced where they stand."""
    for name in _TEXTS:
        if isinstance(message.get(name), str):
            message[name] = redaction.text(message[name])
    if "body" in message:
        message["body"] = _value("body", message["body"])
    for lists in ("attributes", "filteredAttributes", "metadata"):
        if lists in message:
            message[lists] = [pair for item in message[lists] for pair in _pair(item)]
    for part in _parts(message):
        redacted(part)
    return message


def _parts(message: Json) -> Iterator[Json]:
    if isinstance(message.get("status"), dict):
        yield message["status"]
    for name in _BELOW:
        held = message.get(name)
        yield from held if isinstance(held, list) else [held] if isinstance(held, dict) else []


def _pair(pair: Json) -> Iterator[Json]:
    key, value = pair.get("key", ""), pair.get("value", {})
    made = _value(key, value)
    if made is not _ABSENT:
        yield {"key": key, "value": made}


def _value(key: str, value: Json) -> Any:
    plain = _plain(value)
    cleaned = redaction.clean({key: plain}, keeps_content=True)
    if key not in cleaned:
        return _ABSENT
    return value if cleaned[key] is plain else _wire(cleaned[key])


def _plain(value: Json) -> Any:
    """A value as Python has it, numbers as numbers: those are never secrets."""
    kind, content = next(iter(value.items()), _EMPTY)
    if kind == "arrayValue":
        return [_plain(item) for item in content.get("values", [])]
    if kind == "kvlistValue":
        return {pair.get("key", ""): _plain(pair.get("value", {})) for pair in content.get("values", [])}
    made = _FROM_WIRE.get(kind)
    return made(content) if made else content


def _wire(plain: Any) -> Json:
    for kind, name, made in _TO_WIRE:
        if isinstance(plain, kind):
            return {name: made(plain)}
    return {}


def _items(values: Any) -> Json:
    return {"values": [_wire(item) for item in values]}


def _pairs(values: Mapping[str, Any]) -> Json:
    return {"values": [{"key": key, "value": _wire(item)} for key, item in values.items()]}


def _real(value: float) -> float | str:
    return value if math.isfinite(value) else {"nan": "NaN", "inf": "Infinity", "-inf": "-Infinity"}[str(value)]


_FROM_WIRE: Final[dict[str, Callable[[Any], Any]]] = {
    "intValue": int,
    "doubleValue": float,
    "bytesValue": base64.b64decode,
}
_TO_WIRE: Final[tuple[tuple[Any, str, Callable[[Any], Any]], ...]] = (
    (str, "stringValue", str),
    (bool, "boolValue", bool),
    (int, "intValue", str),
    (float, "doubleValue", _real),
    (bytes, "bytesValue", lambda plain: base64.b64encode(plain).decode()),
    (Mapping, "kvlistValue", _pairs),
    (Sequence, "arrayValue", _items),
)
