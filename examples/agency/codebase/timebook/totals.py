"""The total minutes of the entries."""

from collections.abc import Callable, Iterable

from timebook.entry import Entry
from timebook.periods import month_key, week_key

Totals = dict[str, int]


def total_minutes(entries: Iterable[Entry]) -> int:
    """Return the total minutes of the entries."""
    return sum(entry.minutes for entry in entries)


def sum_by(entries: Iterable[Entry], key: Callable[[Entry], str]) -> Totals:
    """Return the total minutes of the entries for each key."""
    totals: Totals = {}
    for entry in entries:
        totals[key(entry)] = totals.get(key(entry), 0) + entry.minutes
    return totals


def by_project(entries: Iterable[Entry]) -> Totals:
    """Return the total minutes of the entries for each project."""
    return sum_by(entries, lambda entry: entry.project)


def by_week(entries: Iterable[Entry]) -> Totals:
    """Return the total minutes of the entries for each week."""
    return sum_by(entries, lambda entry: week_key(entry.day))


def by_month(entries: Iterable[Entry]) -> Totals:
    """Return the total minutes of the entries for each month."""
    return sum_by(entries, lambda entry: month_key(entry.day))


def merge_totals(parts: Iterable[Totals], start: Totals | None = None) -> Totals:
    """Return the totals of several time sheets added to the totals of a start."""
    merged = dict(start or {})
    for part in parts:
        for key, minutes in part.items():
            merged[key] = merged.get(key, 0) + minutes
    return merged
