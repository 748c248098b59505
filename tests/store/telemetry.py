"""Building blocks of tests: spans, log records and lines in the OTLP/JSON format, and what a store then holds."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from tachograph.store import IngestResult, Store, ingest

TRACE = "0af7651916cd43dd8448eb211c80319c"
START = 1_760_000_000_000_000_000


def hex_id(number: int) -> str:
    """A span id; 0 is the invalid one."""
    return f"{number:016x}"


def value(plain: Any) -> dict[str, Any]:
    """An attribute value in its wire form."""
    if isinstance(plain, bool):
        return {"boolValue": plain}
    if isinstance(plain, int):
        return {"intValue": str(plain)}
    if isinstance(plain, float):
        return {"doubleValue": plain}
    if isinstance(plain, list):
        return {"arrayValue": {"values": [value(item) for item in plain]}}
    if isinstance(plain, dict):
        return {"kvlistValue": {"values": attributes(plain)}}
    return {"stringValue": plain}


def attributes(facts: dict[str, Any]) -> list[dict[str, Any]]:
    """Attributes in their wire form."""
    return [{"key": key, "value": value(plain)} for key, plain in facts.items()]


def span(
    number: int,
    facts: dict[str, Any] | None = None,
    *,
    parent: int | None = None,
    trace: str = TRACE,
    name: str = "work",
    start: int = 0,
    end: int = 1_000,
    **more: Any,
) -> dict[str, Any]:
    """A span whose times are nanoseconds after START; `more` are wire fields that replace or add."""
    parents = {} if parent is None else {"parentSpanId": hex_id(parent)}
    times = {"startTimeUnixNano": str(START + start), "endTimeUnixNano": str(START + end)}
    made = {"traceId": trace, "spanId": hex_id(number), "name": name, "kind": 1}
    return {**made, **parents, **times, "attributes": attributes(facts or {}), **more}


def agent(number: int, name: str = "coder", **more: Any) -> dict[str, Any]:
    """An agent execution."""
    facts = {"gen_ai.operation.name": "invoke_agent", "gen_ai.agent.name": name, **more.pop("facts", {})}
    return span(number, facts, name=f"invoke_agent {name}", **more)


def recipe(number: int, name: str = "bug_fix", **more: Any) -> dict[str, Any]:
    """A recipe execution."""
    facts = {"gen_ai.operation.name": "invoke_workflow", "gen_ai.workflow.name": name, **more.pop("facts", {})}
    return span(number, facts, name=f"invoke_workflow {name}", **more)


def step(number: int, name: str = "reproduce", **more: Any) -> dict[str, Any]:
    """A step of a recipe."""
    return span(number, {"dev_agency.step.name": name, **more.pop("facts", {})}, name=f"step {name}", **more)


def call(number: int, used: tuple[int, int] | None = (100, 10), **more: Any) -> dict[str, Any]:
    """A model call that used (input, output) tokens."""
    facts: dict[str, Any] = {"gen_ai.operation.name": "chat", "gen_ai.request.model": "m", **more.pop("facts", {})}
    if used:
        facts |= {"gen_ai.usage.input_tokens": used[0], "gen_ai.usage.output_tokens": used[1]}
    return span(number, facts, name="chat m", **more)


def tool(number: int, name: str = "shell", **more: Any) -> dict[str, Any]:
    """A tool call."""
    facts = {"gen_ai.operation.name": "execute_tool", "gen_ai.tool.name": name, **more.pop("facts", {})}
    return span(number, facts, name=f"execute_tool {name}", **more)


FAILED: dict[str, Any] = {"status": {"code": 2, "message": "it broke"}}


def line(*spans: Any, resource: dict[str, Any] | None = None) -> bytes:
    """One export request with its line end."""
    scoped = {"scope": {"name": "tests"}, "spans": list(spans)}
    group = {"resource": {"attributes": attributes(resource or {"service.name": "app"})}, "scopeSpans": [scoped]}
    return json.dumps({"resourceSpans": [group]}, separators=(",", ":")).encode() + b"\n"


def log_line(*records: dict[str, Any]) -> bytes:
    """One export request of log records with its line end."""
    scoped = {"scope": {"name": "tests"}, "logRecords": list(records)}
    group = {"resource": {"attributes": attributes({"service.name": "app"})}, "scopeLogs": [scoped]}
    return json.dumps({"resourceLogs": [group]}).encode() + b"\n"


def write(file: Path, *lines: bytes) -> Path:
    """A file of these lines."""
    file.write_bytes(b"".join(lines))
    return file


def read(store: Store, file: Path, *lines: bytes) -> IngestResult:
    """Ingest a file, written with `lines` first where there are any."""
    return ingest(store, [write(file, *lines) if lines else file])


def rows(store: Store, sql: str) -> list[tuple[Any, ...]]:
    """The answer to a question that a test has of the database itself."""
    return store.connection.execute(sql).fetchall()


def execution(store: Store, number: int) -> dict[str, Any]:
    """The row of `executions` for the span of that number."""
    cursor = store.connection.execute("SELECT * FROM executions WHERE span_id = ?", [hex_id(number)])
    names = [column[0] for column in cursor.description or ()]
    (row,) = cursor.fetchall()
    return dict(zip(names, row, strict=True))


def settled(store: Store, file: Path, spans: Sequence[dict[str, Any]]) -> IngestResult:
    """Ingest these spans as one line, none of which may be rejected."""
    result = read(store, file, line(*spans))
    assert result.rejected == 0, result.reasons
    return result
