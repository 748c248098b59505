"""Times as users write them: `30d`, `2026-11-01`, RFC 3339."""

import argparse
import re
import time
from datetime import UTC, datetime

_AGO = re.compile(r"(\d+)([smhdw])")
_SECONDS = {"s": 1, "m": 60, "h": 3_600, "d": 86_400, "w": 604_800}


def moment(text: str) -> int:
    """Nanoseconds since the epoch. A date is its start in UTC; a time without a zone is UTC."""
    ago = _AGO.fullmatch(text)
    if ago:
        return time.time_ns() - int(ago[1]) * _SECONDS[ago[2]] * 1_000_000_000
    try:
        when = datetime.fromisoformat(text)
        when = when if when.tzinfo else when.replace(tzinfo=UTC)
        return int(when.timestamp()) * 1_000_000_000 + when.microsecond * 1_000
    except (ValueError, OverflowError):
        raise argparse.ArgumentTypeError(
            f"{text!r} is no time such as 30d, 2026-11-01 or 2026-11-01T08:00:00Z"
        ) from None
