"""What a declaration is made of: which of a framework's functions are units of the vocabulary, and what they tell."""

from collections.abc import Callable, Mapping
from importlib import metadata
from typing import Any, NamedTuple

from tachograph import vocabulary as v
from tachograph.collect.finding import LookUp

Facts = Mapping[str, Any]  # attributes; those that are None are left out


class Call(NamedTuple):
    """One call of a wrapped function: its object, and its arguments by name, None for those that are not there.
    `memory` is for the declaration, as long as the call lasts."""

    instance: Any
    argument: LookUp
    memory: dict[str, Any]


class Block(NamedTuple):
    """A unit is the block of the (async) context manager that the function returns; with `is_around` false only its
    entry has the unit for its parent, for the block may be left elsewhere."""

    is_around: bool = True


class Bracket(NamedTuple):
    """A unit lasts from this method's call until that of the method `until` on the same object."""

    until: str


class Made(NamedTuple):
    """Each call of the function that this function makes is a unit; arguments are those of the call, else those that it
    was made with."""


Shape = Block | Bracket | Made | None  # None is the call of a function of any kind, until its result is there


def nothing(*_: Any) -> Facts:
    """Nothing is told."""
    return {}


def never(*_: Any) -> bool:
    """It is never so."""
    return False


def own(call: Call) -> Any:
    """The object itself is the unit: a call of its within a call of its is the same one, handed on."""
    return call.instance


def named(call: Call) -> str:
    """The object's name, else that of its class."""
    name = getattr(call.instance, "name", None)
    return name if isinstance(name, str) and name else type(call.instance).__name__


def usage(
    input_tokens: Any = None,
    output_tokens: Any = None,
    cache_read: Any = None,
    cache_write: Any = None,
    reasoning: Any = None,
) -> Facts:
    """Token counts as attributes; input includes what a cache held, output the reasoning. What is no count is left
    out, and so are parts that are 0."""
    counts = {v.INPUT_TOKENS: input_tokens, v.OUTPUT_TOKENS: output_tokens}
    parts = {v.CACHE_READ_TOKENS: cache_read, v.CACHE_WRITE_TOKENS: cache_write, v.REASONING_TOKENS: reasoning}
    whole = {name: count for name, count in counts.items() if type(count) is int}
    return {**whole, **{name: count for name, count in parts.items() if type(count) is int and count > 0}}


def openai_usage(used: Any) -> Facts:
    """Token counts as OpenAI's protocols have them: an object or a mapping, of chat completions or of responses."""
    if used is None:
        return {}
    whole = _first(used, "prompt_tokens", "input_tokens")
    details = _first(used, "prompt_tokens_details", "input_tokens_details")
    more = _first(used, "completion_tokens_details", "output_tokens_details")
    cached, reasoning = _first(details, "cached_tokens"), _first(more, "reasoning_tokens")
    return usage(whole, _first(used, "completion_tokens", "output_tokens"), cached, reasoning=reasoning)


def _first(value: Any, *names: str) -> Any:
    told = (value.get(name) if isinstance(value, Mapping) else getattr(value, name, None) for name in names)
    return next((found for found in told if found is not None), None)


def server(url: Any) -> Facts:
    """The host of an address that a call goes to."""
    from urllib.parse import urlsplit  # whoever calls a model over a network has loaded it

    return {v.SERVER_ADDRESS: urlsplit(str(url)).hostname} if url else {}


class Unit(NamedTuple):
    """A function that is a unit of the vocabulary.

    `role` may depend on the call, which is no unit where it is None; then it is `one_of` these.
    `where` is `module:Class.method`; several places are joined by ` | `. If `overridden`, so are methods that override
    it.
    `name` gives None for a call that is no unit.
    `key` is what a call within it shares that is the same unit, handed on; a text: all calls do.
    `begin` tells what is known before, `end` (call, result) after, `item` (call, item) with each item of a generator;
    outcomes are told as attributes, too.
    `means` says what exceptions stand for, by the names of their classes and base classes.
    `told` says that the framework itself tells of this call.
    """

    role: str | Callable[[Call], str | None]
    where: str
    name: Callable[[Call], str | None] = named
    key: Callable[[Call], Any] | str = own
    begin: Callable[[Call], Facts] = nothing
    end: Callable[[Call, Any], Facts] = nothing
    item: Callable[[Call, Any], Facts] = nothing
    means: Mapping[str, str] = {}
    told: Callable[[Call], bool] = never
    shape: Shape = None
    overridden: bool = False
    one_of: tuple[str, ...] = ()

    @property
    def roles(self) -> tuple[str, ...]:
        """The roles that it may have."""
        return (self.role,) if isinstance(self.role, str) else self.one_of


class Note(NamedTuple):
    """A function whose call tells something of the unit of role `of` that runs around it."""

    of: str
    where: str
    says: Callable[[Call, Any], Facts]
    overridden: bool = False


class Framework(NamedTuple):
    """What is seen of one framework.

    `distribution` is its name in PyPI.
    `others` are the scopes of instrumentations that tell of the same in names and extents of their own: ours count.
    `proof` is a module that is loaded with it, where the name of its door is one that programs may have themselves.
    """

    name: str
    distribution: str
    targets: tuple[Unit | Note, ...]
    others: tuple[str, ...] = ()
    proof: str = ""

    def version(self) -> str:
        """The version that is installed."""
        try:
            return metadata.version(self.distribution)
        except metadata.PackageNotFoundError:
            return "(of unknown version)"
