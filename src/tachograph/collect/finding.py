"""Finds facts about a call where the user said they are: in its arguments, its object or its result."""

import hashlib
import inspect
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tachograph import vocabulary as v

# Gives the value that a path starts from, None where there is none of that name.
LookUp = Callable[[str], Any]

RESULT = "result"
CALL_HASH = "call_hash"
SELF = "self"

_PATH = re.compile(r"[A-Za-z_]\w*(\.\w+)*")
_LITERAL = re.compile(r"'[^']*'|\"[^\"]*\"")


@dataclass(frozen=True, slots=True)
class Path:
    """A dotted path that starts at an argument, `self` or `result`, or a quoted text that stands for itself."""

    root: str
    names: tuple[str, ...] = ()
    literal: str | None = None

    @classmethod
    def parse(cls, text: str) -> "Path":
        """Raises ValueError for what is neither a dotted path nor a quoted text."""
        if _LITERAL.fullmatch(text):
            return cls("", literal=text[1:-1])
        if not _PATH.fullmatch(text):
            raise ValueError(f"{text!r} is no path such as task.kind, self.name or result.ok, and no 'quoted text'")
        root, *names = text.split(".")
        return cls(root, tuple(names))

    def follow(self, roots: LookUp) -> Any:
        """The value at the path, None where any part of it is missing."""
        if self.literal is not None:
            return self.literal
        value = roots(self.root)
        for name in self.names:
            value = _part(value, name)
        return value


def _part(value: Any, name: str) -> Any:
    if isinstance(value, Mapping):
        return value.get(name)
    if name.isdecimal() and isinstance(value, Sequence):
        return value[int(name)] if int(name) < len(value) else None
    return getattr(value, name, None)


def text(value: Any) -> str:
    value = getattr(value, "value", value)  # an Enum member says its value
    return str(value)


def _texts(value: Any) -> list[str]:
    return [text(item) for item in value]


def lower(value: Any) -> str:
    return text(value).lower()


def _digest(value: Any) -> str:
    return hashlib.blake2b(repr(value).encode("utf-8", "replace"), digest_size=8).hexdigest()


@dataclass(frozen=True, slots=True)
class Fact:
    """Something an entry point can tell: the attribute it becomes, and when it is known."""

    attribute: str
    convert: Callable[[Any], Any]
    at_end: bool = False


FACTS: dict[str, Fact] = {
    "class": Fact(v.TASK_CLASS, text),
    "complexity": Fact(v.COMPLEXITY, lower),
    "context_size": Fact(v.CONTEXT_SIZE, int),
    "execution_id": Fact(v.EXECUTION_ID, text),
    "executor": Fact(v.EXECUTOR, lower),
    "depends_on": Fact(v.STEP_DEPENDS_ON, _texts),
    "index": Fact(v.STEP_INDEX, int),
    "steps_total": Fact(v.STEPS_TOTAL, int),
    "manual_duration": Fact(v.MANUAL_DURATION, float),
    CALL_HASH: Fact(v.CALL_HASH, _digest),
    "steps_completed": Fact(v.STEPS_COMPLETED, int, at_end=True),
    "input_tokens": Fact(v.INPUT_TOKENS, int, at_end=True),
    "output_tokens": Fact(v.OUTPUT_TOKENS, int, at_end=True),
    "cache_read_tokens": Fact(v.CACHE_READ_TOKENS, int, at_end=True),
    "cache_write_tokens": Fact(v.CACHE_WRITE_TOKENS, int, at_end=True),
    "cost": Fact(v.COST_USD, float, at_end=True),
    "exit_code": Fact(v.EXIT_CODE, int, at_end=True),
}

# Facts with a meaning of their own; the entry point deals with them.
NAME, VERSION, SUCCESS, OUTCOME, ERROR = "name", "version", "success", "outcome", "error"
SPECIAL = frozenset({NAME, VERSION, SUCCESS, OUTCOME, ERROR})


class Roots:
    """The values that paths can start from in one call; the signature is read once, when the function is wrapped."""

    def __init__(self, function: Any) -> None:
        try:
            parameters = inspect.signature(function).parameters
        except (TypeError, ValueError):  # some builtins have none
            parameters = {}  # type: ignore[assignment]
        self._defaults = {name: p.default for name, p in parameters.items() if p.default is not p.empty}
        self._positions = {name: position for position, name in enumerate(parameters)}

    def of(self, instance: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> LookUp:
        """A look-up of root names for one call. A bound method's arguments come without `self`."""
        shift = 1 if instance is not None and next(iter(self._positions), None) in (SELF, "cls") else 0

        def look_up(name: str) -> Any:
            if name in kwargs:
                return kwargs[name]
            position = self._positions.get(name, -1) - shift
            if 0 <= position < len(args):
                return args[position]
            return instance if name in (SELF, "cls") else self._defaults.get(name)

        return look_up


def with_result(look_up: LookUp, result: Any) -> LookUp:
    """The same look-up, once the call has returned; an argument called `result` has to stand back."""
    return lambda name: result if name == RESULT else look_up(name)
