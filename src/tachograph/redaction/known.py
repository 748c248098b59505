"""Secrets that this process was given, and who runs it: known by what they are, not by what they look like."""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import pairwise
from typing import Final

from tachograph.redaction import names
from tachograph.redaction.rules import renew
from tachograph.redaction.shapes import REDACTED
from tachograph.redaction.words import ACCOUNTS, ORDINARY

HOME, USER = "~", "[user]"

_SHORTEST: Final = 4  # characters; hiding anything shorter would take all messages apart
_MOST: Final = 256  # values that are known; later ones are recognised by their shape only
_secrets: dict[str, None] = {}
_person: dict[str, str] = {}  # what to replace -> by what
_pattern: list[re.Pattern[str]] = []
_changed: list[Callable[[], None]] = [renew]
_sources: list[Callable[[], None]] = []


def on_change(call: Callable[[], None]) -> None:
    """Have `call` called when more is known."""
    _changed.append(call)


def learn_later(source: Callable[[], None]) -> None:
    """Have `source` called before the first text is looked at: a program that records nothing does not pay for it."""
    _sources.append(source)


def masked(value: str) -> str:
    """`value` without what is known."""
    while _sources:
        _sources.pop()()
    return _pattern[0].sub(_replacement, value) if _pattern else value


def hide(values: Iterable[str]) -> None:
    """Let none of these leave the process, wherever they stand."""
    fresh = [value for value in values if _is_telling(value)]
    for value in fresh:
        for spelled in {value, repr(value)[1:-1]}:
            if len(_secrets) < _MOST:
                _secrets[spelled] = None
    if fresh:
        _compile()


def hide_environment(environment: Mapping[str, str]) -> None:
    """Hide the values of variables with the name of a secret, as the program may put them anywhere."""
    hide(value for name, value in environment.items() if names.is_secret(name) and not _is_path(value))


def hide_arguments(arguments: Sequence[str]) -> None:
    """Hide the values of options with the name of a secret: `--token VALUE`, `--token=VALUE`."""
    for argument, after in pairwise([*arguments, ""]):
        option, equals, value = argument.partition("=")
        if option.startswith("-") and names.is_secret(option.lstrip("-")):
            hide([value if equals else after] if equals or not after.startswith("-") else [])


def hide_person(folders: Iterable[str], user: str) -> None:
    """Write the user's folders as `~` and the user's name as `[user]`."""
    _person.update({folder.rstrip("/\\"): HOME for folder in folders if len(folder.rstrip("/\\")) > 1})
    if len(user) >= _SHORTEST and user.lower() not in ACCOUNTS:
        _person[user] = USER
    _compile()


def _is_telling(value: str) -> bool:
    return len(value) >= _SHORTEST and value.lower() not in ORDINARY and not (value.isdigit() and len(value) < 6)


def _is_path(value: str) -> bool:
    return value.startswith(("/", "~", "./")) and " " not in value and ":" not in value


def _compile() -> None:
    parts = [_bounded(value) for value in sorted((*_secrets, *_person), key=len, reverse=True)]
    _pattern[:] = [re.compile("|".join(parts))] if parts else []
    for call in _changed:
        call()


def _bounded(value: str) -> str:
    """Long secrets also inside of words; short ones, folders and names only as a whole."""
    whole = value in _person or len(value) < 8
    before, after = (r"(?<![\w])", r"(?![\w])") if whole else ("", "")
    return (before if value[0].isalnum() else "") + re.escape(value) + (after if value[-1].isalnum() else "")


def _replacement(found: re.Match[str]) -> str:
    return _person.get(found[0], REDACTED)
