"""Ids for turns and calls that no span told of: hashed from what their agent calls them, so that a log event, a session
file and a second reading of either come to the same."""

import hashlib
from typing import Final

_DIGITS: Final = 16


def trace_id(session: str) -> str:
    """The trace of all that a session told."""
    return _hash(32, "session", session)


def turn_id(session: str, turn: str) -> str:
    """The span of one turn of a session: a prompt and all that was done for it."""
    return _hash(_DIGITS, "turn", session, turn)


def call_id(session: str, kind: str, call: str) -> str:
    """The span of a model or tool call."""
    return _hash(_DIGITS, kind, session, call)


def some_turn(trace: str) -> str:
    """The parent of what does not say which turn of its session it belongs to; no span has this id."""
    return trace[:_DIGITS]


def _hash(digits: int, *parts: str) -> str:
    return hashlib.blake2b("\0".join(parts).encode(), digest_size=digits // 2).hexdigest()
