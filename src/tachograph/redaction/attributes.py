"""Attributes without secrets and content."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from tachograph import vocabulary as v
from tachograph.redaction import content, names
from tachograph.redaction.names import Verdict, verdicts
from tachograph.redaction.values import REDACTED, known_clean, text
from tachograph.semantics import dialects

_DEEPEST: Final = 16  # nested values; what lies deeper is left out
_ARGUMENTS: Final = (v.TOOL_ARGUMENTS, *dialects.ALIASES[v.TOOL_ARGUMENTS])

_OPEN, _CONTENT = Verdict.OPEN, Verdict.CONTENT


def clean(attributes: Mapping[str, Any], *, keeps_content: bool | None = None) -> Mapping[str, Any]:
    """The attributes without secrets, and without content unless it is kept (by default: in spans).

    The very same object where nothing has to be changed.
    """
    keeps = content.captured().spans if keeps_content is None else keeps_content
    changed: dict[str, Any] = {}
    for name, value in attributes.items():
        if value.__class__ is str and value in known_clean and verdicts.get(name) is _OPEN:
            continue  # most attributes of most spans
        made = _made(name, value, keeps)
        if made is not value:
            changed[name] = made
    if not changed:
        return attributes
    kept = {name: changed.get(name, value) for name, value in attributes.items() if changed.get(name, "") is not None}
    return _with_call_hash(attributes, kept)


def _made(name: str, value: Any, keeps_content: bool, depth: int = 0) -> Any:
    """The value as it may leave, None for content; the same object where it may as it is."""
    kind = type(value)
    if kind is int or kind is float or kind is bool or value is None:
        return value
    verdict = verdicts.get(name) or names.verdict(name)
    if verdict is _OPEN:
        return text(value) if kind is str else _open(name, value, keeps_content, depth)
    if verdict is _CONTENT:
        return _open(name, value, keeps_content, depth) if keeps_content else None
    return _command_line(value) if verdict is Verdict.COMMAND_LINE else REDACTED


def _open(name: str, value: Any, keeps_content: bool, depth: int) -> Any:
    if isinstance(value, str):
        return text("".join(("", value)))  # of a subclass the plain text, whatever its own methods do
    if isinstance(value, bytes):
        said = value.decode("utf-8", "surrogateescape")
        made = text(said)
        return value if made is said else made.encode("utf-8", "surrogateescape")
    if depth >= _DEEPEST:
        return REDACTED
    if isinstance(value, Mapping):
        return _mapping(value, keeps_content, depth + 1)
    return _sequence(name, value, keeps_content, depth + 1) if isinstance(value, Sequence) else value


def _mapping(value: Mapping[Any, Any], keeps_content: bool, depth: int) -> Mapping[Any, Any]:
    made = {key: _made(str(key), item, keeps_content, depth) for key, item in value.items()}
    return value if all(made[key] is item for key, item in value.items()) else made


def _sequence(name: str, value: Sequence[Any], keeps_content: bool, depth: int) -> Sequence[Any]:
    made: list[Any] = []
    hides_next = False
    for item in value:
        made.append(REDACTED if hides_next else _made(name, item, keeps_content, depth))
        hides_next = isinstance(item, str) and item.startswith("--") and "=" not in item and names.is_secret(item)
    return value if _are_same(made, value) else tuple(made)


def _are_same(made: Iterable[Any], value: Iterable[Any]) -> bool:
    return all(mine is theirs for mine, theirs in zip(made, value, strict=True))


def _command_line(value: Any) -> Any:
    """The program and the names of its options: any argument may be what nobody else should read."""
    arguments = value.split() if isinstance(value, str) else [str(item) for item in value]
    program, rest = arguments[:1], [_without_value(argument) for argument in arguments[1:]]
    made = [*map(text, program), *rest]
    return " ".join(made) if isinstance(value, str) else tuple(made)


def _without_value(argument: str) -> str:
    option, equals, _ = argument.partition("=")
    if not option.startswith("--"):
        return REDACTED
    return f"{option}={REDACTED}" if equals else option


def _with_call_hash(before: Mapping[str, Any], kept: dict[str, Any]) -> dict[str, Any]:
    if v.CALL_HASH not in kept and not any(name in kept for name in _ARGUMENTS):
        given = next((before[name] for name in _ARGUMENTS if before.get(name) is not None), None)
        if given is not None:
            kept[v.CALL_HASH] = content.call_hash(before, given)
    return kept
