"""Session files of coding agents: turns, calls and tokens exactly, and once, wherever and how often they are told."""

import json
from pathlib import Path
from typing import Any

import pytest
from telemetry import rows

from tachograph.store import Store, ingest

S = 1_000_000_000
COLUMNS = (
    "name", "outcome", "duration_ns", "input_tokens", "cache_read_tokens", "cache_write_tokens", "output_tokens",
    "model_calls", "tool_calls", "tool_ns",
)  # fmt: skip


def at(seconds: int) -> str:
    return f"2026-03-01T10:00:{seconds:02d}.000Z"


def claude(kind: str, uuid: str, seconds: int, message: dict[str, Any], **more: Any) -> dict[str, Any]:
    """A line of ~/.claude/projects/PROJECT/SESSION.jsonl."""
    head = {"type": kind, "sessionId": "s1", "uuid": uuid, "timestamp": at(seconds), "version": "2.1.0"}
    return {**head, "message": message, **more}


def answer(message: str, request: str, usage: tuple[int, int, int, int], part: dict[str, Any], stop: str | None) -> Any:
    names = ("input_tokens", "cache_read_input_tokens", "cache_creation_input_tokens", "output_tokens")
    told = {"id": message, "model": "m", "content": [part], "usage": dict(zip(names, usage, strict=True))}
    return {"message": {**told, "stop_reason": stop}, "requestId": request}


def claude_session() -> list[dict[str, Any]]:
    """A prompt; an answer in two lines, which repeat its usage; a tool that fails after 2 s; a second answer."""
    tool = {"type": "tool_use", "id": "toolu_1", "name": "Bash", "input": {"command": "make"}}
    failed = {"type": "tool_result", "tool_use_id": "toolu_1", "is_error": True, "content": "no"}
    text = {"type": "text", "text": "so"}
    return [
        claude("user", "u1", 0, {"role": "user", "content": "mend it"}),
        claude("assistant", "a1", 2, **answer("msg_1", "req_1", (80, 10, 10, 20), text, None)),
        claude("assistant", "a2", 3, **answer("msg_1", "req_1", (80, 10, 10, 20), tool, "tool_use")),
        claude("user", "u2", 5, {"role": "user", "content": [failed]}),
        claude("assistant", "a3", 9, **answer("msg_2", "req_2", (150, 50, 0, 40), text, "end_turn")),
    ]


def codex(kind: str, seconds: int, **payload: Any) -> dict[str, Any]:
    """A line of ~/.codex/sessions/YEAR/MONTH/DAY/rollout-….jsonl."""
    return {"timestamp": at(seconds), "type": kind, "payload": payload}


def used(seconds: int, total: tuple[int, int, int], last: tuple[int, int, int]) -> dict[str, Any]:
    names = ("input_tokens", "cached_input_tokens", "output_tokens")
    parts = {"total_token_usage": total, "last_token_usage": last}
    info = {part: dict(zip(names, counts, strict=True)) for part, counts in parts.items()}
    return codex("event_msg", seconds, type="token_count", info=info)


def codex_session() -> list[dict[str, Any]]:
    """As above; the first usage is told twice, as it is when the limits of the account change."""
    return [
        codex("session_meta", 0, id="c1", cli_version="0.60.0"),
        codex("turn_context", 0, model="m"),
        codex("event_msg", 0, type="task_started"),
        codex("response_item", 3, type="function_call", call_id="call_1", name="shell", arguments="{}"),
        used(3, (100, 10, 20), (100, 10, 20)),
        used(3, (100, 10, 20), (100, 10, 20)),
        codex("event_msg", 5, type="exec_command_end", call_id="call_1", exit_code=1),
        codex("response_item", 5, type="function_call_output", call_id="call_1", output="no"),
        used(8, (300, 60, 60), (200, 50, 40)),
        codex("event_msg", 9, type="task_complete"),
    ]


SESSIONS = {"claude-code": claude_session, "codex": codex_session}
EXPECTED = {
    "claude-code": ("claude-code", "success", 9 * S, 230, 60, 10, 60, 2, 1, 2 * S),
    "codex": ("codex", "success", 9 * S, 240, 60, 0, 60, 2, 1, 2 * S),
}


def written(path: Path, lines: list[dict[str, Any]]) -> Path:
    path.write_text("".join(json.dumps(line) + "\n" for line in lines))
    return path


def executions(store: Store) -> list[tuple[Any, ...]]:
    return rows(store, f"SELECT {', '.join(COLUMNS)} FROM executions ORDER BY start_ns")


@pytest.mark.parametrize("agent", SESSIONS)
def test_a_session(store: Store, tmp_path: Path, agent: str) -> None:
    """One turn; and a second reading, or that of a copy, adds nothing."""
    file = written(tmp_path / "session.jsonl", SESSIONS[agent]())
    assert ingest(store, [file]).rejected == 0
    assert executions(store) == [EXPECTED[agent]]
    assert rows(store, "SELECT count(*) FROM failures WHERE role = 'tool'") == [(1,)]
    for again in (file, written(tmp_path / "copy.jsonl", SESSIONS[agent]())):
        assert ingest(store, [again]).executions == 0
        assert executions(store) == [EXPECTED[agent]]


@pytest.mark.parametrize("agent", SESSIONS)
def test_a_session_that_goes_on(store: Store, tmp_path: Path, agent: str) -> None:
    """Whatever was read of it before, in the end it is what it is."""
    lines = SESSIONS[agent]()
    for length in (3, 5, len(lines)):
        ingest(store, [written(tmp_path / "session.jsonl", lines[:length])])
    assert executions(store) == [EXPECTED[agent]]


@pytest.mark.parametrize("agent", SESSIONS)
def test_lines_of_a_newer_version(store: Store, tmp_path: Path, agent: str) -> None:
    """Each is told and kept, and what is known of the session stays exact; the last line is cut off."""
    unknown = [{"type": "hologram", "sessionId": "s1", "uuid": "x"}, {"no": "type"}]
    file = written(tmp_path / "session.jsonl", [*SESSIONS[agent](), *unknown])
    with file.open("a") as cut:
        cut.write('{"type": "assis')
    result = ingest(store, [file])
    assert executions(store) == [EXPECTED[agent]]
    assert result.rejected == 3
    assert rows(store, "SELECT count(*) FROM rejected") == [(3,)]


@pytest.mark.parametrize("order", [("session", "events"), ("events", "session")])
def test_a_session_that_was_sent_as_well_counts_once(store: Store, tmp_path: Path, order: tuple[str, str]) -> None:
    """Its file and its log events tell of the same calls by the same ids; the file knows the turn better."""
    files = {
        "session": written(tmp_path / "session.jsonl", claude_session()),
        "events": written(tmp_path / "events.jsonl", [events()]),
    }
    for kind in order:
        ingest(store, [files[kind]])
    assert executions(store) == [EXPECTED["claude-code"]]


def events() -> dict[str, Any]:
    """The same turn as Claude Code sends it."""
    call = {"session.id": "s1", "prompt.id": "u1", "model": "m"}
    tokens = ("input_tokens", "cache_read_tokens", "cache_creation_tokens", "output_tokens")
    told = [
        event("user_prompt", 0, **{"session.id": "s1", "prompt.id": "u1"}),
        event(
            "api_request",
            3,
            **call,
            request_id="req_1",
            duration_ms=3_000,
            **dict(zip(tokens, (80, 10, 10, 20), strict=True)),
        ),
        event("tool_result", 5, **call, tool_name="Bash", tool_use_id="toolu_1", success="false", duration_ms=2_000),
        event(
            "api_request",
            9,
            **call,
            request_id="req_2",
            duration_ms=4_000,
            **dict(zip(tokens, (150, 50, 0, 40), strict=True)),
        ),
    ]
    scope = {"scope": {"name": "com.anthropic.claude_code.events"}, "logRecords": told}
    service = {"attributes": [{"key": "service.name", "value": {"stringValue": "claude-code"}}]}
    return {"resourceLogs": [{"resource": service, "scopeLogs": [scope]}]}


def event(name: str, seconds: int, **facts: Any) -> dict[str, Any]:
    from datetime import datetime

    time = int(datetime.fromisoformat(at(seconds)).timestamp()) * S
    attributes = {"event.name": name, **facts}
    return {
        "timeUnixNano": str(time),
        "body": {"stringValue": f"claude_code.{name}"},
        "attributes": [
            {"key": key, "value": {"intValue": str(value)} if isinstance(value, int) else {"stringValue": value}}
            for key, value in attributes.items()
        ],
    }
