"""The JSON Schema of the report, made from the record types."""

import inspect
from typing import Any, Final

import msgspec

from tachograph.records import JSONExport
from tachograph.records.judgements import SEVERITIES

ID: Final = "urn:tachograph:json-export:1"

# Closed sets of values; the records hold them as plain text, as telemetry may bring words of its own.
_CLOSED: Final = {
    ("BottleneckDetection", "category"): ("context", "agent_selection", "recipe_execution", "infrastructure"),
    ("BottleneckDetection", "severity"): SEVERITIES,
    ("BottleneckDetection", "claim"): ("measured", "simulated", "observational"),
    ("PerformanceRecommendation", "category"): ("agent_optimization", "recipe_optimization", "tool_optimization"),
    ("ExportedKpi", "comparison"): (">", "<"),
    ("ExportedKpi", "unit"): ("ratio", "s"),
    ("Trend", "verdict"): ("better", "worse", "steady", "not enough data"),
}
_RATES: Final = ("success_rate", "error_rate", "adoption")  # 0-1


def json_export() -> dict[str, Any]:
    """The schema (draft 2020-12) of what `tachograph report --format json` prints. Fields may be added to it."""
    made = msgspec.json.schema(JSONExport)
    parts = made["$defs"]
    for (record, field), values in _CLOSED.items():
        parts[record]["properties"][field] = {"enum": list(values)}
    for part in parts.values():
        part["description"] = inspect.cleandoc(part["description"])
        for described in part["properties"].values():
            described.pop("default", None)  # a report has every field, and versions of msgspec tell other defaults
        for field in set(_RATES) & set(part["properties"]):
            part["properties"][field] |= {"minimum": 0, "maximum": 1}
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", "$id": ID, **made}
