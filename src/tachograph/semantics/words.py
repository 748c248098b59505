"""How spans or events of one name tell facts in words of their own, and the reader of such words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

NOTHING: Mapping[str, Any] = {}


class Words(NamedTuple):
    """`says`: facts that the name itself stands for; `aliases`: fact -> attributes that carry it, the preferred one
    first; `sums`: fact -> parts to be added up, without the first of which it is unknown; `values`: fact -> attribute
    -> its text -> ours. A truth value is told apart by the texts `true` and `false`."""

    dialect: str
    says: Mapping[str, str] = NOTHING
    aliases: Mapping[str, tuple[str, ...]] = NOTHING
    sums: Mapping[str, tuple[str, ...]] = NOTHING
    values: Mapping[str, Mapping[str, Mapping[str, str]]] = NOTHING


def said(words: Words, attributes: Mapping[str, Any]) -> dict[str, Any]:
    """The facts that `attributes` tell in these words, under our names."""
    facts: dict[str, Any] = dict(words.says)
    for fact, aliases in words.aliases.items():
        value = next((attributes[alias] for alias in aliases if attributes.get(alias) is not None), None)
        if value is not None:
            facts[fact] = value
    for fact, parts in words.sums.items():
        total = _sum(attributes, parts)
        if total is not None:
            facts[fact] = total
    facts.update(_meant(words, attributes))
    return facts


def _sum(attributes: Mapping[str, Any], parts: tuple[str, ...]) -> int | None:
    counts = [value if type(value) is int else None for value in map(attributes.get, parts)]
    return None if counts[0] is None else sum(count or 0 for count in counts)


def _meant(words: Words, attributes: Mapping[str, Any]) -> dict[str, str]:
    found: dict[str, str] = {}
    for fact, places in words.values.items():
        for place, meanings in places.items():
            value = str(attributes.get(place)).lower()
            if fact not in found and value in meanings:
                found[fact] = meanings[value]
    return found
