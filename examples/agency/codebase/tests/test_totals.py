"""Totals are summed for each project and each period."""

from datetime import date

from timebook import Entry
from timebook.periods import month_key, week_end, week_key, week_start, working_days
from timebook.report import format_totals
from timebook.totals import by_month, by_project, by_week, merge_totals, total_minutes

ENTRIES = [
    Entry(date(2025, 3, 3), "website", "design", 90),
    Entry(date(2025, 3, 10), "website", "build", 240),
    Entry(date(2025, 4, 1), "archive", "build", 30),
]


def test_a_week_runs_from_monday_to_sunday():
    assert week_start(date(2025, 3, 5)) == date(2025, 3, 3)
    assert week_end(date(2025, 3, 5)) == date(2025, 3, 9)


def test_a_week_belongs_to_the_year_of_its_thursday():
    assert week_key(date(2024, 12, 30)) == "2025-W01"
    assert month_key(date(2024, 12, 30)) == "2024-12"


def test_working_days_include_both_ends():
    assert working_days(date(2025, 3, 3), date(2025, 3, 3)) == 1
    assert working_days(date(2025, 3, 3), date(2025, 3, 14)) == 10


def test_totals_for_each_key():
    assert total_minutes(ENTRIES) == 360
    assert by_project(ENTRIES) == {"website": 330, "archive": 30}
    assert by_week(ENTRIES) == {"2025-W10": 90, "2025-W11": 240, "2025-W14": 30}
    assert by_month(ENTRIES) == {"2025-03": 330, "2025-04": 30}


def test_merged_totals_start_afresh_each_time():
    assert merge_totals([{"a": 1}, {"a": 2, "b": 3}]) == {"a": 3, "b": 3}
    assert merge_totals([{"a": 1}]) == {"a": 1}


def test_merging_leaves_the_start_alone():
    start = {"a": 1}
    assert merge_totals([{"a": 1}], start) == {"a": 2}
    assert start == {"a": 1}


def test_totals_are_written_as_a_table():
    assert format_totals(by_project(ENTRIES)).splitlines() == [
        "archive  0:30",
        "website  5:30",
        "total    6:00",
    ]
