"""Failures of a window by pattern: what was said where they began, how often, when and in which components."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from typing import Any

from tachograph.measure.patterns import group
from tachograph.measure.performance import Row
from tachograph.records import ErrorPattern, Place, Window
from tachograph.store import Store

_EXAMPLES = 5


def errors(store: Store, window: Window, component: str | None = None, *, members: bool = True) -> list[ErrorPattern]:
    """One record a pattern, the most frequent first; `component` picks those that began there.

    Without `members` their spans are not listed, which only a program wants to read.
    """
    bounds: dict[str, Any] = {"since": window.since_ns, "until": window.until_ns, "only": component}
    rows = store.query("errors", **bounds)
    spans = store.query("error_members", **bounds) if members else []
    patterns = group(_counts(rows))
    members_of = _members(spans, patterns)
    by_pattern: defaultdict[str, list[Row]] = defaultdict(list)
    for row in rows:
        by_pattern[patterns[row["message"]]].append(row)
    made = [_pattern(pattern, found, members_of[pattern]) for pattern, found in by_pattern.items()]
    return sorted(made, key=lambda pattern: (-pattern.count, pattern.pattern))


def _counts(rows: Sequence[Row]) -> Counter[str]:
    counts: Counter[str] = Counter()
    for row in rows:
        counts[row["message"]] += row["failures"]
    return counts


def _members(rows: Sequence[Row], patterns: dict[str, str]) -> defaultdict[str, list[str]]:
    members: defaultdict[str, list[str]] = defaultdict(list)
    for row in sorted(rows, key=lambda row: str(row["message"])):
        members[patterns[row["message"]]].extend(row["span_ids"])
    return members


def _pattern(pattern: str, rows: list[Row], members: list[str]) -> ErrorPattern:
    where: Counter[tuple[str, str]] = Counter()
    for row in rows:
        where[row["role"], row["component"]] += row["failures"]
    places = sorted(where, key=lambda place: (-where[place], place))
    return ErrorPattern(
        pattern=pattern,
        count=where.total(),
        first_seen_ns=min(row["first_ns"] for row in rows),
        last_seen_ns=max(row["last_ns"] for row in rows),
        components=list(dict.fromkeys(component for _, component in places)),
        examples=_latest(rows),
        member_span_ids=members,
        recovered=sum(row["recovered"] for row in rows),
        recipes=sorted({recipe for row in rows for recipe in row["recipes"] or ()}),
        where=[Place(*place, where[place]) for place in places],
        trace_id=max(rows, key=lambda row: (row["last_ns"], row["trace_id"]))["trace_id"],
    )


def _latest(rows: list[Row]) -> list[str]:
    """Executions with the latest cases, each once."""
    seen = [(ns, name) for row in rows for ns, name in zip(row["latest_ns"], row["latest"], strict=True)]
    return list(dict.fromkeys(name for _, name in sorted(seen, reverse=True)))[:_EXAMPLES]
