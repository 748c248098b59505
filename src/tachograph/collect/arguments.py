"""What tells a call of a tool from another one: a salted hash of its arguments, where these are plain values."""

import inspect
from collections.abc import Callable, Mapping
from typing import Any, Final

from tachograph import vocabulary as v
from tachograph.guard import tell_fault
from tachograph.redaction import content

# Hashes a call of a function from (name of the tool, instance, args, kwargs); None for one that nothing is known of.
Hasher = Callable[[str, Any, tuple[Any, ...], dict[str, Any]], str | None]

_SELF: Final = ("self", "cls")
_REST: Final = "*"
_LARGEST: Final = 10_000  # characters, bytes, bits and items in all: what is larger would cost more than it tells
_DEEPEST: Final = 8
_SHORT: Final = 1_000  # characters that are little whatever the rest
_NAMES: Final = frozenset({str})


def hasher(function: Any) -> Hasher:
    """Reads the signature once. The object of a method is left out: its address would make each call another one. What
    is given nothing has no hash: what it does depends on something else, of which nothing is known."""
    names = _positional(getattr(function, "__func__", function))
    own = names[1:] if names[:1] and names[0] in _SELF else names

    def of(tool: str, instance: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> str | None:
        try:
            if not args and not kwargs:
                return None
            given = _given(names if instance is None else own, args, kwargs)
            return None if given is None else content.call_hash({v.TOOL_NAME: tool}, given)
        except Exception as error:  # another thread may change what is looked at
            tell_fault(hasher, error)
            return None

    return of


def _positional(function: Any) -> tuple[str, ...]:
    try:
        parameters = inspect.signature(function).parameters.values()
    except (TypeError, ValueError):  # some builtins have none
        return ()
    return tuple(each.name for each in parameters if each.kind in (each.POSITIONAL_ONLY, each.POSITIONAL_OR_KEYWORD))


def _given(names: tuple[str, ...], args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    """What a call is given, or the very text of it; None where it is not plain or not small."""
    if len(args) == 1 and names and not kwargs and type(args[0]) is str and len(args[0]) <= _SHORT:
        return content.one_text(names[0], args[0])  # of many calls, and at a fraction
    given = _named(names, args, kwargs)
    return given if _room(given, _LARGEST, _DEEPEST) >= 0 else None


def _named(names: tuple[str, ...], args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> dict[str, Any]:
    """By name, for the same argument may be given with its name or without."""
    given = dict(zip(names, args, strict=False))
    if kwargs:
        given.update(kwargs)
    if len(args) > len(names):
        given[_REST] = args[len(names) :]
    return given


def _room(value: Any, room: int, deepest: int) -> int:
    """What is left of `room` beside a plain value, below 0 where there is too little or it is none: nothing else has a
    text that is the same for the same, costs little and runs no code of the program."""
    kind = type(value)
    if kind is str or kind is bytes:
        return room - 1 - len(value)
    if kind is int:
        return room - 1 - int(value.bit_length())
    if kind is float or kind is bool or value is None:
        return room - 1
    if kind not in (dict, list, tuple) or not deepest or len(value) > room:
        return -1
    if kind is dict:
        if not _NAMES.issuperset(map(type, value)):
            return -1
        return _room_of(value.values(), room - len(value) - sum(map(len, value)), deepest)
    return _room_of(value, room, deepest)


def _room_of(items: Any, room: int, deepest: int) -> int:
    room -= 1
    for item in items:
        if room < 0:
            return room
        room = _room(item, room, deepest - 1)
    return room
