"""Prompts, outputs and arguments of tools: left out unless asked for, but the same call stays the same call."""

import json
import os
from collections.abc import Mapping
from typing import Any, Final, NamedTuple, Self

try:
    from _blake2 import blake2b  # what hashlib gives out, without loading OpenSSL
except ImportError:
    from hashlib import blake2b

from tachograph import vocabulary as v
from tachograph.redaction.rules import renew

_YES: Final = frozenset({"true", "1", "yes", "on", "span_and_event"})


class Capture(NamedTuple):
    """Where content is kept: in attributes of spans, in events and log records."""

    spans: bool = False
    events: bool = False

    @classmethod
    def named(cls, value: str) -> Self:
        """By `OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT`: true, or SPAN_ONLY, EVENT_ONLY, SPAN_AND_EVENT."""
        mode = value.strip().lower()
        return cls(spans=mode in _YES or mode == "span_only", events=mode in _YES or mode == "event_only")


_captured: list[Capture] = [Capture()]
# Until the installation's salt is known: calls can be compared within this process only.
_salt: list[bytes] = [os.urandom(16)]


def keep_content(capture: Capture, salt: bytes | None = None) -> None:
    """Keep what `capture` says; `salt` makes hashes of calls comparable between processes, and not guessable."""
    _captured[0] = capture
    _salt[0] = (salt or b"")[:64] or _salt[0]
    renew()


def captured() -> Capture:
    """What is kept now."""
    return _captured[0]


def call_hash(attributes: Mapping[str, Any], arguments: Any) -> str:
    """What stands for the arguments of a tool: the same tool called again with the same has the same."""
    said = arguments if isinstance(arguments, str) else json.dumps(arguments, sort_keys=True, default=repr)
    parts = f"{attributes.get(v.TOOL_NAME)}\0{said}".encode("utf-8", "replace")
    return blake2b(parts, key=_salt[0], digest_size=16).hexdigest()
