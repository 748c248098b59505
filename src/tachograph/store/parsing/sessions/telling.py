"""What a session file tells of, before it is a row: units with their ids, times and facts."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from tachograph import vocabulary as v
from tachograph.store.parsing import identity, wire

SESSION: Final = "session"
SIDECHAIN: Final = "sidechain"  # a subagent's own file, which does not say what it is called
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_ERROR: Final = 2


class Unknown(ValueError):
    """A line that a newer version may have written; the text says what it is."""


@dataclass(slots=True)
class Told:
    """One unit: `kind` is its GenAI operation, `is_turn` where it lasts until its last call."""

    trace: str
    span: str
    parent: str | None
    name: str
    start_ns: int
    end_ns: int
    facts: Mapping[str, Any] = field(default_factory=dict)
    is_turn: bool = False
    told_by: str = SESSION
    error: str | None = None

    def as_span(self) -> wire.Span:
        """As a span that could have come over the wire."""
        return wire.Span(
            self.trace,
            self.span,
            self.parent,
            name=self.name,
            start_time_unix_nano=min(self.start_ns, self.end_ns),
            end_time_unix_nano=self.end_ns,
            attributes=wire.pairs(self.facts),
            status=wire.Status(_ERROR, self.error) if self.error else None,
        )


def time_ns(text: Any) -> int:
    """A time as session files write it; Unknown where it is none."""
    try:
        moment = datetime.fromisoformat(text)
        return (moment - _EPOCH) // timedelta(microseconds=1) * 1_000
    except (TypeError, ValueError):
        raise Unknown("has no time that can be read") from None


def tool_facts(name: str, call: str, arguments: Any, session: str) -> dict[str, Any]:
    """Of a tool call; its arguments stay where they are, for they hold what the user wrote, and only a hash is kept."""
    digest = hashlib.blake2b(wire.ordered([name, arguments]), digest_size=16).hexdigest()
    return {
        v.OPERATION: v.EXECUTE_TOOL,
        v.TOOL_NAME: name,
        v.TOOL_CALL_ID: call,
        v.CALL_HASH: digest,
        v.SESSION_ID: session,
    }


def tool_span(session: str, call: str) -> str:
    """The id of a tool call, the same as where a log event tells of it."""
    return identity.call_id(session, v.EXECUTE_TOOL, call)


def model_span(session: str, call: str) -> str:
    """The id of a model call, the same as where a log event tells of it."""
    return identity.call_id(session, v.CHAT, call)
