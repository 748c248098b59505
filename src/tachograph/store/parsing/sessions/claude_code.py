"""Claude Code's session files: one line for each message or part of a message, its subagents in files of their own."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Final

from tachograph import vocabulary as v
from tachograph.semantics.coding_agents import CLAUDE_CODE
from tachograph.store.parsing import identity
from tachograph.store.parsing.sessions.telling import (
    SESSION,
    SIDECHAIN,
    Told,
    Unknown,
    model_span,
    time_ns,
    tool_facts,
    tool_span,
)

_MESSAGES: Final = frozenset({"user", "assistant", "system"})
# Lines that say nothing about time, tokens or outcomes.
_PASSED_OVER: Final = frozenset(
    {
        "summary", "file-history-snapshot", "file-history-delta", "queue-operation", "progress", "attachment",
        "custom-title", "ai-title", "agent-name", "agent-color", "agent-setting", "last-prompt", "permission-mode",
        "mode", "tag", "pr-link", "worktree-state", "content-replacement", "speculation-accept", "bridge-session",
        "task-summary", "marble-origami-commit", "marble-origami-snapshot", "attribution-snapshot", "result",
    }
)  # fmt: skip
_SYNTHETIC: Final = "<synthetic>"  # the model of messages that no model wrote
_INTERRUPTED: Final = "[Request interrupted by user"
_REFUSED: Final = "The user doesn't want to proceed with this tool use"
_SUBAGENT: Final = "claude-code subagent"


def is_line(said: dict[str, Any]) -> bool:
    """Whether only Claude Code writes such a line."""
    return said.get("type") in _MESSAGES and isinstance(said.get("sessionId"), str) and "uuid" in said


@dataclass(slots=True)
class _Message:
    """An answer of the model, which comes in several lines that repeat its usage."""

    id: str
    start_ns: int
    end_ns: int
    facts: dict[str, Any]
    stopped: bool = False


@dataclass(slots=True)
class _Tool:
    facts: dict[str, Any]
    start_ns: int
    agent: str  # the kind of subagent that it calls


@dataclass(slots=True)
class _Strand:
    """One conversation: the session's own or that of a subagent. `turn` is the agent execution under way."""

    last_ns: int = 0
    turn: str | None = None
    start_ns: int = 0
    prompt: str | None = None
    outcome: str | None = None
    has_answer: bool = False
    agent: str | None = None
    message: _Message | None = None
    tools: dict[str, _Tool] = field(default_factory=dict)


class Reader:
    """See `reading.Reader`."""

    def __init__(self) -> None:
        self.service: str = CLAUDE_CODE
        self.version: str | None = None
        self._session = ""
        self._strands: dict[str, _Strand] = {}
        self._root_of: dict[str, str] = {}  # line of a subagent in the session's file -> its first line
        self._models_stop = False
        self._told: set[str] = set()

    def line(self, said: dict[str, Any]) -> Iterator[Told]:
        kind = said.get("type")
        if kind in _PASSED_OVER:
            return
        if kind not in _MESSAGES:
            raise Unknown(f"is of the type {str(kind)[:40]!r}, which this version does not know")
        if said.get("forkedFrom"):
            return  # copied from the file of another session, which tells of it
        self._session = str(said["sessionId"])
        self.version = said.get("version") or self.version
        strand = self._strand(said)
        now = time_ns(said.get("timestamp"))
        yield from getattr(self, f"_{kind}")(said, strand, now)
        strand.last_ns = max(strand.last_ns, now)

    def end(self) -> Iterator[Told]:
        for strand in self._strands.values():
            message = strand.message
            # Where others say how they stopped, one that does not may go on in lines still to be written.
            if message and (message.stopped or not self._models_stop):
                yield from self._answered(strand)
            yield from self._turn(strand)

    def _strand(self, said: dict[str, Any]) -> _Strand:
        key = self._strand_key(said)
        strand = self._strands.setdefault(key, _Strand())
        if key and strand.turn is None:
            strand.agent = key
            strand.turn = _agent_span(self._session, key)
            strand.start_ns = time_ns(said.get("timestamp"))
        return strand

    def _strand_key(self, said: dict[str, Any]) -> str:
        if not said.get("isSidechain"):
            return ""
        if isinstance(said.get("agentId"), str):
            return str(said["agentId"])
        root = self._root_of.get(str(said.get("parentUuid")), str(said["uuid"]))
        self._root_of[str(said["uuid"])] = root
        return root

    def _user(self, said: dict[str, Any], strand: _Strand, now: int) -> Iterator[Told]:
        results = [part for part in _parts(said) if part.get("type") == "tool_result"]
        if results:
            for part in results:
                yield from self._result(said, strand, part, now)
        elif _text(said).startswith(_INTERRUPTED):
            strand.outcome = "cancellation"
        elif not (strand.agent or said.get("isMeta") or said.get("isCompactSummary")):
            yield from self._prompt(said, strand, now)

    def _prompt(self, said: dict[str, Any], strand: _Strand, now: int) -> Iterator[Told]:
        prompt = str(said.get("promptId") or said["uuid"])
        if prompt == strand.prompt:
            return
        yield from self._answered(strand)
        yield from self._turn(strand)
        strand.prompt, strand.start_ns, strand.outcome, strand.has_answer = prompt, now, None, False
        strand.turn = identity.turn_id(self._session, prompt)
        strand.tools.clear()

    def _assistant(self, said: dict[str, Any], strand: _Strand, now: int) -> Iterator[Told]:
        message = said["message"]
        if said.get("isApiErrorMessage"):
            yield from self._answered(strand)
            yield self._failed(said, strand, now, _text(said) or "API error", said.get("error"))
            return
        if message.get("model") == _SYNTHETIC:
            return
        known = str(message["id"])
        if strand.message is None or strand.message.id != known:
            yield from self._answered(strand)
            strand.message = _Message(known, strand.last_ns or now, now, {})
        self._add(strand, strand.message, said, now)

    def _add(self, strand: _Strand, message: _Message, said: dict[str, Any], now: int) -> None:
        content = said["message"]
        strand.has_answer = True
        strand.outcome = None
        message.end_ns = max(message.end_ns, now)
        message.stopped = message.stopped or content.get("stop_reason") is not None
        self._models_stop = self._models_stop or message.stopped
        message.facts |= {
            v.REQUEST_MODEL: content.get("model"),
            v.RESPONSE_ID: said.get("requestId") or message.id,
            **_usage(content.get("usage") or {}),
        }
        for part in _parts(said):
            if part.get("type") == "tool_use":
                asked = part.get("input") or {}
                facts = tool_facts(str(part["name"]), str(part["id"]), asked, self._session)
                agent = str(asked.get("subagent_type") or _SUBAGENT) if isinstance(asked, dict) else _SUBAGENT
                strand.tools[str(part["id"])] = _Tool(facts, now, agent)

    def _answered(self, strand: _Strand) -> Iterator[Told]:
        """The model call that no further line belongs to."""
        message, strand.message = strand.message, None
        if message is None or message.id in self._told:
            return
        self._told.add(message.id)
        facts = {v.OPERATION: v.CHAT, v.SESSION_ID: self._session, **message.facts}
        span = model_span(self._session, str(facts[v.RESPONSE_ID]))
        yield self._unit(strand, span, v.CHAT, message.start_ns, message.end_ns, facts)

    def _failed(self, said: dict[str, Any], strand: _Strand, now: int, why: str, kind: Any) -> Told:
        facts: dict[str, Any] = {v.OPERATION: v.CHAT, v.SESSION_ID: self._session, v.OUTCOME: "failure"}
        facts[v.ERROR_TYPE] = kind if isinstance(kind, str) else "api_error"
        status = _status(said)
        facts |= {v.HTTP_STATUS: status} if status else {}
        strand.has_answer = True
        span = model_span(self._session, str(said["uuid"]))
        return self._unit(strand, span, v.CHAT, strand.last_ns or now, now, facts, why[:1_000])

    def _system(self, said: dict[str, Any], strand: _Strand, now: int) -> Iterator[Told]:
        """An attempt that failed and is made again; what else the system says has no figures."""
        if said.get("subtype") == "api_error":
            yield from self._answered(strand)
            yield self._failed(said, strand, now, "API error", None)

    def _result(self, said: dict[str, Any], strand: _Strand, part: dict[str, Any], now: int) -> Iterator[Told]:
        call = str(part.get("tool_use_id"))
        tool = strand.tools.pop(call, None)
        if tool is None:
            return  # asked for in a part of the session that is not in this file, or told of already
        told = said.get("toolUseResult")
        agent = told.get("agentId") if isinstance(told, dict) else None
        span = tool_span(self._session, call)
        if part.get("is_error"):
            refused = _REFUSED in str(part.get("content")) or told == "User rejected tool use"
            tool.facts[v.OUTCOME] = "cancellation" if refused else "failure"
        if isinstance(agent, str):
            span = identity.call_id(self._session, "subagent", agent)
            yield self._subagent(agent, tool.agent, tool.start_ns, now)
        yield self._unit(strand, span, str(tool.facts[v.TOOL_NAME]), tool.start_ns, now, tool.facts)

    def _turn(self, strand: _Strand) -> Iterator[Told]:
        if strand.turn is None or not (strand.has_answer or strand.outcome):
            return
        if strand.agent:
            yield self._subagent(strand.agent, _SUBAGENT, strand.start_ns, strand.last_ns, SIDECHAIN)
            return
        facts = {v.OPERATION: v.INVOKE_AGENT, v.AGENT_NAME: CLAUDE_CODE, v.AGENT_VERSION: self.version}
        facts |= {v.SESSION_ID: self._session, v.OUTCOME: strand.outcome}
        trace, end = identity.trace_id(self._session), max(strand.last_ns, strand.start_ns)
        yield Told(trace, strand.turn, None, "claude_code.turn", strand.start_ns, end, facts, is_turn=True)

    def _subagent(self, agent: str, name: str, start: int, end: int, told_by: str = SESSION) -> Told:
        facts = {v.OPERATION: v.INVOKE_AGENT, v.AGENT_NAME: name, v.SESSION_ID: self._session}
        parent = identity.call_id(self._session, "subagent", agent)
        span, trace = _agent_span(self._session, agent), identity.trace_id(self._session)
        return Told(trace, span, parent, "claude_code.subagent", start, end, facts, is_turn=True, told_by=told_by)

    def _unit(
        self,
        strand: _Strand,
        span: str,
        name: str,
        start: int,
        end: int,
        facts: dict[str, Any],
        error: str | None = None,
    ) -> Told:
        trace = identity.trace_id(self._session)
        return Told(trace, span, strand.turn or identity.some_turn(trace), name, start, end, facts, error=error)


def _agent_span(session: str, agent: str) -> str:
    return identity.call_id(session, "agent", agent)


def _parts(said: dict[str, Any]) -> list[dict[str, Any]]:
    content = (said.get("message") or {}).get("content")
    return [part for part in content if isinstance(part, dict)] if isinstance(content, list) else []


def _text(said: dict[str, Any]) -> str:
    content = (said.get("message") or {}).get("content")
    if isinstance(content, str):
        return content
    return next((str(part.get("text")) for part in _parts(said) if part.get("type") == "text"), "")


def _usage(usage: dict[str, Any]) -> dict[str, Any]:
    """What the provider calls input leaves out what a cache held, which the convention's includes."""
    names = ("input_tokens", "cache_read_input_tokens", "cache_creation_input_tokens")
    parts = [value if type(value) is int else 0 for value in map(usage.get, names)]
    if type(usage.get("output_tokens")) is not int:
        return {}
    counts = (sum(parts), usage["output_tokens"], *parts[1:])
    return dict(zip((v.INPUT_TOKENS, v.OUTPUT_TOKENS, v.CACHE_READ_TOKENS, v.CACHE_WRITE_TOKENS), counts, strict=True))


def _status(said: dict[str, Any]) -> int | None:
    error = said.get("error")
    status = error.get("status") if isinstance(error, dict) else said.get("apiErrorStatus")
    return status if type(status) is int else None
