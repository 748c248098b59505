"""Time sheets are read line by line, and a wrong line is named."""

from datetime import date

import pytest

from timebook import Entry, TimebookError, read_entries, read_file
from timebook.duration import format_duration, parse_duration

SHEET = """
# the first week
2025-03-03; website; design; 1h30m
2025-03-04; website; build; 4h
"""


@pytest.mark.parametrize(("text", "minutes"), [("1h30m", 90), ("45m", 45), (" 2h ", 120)])
def test_durations_are_minutes(text, minutes):
    assert parse_duration(text) == minutes


@pytest.mark.parametrize("text", ["", "h", "1.5h", "30", "m30"])
def test_other_durations_are_refused(text):
    with pytest.raises(TimebookError):
        parse_duration(text)


def test_durations_are_written_as_hours_and_minutes():
    assert [format_duration(minutes) for minutes in (0, 65, 600)] == ["0:00", "1:05", "10:00"]


def test_entries_come_in_the_order_of_the_lines():
    assert read_entries(SHEET) == [
        Entry(date(2025, 3, 3), "website", "design", 90),
        Entry(date(2025, 3, 4), "website", "build", 240),
    ]


def test_a_file_is_read_like_its_text(tmp_path):
    path = tmp_path / "sheet.txt"
    path.write_text(SHEET, encoding="utf-8")
    assert read_file(path) == read_entries(SHEET)


def test_the_rounding_setting_rounds_up():
    entries = read_entries("@rounding = 15\n2025-03-03; website; design; 16m")
    assert entries[0].minutes == 30


@pytest.mark.parametrize("line", ["@rounding = fifteen", "@colour = 15"])
def test_a_wrong_setting_is_refused(line):
    with pytest.raises(TimebookError, match="line 1"):
        read_entries(line)


@pytest.mark.parametrize("line", ["2025-03-03; a", "2025-02-30; a; b; 1h", "2025-03-03;a;b;x"])
def test_a_wrong_line_is_named(line):
    with pytest.raises(TimebookError, match="line 4"):
        read_entries(f"{SHEET.splitlines()[1]}\n\n\n{line}")
