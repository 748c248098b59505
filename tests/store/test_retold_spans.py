"""A span that another instrumentation told of as well is kept, and counts once."""

import json
from pathlib import Path

from support import Run

from tachograph import vocabulary as v


def test_what_is_retold_is_stored_and_counts_nowhere(tmp_path: Path, tachograph: Run) -> None:
    """A marked span is ingested as any other, and is no execution, no failure and no tokens."""
    spans = [
        _span("1", "", "invoke_agent ours", {v.OPERATION: v.INVOKE_AGENT, v.AGENT_NAME: "ours", v.INPUT_TOKENS: 7}),
        _span("2", "1", "theirs", {"openinference.span.kind": "AGENT", v.INPUT_TOKENS: 9, v.RETOLD: True}, status=2),
    ]
    file = tmp_path / "spans.otlp.jsonl"
    file.write_text(json.dumps({"resourceSpans": [{"scopeSpans": [{"spans": spans}]}]}) + "\n")
    assert json.loads(tachograph("ingest", file, "--format", "json").stdout)["spans"] == 2
    agents = json.loads(tachograph("agents", "--format", "json").stdout)
    assert [(one["agent_name"], one["tokens"]["input"]) for one in agents] == [("ours", 7)]
    assert json.loads(tachograph("errors", "--format", "json").stdout) == []


def _span(number: str, parent: str, name: str, attributes: dict[str, object], status: int = 0) -> dict[str, object]:
    kinds = {str: "stringValue", int: "intValue", bool: "boolValue"}
    return {
        "traceId": "0" * 31 + "1",
        "spanId": number.zfill(16),
        "parentSpanId": parent.zfill(16) if parent else "",
        "name": name,
        "startTimeUnixNano": "1795400000000000000",
        "endTimeUnixNano": "1795400001000000000",
        "status": {"code": status},
        "attributes": [{"key": key, "value": {kinds[type(value)]: value}} for key, value in attributes.items()],
    }
