"""Prompts, outputs and arguments of tools: left out unless asked for, but the same call stays the same call."""

import json
import os
from collections.abc import Callable, Mapping
from json.encoder import encode_basestring_ascii as _quoted
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
_DIGEST: Final = 16  # bytes
# Until the installation's salt is known: calls can be compared within this process only.
_keyed: Final = [blake2b(key=os.urandom(16), digest_size=_DIGEST)]  # copied for each hash

# As JSON has it. An encoder is made anew for each text, which takes longer than to write out what most calls are given.
_encode: Final = json.JSONEncoder(sort_keys=True, default=repr).encode
_PLAIN: Final[Mapping[type, Callable[[Any], str]]] = {
    str: _quoted,
    int: repr,
    bool: {True: "true", False: "false"}.__getitem__,
    type(None): lambda _: "null",
}


def keep_content(capture: Capture, salt: bytes | None = None) -> None:
    """Keep what `capture` says; `salt` makes hashes of calls comparable between processes, and not guessable."""
    _captured[0] = capture
    if salt:
        _keyed[0] = blake2b(key=salt[:64], digest_size=_DIGEST)
    renew()


def captured() -> Capture:
    """What is kept now."""
    return _captured[0]


def call_hash(attributes: Mapping[str, Any], arguments: Any) -> str:
    """What stands for the arguments of a tool: the same tool called again with the same has the same."""
    said = arguments if isinstance(arguments, str) else (_flat(arguments) or _encode(arguments))
    digest = _keyed[0].copy()
    digest.update(f"{attributes.get(v.TOOL_NAME)}\0{said}".encode("utf-8", "replace"))
    return digest.hexdigest()


def one_text(name: str, value: str) -> str:
    """The text of arguments of which there is but this one."""
    return f"{{{_quoted(name)}: {_quoted(value)}}}"


def _flat(arguments: Any) -> str | None:
    """The text of the encoder, to the character, where plain values stand under names; else None."""
    if type(arguments) is not dict:
        return None
    try:
        pairs = [f"{_quoted(name)}: {_PLAIN[type(value)](value)}" for name, value in sorted(arguments.items())]
    except (KeyError, TypeError):
        return None
    return f"{{{', '.join(pairs)}}}"
