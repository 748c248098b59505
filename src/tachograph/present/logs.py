"""Executions and log records as structured logs: one JSON object a line."""

import json
from typing import Any

from tachograph import redaction
from tachograph.present.as_json import instant

# OpenTelemetry's severity numbers come in groups of four.
_LEVELS = ("TRACE", "DEBUG", "INFO", "WARN", "ERROR", "FATAL")
_IDS = ("trace_id", "span_id")
_EXECUTION = (
    "execution_id",
    "role",
    "name",
    "agent_name",
    "recipe_name",
    "step_name",
    "version",
    "service_name",
    "user_id",
    "session_id",
    "outcome",
    "error_type",
    "error_message",
    "exit_code",
)


def line(event: dict[str, Any]) -> str:
    """One event without its line end; what is not known is left out."""
    fields = _execution(event) if event["kind"] == "execution" else _log(event)
    # What others have sent was not cleaned when it was made.
    made = {"timestamp": instant(event["time_ns"]), **redaction.clean(fields)}
    return json.dumps({key: value for key, value in made.items() if value is not None}, ensure_ascii=False)


def _execution(event: dict[str, Any]) -> dict[str, Any]:
    succeeded = event["outcome"] in ("success", "skip")
    return {
        "level": "INFO" if succeeded else "ERROR",
        "event": f"{event['role']}_execution",
        **{name: event[name] for name in _IDS},
        **{name: event[name] for name in _EXECUTION},
        "duration_ms": event["duration_ns"] / 1e6,
    }


def _log(event: dict[str, Any]) -> dict[str, Any]:
    severity = event["severity"] or 9
    return {
        "level": _LEVELS[(severity - 1) // 4],
        "event": event["event_name"] or "log",
        **{name: event[name] for name in _IDS},
        "service_name": event["service_name"],
        "message": event["body"],
        "attributes": json.loads(event["attributes"]),
    }
