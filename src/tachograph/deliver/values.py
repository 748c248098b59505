"""Attribute values as OTLP/JSON writes them."""

import base64
import math
from collections.abc import Mapping, Sequence
from typing import Any


def attributes_json(attributes: Mapping[str, Any]) -> list[dict[str, Any]]:
    """A list of keys with their values."""
    return [{"key": key, "value": value_json(value)} for key, value in attributes.items()]


def value_json(value: Any) -> dict[str, Any]:
    """One value: 64-bit integers are strings, NaN and infinities have names."""
    if isinstance(value, str):
        return {"stringValue": value}
    if isinstance(value, bool):
        return {"boolValue": value}
    if isinstance(value, int):
        return {"intValue": str(value)}
    if isinstance(value, float):
        return {"doubleValue": value if math.isfinite(value) else _named(value)}
    return _compound(value)


def _compound(value: Any) -> dict[str, Any]:
    if value is None:
        return {}
    if isinstance(value, bytes):
        return {"bytesValue": base64.b64encode(value).decode("ascii")}
    if isinstance(value, Mapping):
        return {"kvlistValue": {"values": attributes_json(value)}}
    if isinstance(value, Sequence):
        return {"arrayValue": {"values": [value_json(item) for item in value]}}
    return {"stringValue": str(value)}


def _named(value: float) -> str:
    if math.isnan(value):
        return "NaN"
    return "Infinity" if value > 0 else "-Infinity"
