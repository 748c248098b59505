"""The part of the table of dialects that goes by names: spans and log events of coding agents, in their own words.

Sources: Claude Code's monitoring guide, Codex's `codex-rs/otel`, Gemini CLI's telemetry guide, Qwen Code's telemetry
constants. What is not named here stays what it is: a span of no known role, a log record.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from tachograph import vocabulary as v
from tachograph.semantics.words import NOTHING, Words

CLAUDE_CODE, CODEX, GEMINI_CLI, QWEN_CODE = "claude-code", "codex", "gemini-cli", "qwen-code"

_FAILED: Mapping[str, Mapping[str, str]] = {"success": {"false": "failure"}}
_FAILED_KINDS = {
    "cancelled": "cancellation",
    "timeout": "timeout",
    **dict.fromkeys(
        (
            "pre_hook_blocked", "invocation_guard_denied", "post_hook_stopped", "tool_error", "tool_exception",
            "permission_denied", "permission_hook_denied", "plan_mode_blocked", "non_interactive_denied",
            "background_agent_denied",
        ),
        "failure",
    ),
}  # fmt: skip


def _turn(dialect: str) -> Words:
    return Words(dialect, {v.OPERATION: v.INVOKE_AGENT, v.AGENT_NAME: dialect})


# What Claude Code calls input leaves out what a cache held.
_CLAUDE_CALL = Words(
    CLAUDE_CODE,
    {v.OPERATION: v.CHAT},
    {
        v.REQUEST_MODEL: ("model",),
        v.OUTPUT_TOKENS: ("output_tokens",),
        v.CACHE_READ_TOKENS: ("cache_read_tokens",),
        v.CACHE_WRITE_TOKENS: ("cache_creation_tokens",),
        v.COST_USD: ("cost_usd",),
        v.SERVICE_TIER: ("speed",),
        v.HTTP_STATUS: ("status_code",),
        v.RESPONSE_ID: ("request_id",),
        v.ERROR_TYPE: ("error",),
    },
    {v.INPUT_TOKENS: ("input_tokens", "cache_read_tokens", "cache_creation_tokens")},
    {v.OUTCOME: _FAILED},
)
_CLAUDE_TOOL = Words(
    CLAUDE_CODE,
    {v.OPERATION: v.EXECUTE_TOOL},
    {
        v.TOOL_NAME: ("tool_name",),
        v.TOOL_CALL_ID: ("tool_use_id",),
        v.TOOL_ARGUMENTS: ("full_command",),
        v.ERROR_TYPE: ("error_type", "error"),
    },
    NOTHING,
    {v.OUTCOME: _FAILED},
)


def _google_call(dialect: str, sums: Mapping[str, tuple[str, ...]] = NOTHING) -> Words:
    """Of Gemini's kind: input includes what a cache held."""
    return Words(
        dialect,
        {v.OPERATION: v.CHAT},
        {
            v.REQUEST_MODEL: ("model",),
            v.INPUT_TOKENS: ("input_token_count", "input_tokens"),
            v.CACHE_READ_TOKENS: ("cached_content_token_count", "cache_read_tokens"),
            v.REASONING_TOKENS: ("thoughts_token_count",),
            v.OUTPUT_TOKENS: ("output_token_count", "output_tokens"),
            v.RESPONSE_ID: ("response_id",),
            v.HTTP_STATUS: ("status_code",),
            v.ERROR_TYPE: ("error_type", "error"),
        },
        sums,
        {v.OUTCOME: _FAILED},
    )


# Gemini counts thoughts and the results of its own tools beside output and input, Qwen Code among them.
_GEMINI_SUMS = {
    v.INPUT_TOKENS: ("input_token_count", "tool_token_count"),
    v.OUTPUT_TOKENS: ("output_token_count", "thoughts_token_count"),
}


def _google_tool(dialect: str) -> Words:
    return Words(
        dialect,
        {v.OPERATION: v.EXECUTE_TOOL},
        {
            v.TOOL_NAME: ("function_name", "tool_name", "tool.name"),
            v.TOOL_CALL_ID: ("call_id", "tool.call_id"),
            v.TOOL_ARGUMENTS: ("function_args",),
            v.ERROR_TYPE: ("error_type", "tool.failure_kind", "error"),
        },
        NOTHING,
        {v.OUTCOME: {"decision": {"reject": "cancellation"}, "tool.failure_kind": _FAILED_KINDS, **_FAILED}},
    )


_CODEX_CALL = Words(
    CODEX,
    {v.OPERATION: v.CHAT},
    {
        v.REQUEST_MODEL: ("model", "slug"),
        v.INPUT_TOKENS: ("input_token_count",),
        v.CACHE_READ_TOKENS: ("cached_token_count",),
        v.OUTPUT_TOKENS: ("output_token_count",),
        v.REASONING_TOKENS: ("reasoning_token_count",),
        v.ERROR_TYPE: ("error.message",),
    },
)
_CODEX_TOOL = Words(
    CODEX,
    {v.OPERATION: v.EXECUTE_TOOL},
    {v.TOOL_NAME: ("tool_name",), v.TOOL_CALL_ID: ("call_id",), v.TOOL_ARGUMENTS: ("arguments",)},
    NOTHING,
    {v.OUTCOME: _FAILED},
)


def _waiting(dialect: str) -> Words:
    return Words(dialect, {v.OPERATION_KIND: v.AWAIT_PERSON})


def _attempt(dialect: str) -> Words:
    return Words(dialect, NOTHING, {v.ERROR_TYPE: ("error_type", "error")}, NOTHING, {v.OUTCOME: _FAILED})


# Spans that say how the tool call around them went.
ATTEMPTS = frozenset({"claude_code.tool.execution", "qwen-code.tool.execution"})

# Name of a span -> its words.
SPANS: Mapping[str, Words] = {
    "claude_code.interaction": _turn(CLAUDE_CODE),
    "claude_code.llm_request": _CLAUDE_CALL,
    "claude_code.tool": _CLAUDE_TOOL,
    "claude_code.tool.blocked_on_user": _waiting(CLAUDE_CODE),
    "claude_code.tool.execution": _attempt(CLAUDE_CODE),
    "qwen-code.interaction": _turn(QWEN_CODE),
    "qwen-code.llm_request": _google_call(QWEN_CODE),
    "qwen-code.tool": _google_tool(QWEN_CODE),
    "qwen-code.tool.execution": _attempt(QWEN_CODE),
    "qwen-code.tool.blocked_on_user": _waiting(QWEN_CODE),
    "qwen-code.subagent": Words(
        QWEN_CODE, {v.OPERATION: v.INVOKE_AGENT}, {v.AGENT_NAME: ("subagent_name", "agent_name")}
    ),
}


class Event(NamedTuple):
    """A log event that tells of a turn, a model call or a tool call which ended with it.

    `words` are how it says so; `only` what its attributes must hold (any one text of each) for it to do that, `always`
    what is true of it besides. A turn begins with its event.
    """

    words: Words
    only: Mapping[str, frozenset[str]] = {}
    always: Mapping[str, str] = {}
    duration_ms: str | None = "duration_ms"


_IS_FAILURE = {v.OUTCOME: "failure"}


def _starts(dialect: str) -> Event:
    return Event(_turn(dialect), duration_ms=None)


def _google_events(prefix: str, dialect: str, call: Words) -> dict[str, tuple[Event, ...]]:
    return {
        f"{prefix}.user_prompt": (_starts(dialect),),
        f"{prefix}.api_response": (Event(call),),
        f"{prefix}.api_error": (Event(call, always=_IS_FAILURE),),
        f"{prefix}.tool_call": (Event(_google_tool(dialect)),),
    }


# Name of a log event -> what it tells of.
EVENTS: Mapping[str, tuple[Event, ...]] = {
    "claude_code.user_prompt": (_starts(CLAUDE_CODE),),
    "claude_code.api_request": (Event(_CLAUDE_CALL),),
    "claude_code.api_error": (Event(_CLAUDE_CALL, always=_IS_FAILURE),),
    "claude_code.tool_result": (Event(_CLAUDE_TOOL),),
    "codex.user_prompt": (_starts(CODEX),),
    "codex.sse_event": (
        Event(_CODEX_CALL, {"event.kind": frozenset({"response.completed"})}),
        Event(_CODEX_CALL, {"event.kind": frozenset({"response.failed"})}, _IS_FAILURE),
    ),
    "codex.tool_result": (Event(_CODEX_TOOL),),
    **_google_events("gemini_cli", GEMINI_CLI, _google_call(GEMINI_CLI, _GEMINI_SUMS)),
    **_google_events("qwen-code", QWEN_CODE, _google_call(QWEN_CODE)),
    "qwen-code.api_cancel": (Event(_google_call(QWEN_CODE), always={v.OUTCOME: "cancellation"}),),
}

# Events of the GenAI conventions (1.41, and what the next may call it) that repeat what the span around them says.
DETAILS = frozenset({"gen_ai.client.inference.operation.details", "gen_ai.client.operation.details"})

# What tells which session and which turn of it an event belongs to, the preferred name first.
SESSIONS = (v.SESSION_ID, "conversation.id", v.CONVERSATION_ID)
TURNS = ("prompt.id", "prompt_id")
