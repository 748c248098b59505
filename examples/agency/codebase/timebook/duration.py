"""Reading and writing the time spent."""

import re

from timebook.errors import TimebookError

_DURATION = re.compile(r"(?:(\d+)h)?(?:(\d+)m)?")


def parse_duration(text: str) -> int:
    """Return the minutes of a duration such as 1h30m, 45m or 2h."""
    match = _DURATION.fullmatch(text.strip())
    if match is None or match.group() == "":
        raise TimebookError(f"not a duration: {text.strip()!r}")
    hours, minutes = match.groups(default="0")
    return int(hours) * 60 + int(minutes)


def format_duration(minutes: int) -> str:
    """Return the minutes as hours and minutes, such as 1:05."""
    hours, rest = divmod(minutes, 60)
    return f"{hours}:{rest:02}"
