"""Reading the entries of a time sheet."""

from datetime import date
from pathlib import Path

from timebook.duration import parse_duration
from timebook.entry import Entry
from timebook.errors import TimebookError


def read_file(path: Path) -> list[Entry]:
    """Return the entries of a time sheet file."""
    text = path.read_text(encoding="utf-8")
    return read_entries(text)


def read_entries(text: str) -> list[Entry]:
    """Return the entries of a time sheet in the order of its lines."""
    entries = []
    step = 1
    for number, line in enumerate(text.splitlines(), start=1):
        line = line.strip()
        if line.startswith("@"):
            step = parse_setting(line, number)
        elif line and not line.startswith("#"):
            entries.append(parse_line(line, number).rounded(step))
    return entries


def parse_setting(line: str, number: int) -> int:
    """Return the number of minutes that the rounding setting asks for."""
    name, _, value = line.removeprefix("@").partition("=")
    if name.strip() != "rounding":
        raise TimebookError(f"unknown setting: {name.strip()}", number)
    try:
        return int(value.strip())
    except ValueError as error:
        raise TimebookError(f"not a number: {value.strip()}", number) from error


def parse_line(line: str, number: int) -> Entry:
    """Return the entry that one line of the time sheet holds."""
    fields = [field.strip() for field in line.split(";")]
    if len(fields) != 4:
        raise TimebookError("expected day; project; task; time", number)
    day, project, task, spent = fields
    try:
        return Entry(date.fromisoformat(day), project, task, parse_duration(spent))
    except ValueError as error:
        raise TimebookError(str(error), number) from error
