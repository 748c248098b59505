"""Secrets in running text. Most texts were seen before or hold nothing that could be one, and are told at once."""

import re
from collections.abc import Callable
from functools import lru_cache
from typing import Final

from tachograph.redaction import known
from tachograph.redaction.shapes import HINT, LONG, LONG_HINT, MARKS, REDACTED, SHAPES, SHORTEST, WORDS, Shape

__all__ = ["REDACTED", "text"]

_SHORTEST: Final = 4  # characters; nothing shorter tells a secret
_CACHED: Final = 200  # characters of a text that is remembered as clean
_REMEMBERED: Final = 4_096  # such texts; then it begins anew

known_clean: set[str] = set()  # with nothing to take out
known.on_change(known_clean.clear)


def text(value: str) -> str:
    """`value` with `[redacted]` for each secret, `~` for the user's folder and `[user]` for the user's name.

    The very same object where there is none of them.
    """
    if value in known_clean or len(value) < _SHORTEST:
        return value
    found = _redacted(known.masked(value))
    if found == value:
        _remember(value)
        return value
    return found


def _remember(value: str) -> None:
    if len(value) <= _CACHED:
        if len(known_clean) >= _REMEMBERED:
            known_clean.clear()
        known_clean.add(value)


def _redacted(value: str) -> str:
    return _without_shapes(value) if _is_suspect(value) else value


def _is_suspect(value: str) -> bool:
    if (
        any(mark in value for mark in MARKS)
        or (len(value) >= SHORTEST and _searching(HINT)(value))
        or (len(value) >= LONG and _searching(LONG_HINT)(value))
    ):
        return True
    return (":" in value or "=" in value or "--" in value) and _has_word(value.lower())


def _has_word(value: str) -> bool:
    return any(word in value for word in WORDS)


def _without_shapes(value: str) -> str:
    for shape, pattern in _patterns():
        if shape.hint in value:
            value = pattern.sub(shape.replaced, value)
    return value


# Compiled when they are needed first: a program that records nothing, or nothing suspect, does not pay for them.
@lru_cache(maxsize=2)
def _searching(pattern: str) -> Callable[[str], re.Match[str] | None]:
    return re.compile(pattern).search


@lru_cache(maxsize=1)
def _patterns() -> list[tuple[Shape, re.Pattern[str]]]:
    return [(shape, re.compile(shape.pattern)) for shape in SHAPES]
