"""Stored spans and log records as lines of the OTLP file format, as they came: read again they make the same store."""

import base64
import binascii
import json
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from tachograph.deliver.otlp_json import LINE_LIMIT
from tachograph.deliver.values import attributes_json

Row = dict[str, Any]

_TARGET = LINE_LIMIT // 4  # a line is closed once it holds as much


def spans(rows: Iterable[Row], too_long: Callable[[str], None]) -> Iterator[bytes]:
    """Spans of the store, neighbours of one resource and scope on one line; `too_long` is told which do not fit."""
    return _lines(rows, "resourceSpans", "scopeSpans", "spans", _span, too_long)


def logs(rows: Iterable[Row], too_long: Callable[[str], None]) -> Iterator[bytes]:
    """Log records of the store, likewise."""
    return _lines(rows, "resourceLogs", "scopeLogs", "logRecords", _log, too_long)


def _lines(
    rows: Iterable[Row],
    resources: str,
    scopes: str,
    records: str,
    record: Callable[[Row], Row],
    too_long: Callable[[str], None],
) -> Iterator[bytes]:
    origin: tuple[str, str | None] = ("", None)
    held: list[bytes] = []
    start, size = b"", 0
    for row in rows:
        text = _dumps(record(row))
        here = (row["resource"], row["scope_name"])
        if held and (here != origin or size + len(text) > _TARGET):
            yield start + b",".join(held) + b"]}]}]}\n"
            held, size = [], 0
        if here != origin or not start:
            origin, start = here, _start(resources, scopes, records, row)
        if len(start) + len(text) + 8 >= LINE_LIMIT:
            too_long(f"{row['trace_id']}/{row['span_id']}")
            continue
        held.append(text)
        size += len(text) + 1
    if held:
        yield start + b",".join(held) + b"]}]}]}\n"


def _start(resources: str, scopes: str, records: str, row: Row) -> bytes:
    resource = _dumps({"attributes": _attributes(row["resource"])})
    scope = _dumps({"name": row["scope_name"]} if row["scope_name"] else {})
    return b'{"%s":[{"resource":%s,"%s":[{"scope":%s,"%s":[' % (
        resources.encode(), resource, scopes.encode(), scope, records.encode(),
    )  # fmt: skip


def _span(row: Row) -> Row:
    made = {
        "traceId": row["trace_id"],
        "spanId": row["span_id"],
        "parentSpanId": row["parent_id"],
        "name": row["name"],
        "kind": row["kind"],
        "startTimeUnixNano": str(row["start_ns"]),
        "endTimeUnixNano": str(row["end_ns"]),
        "attributes": _attributes(row["attributes"]),
        "events": [_event(event) for event in json.loads(row["events"] or "[]")],
        "links": [_link(link) for link in json.loads(row["links"] or "[]")],
        "status": _known({"code": row["status_code"], "message": row["status_message"]}),
    }
    return {key: value for key, value in made.items() if value not in (None, [])}


def _event(event: Row) -> Row:
    attributes = attributes_json(native(event["attributes"]))
    return {"timeUnixNano": str(event["time_ns"]), "name": event["name"], "attributes": attributes}


def _link(link: Row) -> Row:
    made = {"traceId": link["trace_id"], "spanId": link["span_id"], "traceState": link.get("trace_state")}
    return {**_known(made), "attributes": attributes_json(native(link["attributes"]))}


def _log(row: Row) -> Row:
    attributes = json.loads(row["attributes"])
    # Older SDKs name the event by an attribute; a name of its own beside it would make another record of it.
    named = attributes.get("event.name") == row["event_name"]
    return _known(
        {
            "timeUnixNano": str(row["time_ns"]),
            "severityNumber": row["severity"],
            "eventName": None if named else row["event_name"],
            "body": None if row["body"] is None else {"stringValue": row["body"]},
            "attributes": attributes_json(native(attributes)),
            "traceId": row["trace_id"],
            "spanId": row["span_id"],
        }
    )


def _known(fields: Row) -> Row:
    return {key: value for key, value in fields.items() if value is not None}


def _attributes(text: str) -> list[Row]:
    return attributes_json(native(json.loads(text)))


def native(value: Any) -> Any:
    """A stored value with its bytes, which the store has in their wire form."""
    if isinstance(value, dict):
        if value.keys() == {"bytesValue"} and isinstance(value["bytesValue"], str):
            return _bytes(value)
        return {key: native(item) for key, item in value.items()}
    return [native(item) for item in value] if isinstance(value, list) else value


def _bytes(value: Row) -> Any:
    try:
        made = base64.b64decode(value["bytesValue"], validate=True)
    except (binascii.Error, ValueError):
        return value
    # What would be written otherwise than it was is left as it is.
    return made if base64.b64encode(made).decode() == value["bytesValue"] else value


def _dumps(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")
