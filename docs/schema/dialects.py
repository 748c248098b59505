"""The reference page of dialects, from their table."""

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from tachograph.semantics import coding_agents
from tachograph.semantics import dialects as table
from tachograph.semantics.words import Words

NOTES = Path(__file__).with_name("dialects.notes.md")


def page() -> str:
    """The reference page: what is said by hand, then the tables."""
    return NOTES.read_text(encoding="utf-8") + "".join(f"{line}\n" for line in lines())


def lines() -> Iterator[str]:
    """The tables of the page."""
    yield from ("", "## Attributes that say the same under another name", "")
    yield from _table("what it is here", "other names, the preferred one first", _names())
    yield from ("", "## Kinds of spans", "")
    yield from _table("what it is here", "where another attribute says", _kinds())
    yield from ("", "## Spans in words of their own", "")
    yield from _table("span", "is read as", ((name, _words(words)) for name, words in coding_agents.SPANS.items()))
    yield from ("", "## Log events that tell of calls", "")
    yield from _table("event", "is read as", _events())


def _table(left: str, right: str, rows: Iterable[tuple[str, str]]) -> Iterator[str]:
    yield f"| {left} | {right} |"
    yield "| --- | --- |"
    yield from (f"| `{name}` | {says} |" for name, says in rows)


def _names() -> Iterator[tuple[str, str]]:
    for fact in sorted({*table.ALIASES, *table.SUMS, *table.BY_KIND}):
        said = [f"`{name}`" for name in table.ALIASES.get(fact, ())]
        said += [" + ".join(f"`{part}`" for part in parts) for parts in table.SUMS.get(fact, ())]
        said += [f"`{place}` where `{kind}` is `{value}`" for kind, value, place in table.BY_KIND.get(fact, ())]
        yield fact, ", ".join(said)


def _kinds() -> Iterator[tuple[str, str]]:
    for fact, kinds in table.KINDS.items():
        for kind, values in kinds.items():
            yield fact, ", ".join(f"`{kind}={theirs}` is `{ours}`" for theirs, ours in values.items())
    yield "gen_ai.operation.name", ", ".join(f"`{theirs}` is `{ours}`" for theirs, ours in table.OPERATIONS.items())


def _words(words: Words) -> str:
    parts = [f"`{fact}={value}`" for fact, value in words.says.items()]
    parts += [_fact(fact, names, " or ") for fact, names in words.aliases.items()]
    parts += [_fact(fact, names, " + ") for fact, names in words.sums.items()]
    parts += [f"`{fact}` by {', '.join(f'`{place}`' for place in places)}" for fact, places in words.values.items()]
    return ", ".join(parts)


def _fact(fact: str, names: Iterable[str], joined: str) -> str:
    return f"`{fact}` from {joined.join(f'`{name}`' for name in names)}"


def _events() -> Iterator[tuple[str, str]]:
    for name, events in coding_agents.EVENTS.items():
        for event in events:
            only = [f"`{key}={' or '.join(sorted(texts))}`" for key, texts in event.only.items()]
            always = _always(event.always)
            yield name, f"{'where ' + ', '.join(only) + ': ' if only else ''}{_words(event.words)}{always}"
    for name in sorted(coding_agents.DETAILS):
        yield name, "the call of the span that it belongs to, where that span did not come"


def _always(facts: Mapping[str, str]) -> str:
    return "".join(f", `{fact}={value}`" for fact, value in facts.items())
