"""Spans as OTLP/JSON lines, with the ids, resources and status that exporters write."""

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from detection.spans import EPOCH_NS, Span

PER_LINE = 200


def write(spans: Iterable[Span], file: Path, shifts: dict[str, float], states: dict[str, str]) -> int:
    """The number of spans written; `shifts` are the clocks of services (s), `states` tracestates by trace."""
    count, batches = 0, dict[str, list[dict[str, Any]]]()
    with file.open("w", encoding="utf-8") as stream:
        for span in spans:
            batch = batches.setdefault(span.service, [])
            batch.append(_span(span, shifts.get(span.service, 0.0), states.get(span.trace, "")))
            count += 1
            if len(batch) == PER_LINE:
                stream.write(_request(span.service, batches.pop(span.service)))
        for service, batch in batches.items():
            stream.write(_request(service, batch))
    return count


def _request(service: str, batch: list[dict[str, Any]]) -> str:
    resource = {"service.name": service, "host.name": "node-1", "telemetry.sdk.language": "python"}
    scope = {"scope": {"name": "agency.tracing", "version": "1"}, "spans": batch}
    request = {"resourceSpans": [{"resource": {"attributes": _attributes(resource)}, "scopeSpans": [scope]}]}
    return json.dumps(request, separators=(",", ":")) + "\n"


def _span(span: Span, shift: float, state: str) -> dict[str, Any]:
    made: dict[str, Any] = {
        "traceId": span.trace,
        "spanId": span.id,
        "name": span.name,
        "kind": 3 if span.kind == "model" else 1,
        "startTimeUnixNano": _nanoseconds(span.start + shift),
        "endTimeUnixNano": _nanoseconds(span.end + shift),
        "attributes": _attributes(span.attributes),
        "status": {"code": 2, "message": span.message} if span.error else {},
    }
    if span.parent is not None:
        made["parentSpanId"] = span.parent.id
    if state:
        made["traceState"] = state
    return made


def _nanoseconds(seconds: float) -> str:
    return str(EPOCH_NS + round(seconds * 1e9))


def _attributes(facts: dict[str, Any]) -> list[dict[str, Any]]:
    return [{"key": key, "value": _value(value)} for key, value in facts.items()]


def _value(value: Any) -> dict[str, Any]:
    if isinstance(value, str):
        return {"stringValue": value}
    if isinstance(value, bool):
        return {"boolValue": value}
    if isinstance(value, int):
        return {"intValue": str(value)}
    if isinstance(value, list):
        return {"arrayValue": {"values": [_value(each) for each in value]}}
    return {"doubleValue": value}
