"""Statements that give each fact of another dialect our name as well, from the table that `ingest` reads by."""

from collections.abc import Iterator

from parts.ottl import attribute, both, is_number, put, text
from tachograph import vocabulary as v
from tachograph.semantics import dialects


def statements() -> Iterator[str]:
    """In the order in which the reader looks: other names, names by kind, kinds, sums; then other operations."""
    yield from _aliases()
    yield from _by_kind()
    yield from _kinds()
    yield from _sums()
    operation = attribute(v.OPERATION)
    for theirs, ours in dialects.OPERATIONS.items():
        yield put(operation, text(ours), f"{operation} == {text(theirs)}")


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
