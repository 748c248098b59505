"""Statements that give each fact of another dialect our name as well, from the table that `ingest` reads by."""

from collections.abc import Iterator
from itertools import combinations

from parts.ottl import attribute, both, either, is_number, put, text
from tachograph import vocabulary as v
from tachograph.semantics import dialects
from tachograph.semantics.coding_agents import SPANS
from tachograph.semantics.words import Words


def statements() -> Iterator[str]:
    """In the order in which the reader looks: what spans of one name say in words of their own, other names, names by
    kind, kinds, sums; then other operations."""
    for name, words in SPANS.items():
        yield from _worded(name, words)
    yield from _aliases()
    yield from _by_kind()
    yield from _kinds()
    yield from _sums()
    operation = attribute(v.OPERATION)
    for theirs, ours in dialects.OPERATIONS.items():
        yield put(operation, text(ours), f"{operation} == {text(theirs)}")


def _worded(span: str, words: Words) -> Iterator[str]:
    named = f"span.name == {text(span)}"
    for name, value in words.says.items():
        yield put(attribute(name), text(value), both(named, _lacking(name)))
    for name, aliases in words.aliases.items():
        for alias in aliases:
            yield put(attribute(name), attribute(alias), both(named, _lacking(name, f"{attribute(alias)} != nil")))
    yield from _sums_in_words(named, words)
    yield from _values_in_words(named, words)


def _sums_in_words(named: str, words: Words) -> Iterator[str]:
    for name, parts in words.sums.items():
        for split in _with_first(parts):
            total = " + ".join(f"Int({attribute(part)})" for part in split)
            yield put(attribute(name), total, both(named, _lacking(name, *(f"IsInt({attribute(p)})" for p in split))))


def _values_in_words(named: str, words: Words) -> Iterator[str]:
    for name, places in words.values.items():
        for place, meanings in places.items():
            for theirs, ours in meanings.items():
                yield put(attribute(name), text(ours), both(named, _lacking(name, _is(attribute(place), theirs))))


def _with_first(parts: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    """The parts that there may be, the most of them first; without the first one the sum is unknown."""
    for size in range(len(parts) - 1, -1, -1):
        yield from ((parts[0], *rest) for rest in combinations(parts[1:], size))


def _is(path: str, theirs: str) -> str:
    truth = f"{path} == {theirs}" if theirs in ("true", "false") else ""
    return either((f"{path} == {text(theirs)}", truth)) if truth else f"{path} == {text(theirs)}"


def _aliases() -> Iterator[str]:
    for name, aliases in dialects.ALIASES.items():
        for alias in aliases:
            yield put(attribute(name), attribute(alias), _lacking(name, f"{attribute(alias)} != nil"))


def _by_kind() -> Iterator[str]:
    for name, places in dialects.BY_KIND.items():
        for kind, value, place in places:
            is_kind = f"{attribute(kind)} == {text(value)}"
            yield put(attribute(name), attribute(place), _lacking(name, is_kind, f"{attribute(place)} != nil"))


def _kinds() -> Iterator[str]:
    for name, kinds in dialects.KINDS.items():
        for kind, values in kinds.items():
            for theirs, ours in values.items():
                yield put(attribute(name), text(ours), _lacking(name, f"{attribute(kind)} == {text(theirs)}"))


def _sums() -> Iterator[str]:
    for name, splits in dialects.SUMS.items():
        for split in splits:
            first, second = map(attribute, split)
            total = f"Double({first}) + Double({second})"
            yield put(attribute(name), total, _lacking(name, is_number(first), is_number(second)))
            yield put(attribute(name), first, _lacking(name, is_number(first)))
            yield put(attribute(name), second, _lacking(name, is_number(second)))


def _lacking(name: str, *conditions: str) -> str:
    return both(f"{attribute(name)} == nil", *conditions)
