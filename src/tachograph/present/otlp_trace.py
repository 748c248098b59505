"""A trace as an OTLP/JSON export request, as any receiver takes it."""

import json
from typing import Any

from tachograph.deliver.values import attributes_json
from tachograph.present import as_json
from tachograph.present.otlp import native
from tachograph.records import Trace, TraceSpan


def trace(trace: Trace) -> str:
    """One `ExportTraceServiceRequest` in the protobuf JSON of OTLP: ids in hex, 64-bit numbers as text."""
    groups: dict[tuple[str, str], list[TraceSpan]] = {}
    for span in trace.spans:
        resource = json.dumps(span.content.resource, sort_keys=True)
        groups.setdefault((resource, span.content.scope_name or ""), []).append(span)
    return as_json.dumps(
        {
            "resourceSpans": [
                {
                    "resource": {"attributes": _attributes(json.loads(resource))},
                    "scopeSpans": [{"scope": {"name": scope}, "spans": [_span(trace, span) for span in spans]}],
                }
                for (resource, scope), spans in groups.items()
            ]
        }
    )


def _span(trace: Trace, span: TraceSpan) -> dict[str, Any]:
    content = span.content
    made = {
        "traceId": trace.trace_id,
        "spanId": span.span_id,
        "parentSpanId": span.told_parent_id,
        "name": span.name,
        "kind": content.kind,
        "startTimeUnixNano": str(span.start_ns),
        "endTimeUnixNano": str(span.end_ns),
        "attributes": _attributes(content.attributes),
        "events": [_event(event) for event in content.events],
        "links": [_link(link) for link in content.links],
        "status": {"code": content.status_code, **({"message": span.message} if span.message else {})},
    }
    return {key: value for key, value in made.items() if value not in (None, [])}


def _event(event: dict[str, Any]) -> dict[str, Any]:
    return {
        "timeUnixNano": str(event["time_ns"]),
        "name": event["name"],
        "attributes": _attributes(event["attributes"]),
    }


def _link(link: dict[str, Any]) -> dict[str, Any]:
    state = {"traceState": link["trace_state"]} if link.get("trace_state") else {}
    ids = {"traceId": link["trace_id"], "spanId": link["span_id"]}
    return {**ids, **state, "attributes": _attributes(link["attributes"])}


def _attributes(facts: dict[str, Any]) -> list[dict[str, Any]]:
    return attributes_json(native(facts))
