"""Codex's rollout files: what was said, called and used in one thread, in the order in which it happened."""

import json
import re
from collections.abc import Iterator
from typing import Any, Final

from tachograph import vocabulary as v
from tachograph.semantics.coding_agents import CODEX
from tachograph.store.parsing import identity
from tachograph.store.parsing.sessions.telling import Told, Unknown, model_span, time_ns, tool_facts, tool_span

_LINES: Final = frozenset({"session_meta", "turn_context", "response_item", "event_msg", "compacted"})
_CALLS: Final = {"function_call": "arguments", "custom_tool_call": "input", "local_shell_call": "action"}
_OUTPUTS: Final = frozenset({"function_call_output", "custom_tool_call_output", "local_shell_call_output"})
_STARTS: Final = frozenset({"task_started", "turn_started"})
_OUTCOMES: Final = {"turn_aborted": "cancellation", "error": "failure"}
_BOUNDS: Final = _STARTS | {"user_message", "task_complete", "turn_complete", *_OUTCOMES}
_RESULTS: Final = frozenset({"exec_command_end", "mcp_tool_call_end", "patch_apply_end"})
# Items and events without times, tokens or outcomes of their own.
_ITEMS: Final = frozenset(
    {"message", "reasoning", "web_search_call", "ghost_snapshot", "compaction", "compaction_summary",
     "context_compaction", "image_generation_call", "tool_search_call", "tool_search_output", "other"}
)  # fmt: skip
_EVENTS: Final = frozenset(
    {
        "agent_message", "agent_reasoning", "agent_reasoning_raw_content", "agent_reasoning_section_break",
        "agent_message_delta", "agent_reasoning_delta", "background_event", "context_compacted", "warning",
        "entered_review_mode", "exited_review_mode", "exec_command_begin", "exec_command_output_delta",
        "mcp_tool_call_begin",
        "patch_apply_begin", "turn_diff", "plan_update", "thread_name_updated", "thread_rolled_back", "undo_completed",
        "undo_started", "item_started", "item_completed", "web_search_begin", "web_search_end", "view_image_tool_call",
        "session_configured", "stream_error", "deprecation_notice", "exec_approval_request", "model_reroute",
        "apply_patch_approval_request", "image_generation_begin", "image_generation_end", "thread_goal_updated",
        "collab_agent_spawn_begin", "collab_agent_spawn_end", "collab_waiting_begin", "collab_waiting_end",
        "collab_agent_interaction_begin", "collab_agent_interaction_end", "collab_close_begin", "collab_close_end",
        "dynamic_tool_call_request", "dynamic_tool_call_response", "guardian_assessment", "hook_started",
        "hook_completed",
    }
)  # fmt: skip
_EXIT: Final = re.compile(r"(?:^Exit code:|[Pp]rocess exited with code) (-?\d+)", re.MULTILINE)
_USAGE: Final = {
    v.INPUT_TOKENS: "input_tokens",
    v.CACHE_READ_TOKENS: "cached_input_tokens",
    v.OUTPUT_TOKENS: "output_tokens",
    v.REASONING_TOKENS: "reasoning_output_tokens",
}


def is_line(said: dict[str, Any]) -> bool:
    """Whether only Codex writes such a line."""
    return said.get("type") in _LINES and isinstance(said.get("payload"), dict) and "timestamp" in said


class Reader:
    """See `reading.Reader`."""

    def __init__(self) -> None:
        self.service: str = CODEX
        self.version: str | None = None
        self._session = ""
        self._agent = CODEX
        self._model: str | None = None
        self._turn: str | None = None
        self._start = self._last = self._sent = 0
        self._outcome: str | None = None
        self._has_answer = self._says_tasks = False
        self._tools: dict[str, tuple[dict[str, Any], int]] = {}
        self._exits: dict[str, int] = {}
        self._total: dict[str, int] = {}

    def line(self, said: dict[str, Any]) -> Iterator[Told]:
        kind, payload = said.get("type"), said.get("payload")
        if kind not in _LINES or not isinstance(payload, dict):
            raise Unknown(f"is of the type {str(kind)[:40]!r}, which this version does not know")
        now = time_ns(said.get("timestamp"))
        if kind == "session_meta":
            self._meta(payload)
        elif not self._session:
            raise Unknown("comes before the line that names the session")
        elif kind == "turn_context":
            self._model = payload.get("model") or self._model
        elif kind == "response_item":
            yield from self._item(payload, now)
        elif kind == "event_msg":
            yield from self._event(payload, now)
        self._last = max(self._last, now)

    def end(self) -> Iterator[Told]:
        yield from self._close()

    def _meta(self, payload: dict[str, Any]) -> None:
        if self._session:
            return  # of the thread that this one was forked from
        self._session = str(payload["id"])
        self.version = payload.get("cli_version")
        source = payload.get("source")
        if isinstance(source, dict) and "subagent" in source:
            self._agent = str(payload.get("agent_role") or "codex subagent")

    def _item(self, payload: dict[str, Any], now: int) -> Iterator[Told]:
        kind = str(payload.get("type"))
        if kind in _CALLS:
            self._called(payload, payload.get(_CALLS[kind]), now)
        elif kind in _OUTPUTS:
            yield from self._output(payload, now)
        elif kind not in _ITEMS:
            raise Unknown(f"holds an item {kind[:40]!r}, which this version does not know")

    def _called(self, payload: dict[str, Any], arguments: Any, now: int) -> None:
        call, name = str(payload.get("call_id") or payload.get("id")), str(payload.get("name") or "local_shell")
        self._tools[call] = (tool_facts(name, call, arguments, self._session), now)

    def _output(self, payload: dict[str, Any], now: int) -> Iterator[Told]:
        call = str(payload.get("call_id"))
        facts, start = self._tools.pop(call, (None, 0))
        self._sent = now
        if facts is None:
            return
        if _has_failed(payload.get("output")) or self._exits.pop(call, 0) != 0:
            facts[v.OUTCOME] = "failure"
        yield self._told(tool_span(self._session, call), str(facts[v.TOOL_NAME]), start, now, facts)

    def _event(self, payload: dict[str, Any], now: int) -> Iterator[Told]:
        kind = str(payload.get("type"))
        if kind == "token_count":
            yield from self._used(payload.get("info"), now)
        elif kind in _RESULTS:
            self._ended(payload)
        elif kind in _BOUNDS:
            yield from self._bound(kind, payload, now)
        elif kind not in _EVENTS:
            raise Unknown(f"holds an event {kind[:40]!r}, which this version does not know")

    def _bound(self, kind: str, payload: dict[str, Any], now: int) -> Iterator[Told]:
        """Where a turn begins or ends, or what decides how it ended."""
        if kind in _STARTS:
            self._says_tasks = True
            yield from self._open(payload, now)
        elif kind == "user_message":
            # Where turns say that they start, this is said in the middle of one, or just after it began.
            if not self._says_tasks or self._turn is None:
                yield from self._open(payload, now)
        else:
            self._outcome = _OUTCOMES.get(kind, self._outcome)
            if kind != "error":
                yield from self._close(now)

    def _ended(self, payload: dict[str, Any]) -> None:
        code = payload.get("exit_code")
        failed = payload.get("success") is False or "Err" in (payload.get("result") or {})
        self._exits[str(payload.get("call_id"))] = code if type(code) is int else int(failed)

    def _open(self, payload: dict[str, Any], now: int) -> Iterator[Told]:
        yield from self._close()
        self._turn = identity.turn_id(self._session, str(payload.get("turn_id") or now))
        self._start = self._sent = now
        self._outcome, self._has_answer = None, False

    def _close(self, now: int = 0) -> Iterator[Told]:
        turn, self._turn = self._turn, None
        if turn is None or not (self._has_answer or self._outcome):
            return
        facts = {v.OPERATION: v.INVOKE_AGENT, v.AGENT_NAME: self._agent, v.AGENT_VERSION: self.version}
        facts |= {v.SESSION_ID: self._session, v.OUTCOME: self._outcome}
        trace = identity.trace_id(self._session)
        yield Told(trace, turn, None, "codex.turn", self._start, max(now, self._last), facts, is_turn=True)

    def _used(self, info: Any, now: int) -> Iterator[Told]:
        """A model call; the same total is told again where the limits of the account have changed."""
        if not isinstance(info, dict):
            return
        total = _counts(info.get("total_token_usage"))
        last = _counts(info.get("last_token_usage"))
        before, self._total = self._total, total or self._total
        if total and total == before:
            return
        used = last or {name: max(count - before.get(name, 0), 0) for name, count in total.items()}
        if not used:
            return
        self._has_answer = True
        facts = {v.OPERATION: v.CHAT, v.REQUEST_MODEL: self._model, v.SESSION_ID: self._session, **used}
        yield self._told(model_span(self._session, str(now)), v.CHAT, self._sent or now, now, facts)
        self._sent = now

    def _told(self, span: str, name: str, start: int, end: int, facts: dict[str, Any]) -> Told:
        trace = identity.trace_id(self._session)
        return Told(trace, span, self._turn or identity.some_turn(trace), name, start, end, facts)


def _counts(usage: Any) -> dict[str, int]:
    if not isinstance(usage, dict):
        return {}
    return {fact: usage[name] for fact, name in _USAGE.items() if type(usage.get(name)) is int}


def _has_failed(output: Any) -> bool:
    if isinstance(output, dict):
        return output.get("success") is False
    if not isinstance(output, str):
        return False
    if output.startswith("{"):
        try:
            metadata = json.loads(output).get("metadata") or {}
        except (ValueError, AttributeError):
            return False
        return bool(metadata.get("exit_code", 0) != 0)
    found = _EXIT.search(output[:1_000])
    return found is not None and found[1] != "0"
