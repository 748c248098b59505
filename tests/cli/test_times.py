"""Times as users write them."""

import argparse
import time
from datetime import UTC, datetime

import pytest

from tachograph.cli.times import moment


@pytest.mark.parametrize(
    ("text", "when"),
    [
        ("2026-11-01", datetime(2026, 11, 1, tzinfo=UTC)),
        ("2026-11-01T08:30:00Z", datetime(2026, 11, 1, 8, 30, tzinfo=UTC)),
        ("2026-11-01T08:30:00+02:00", datetime(2026, 11, 1, 6, 30, tzinfo=UTC)),
        ("2026-11-01T08:30:00", datetime(2026, 11, 1, 8, 30, tzinfo=UTC)),
    ],
)
def test_dates_and_rfc_3339(text: str, when: datetime) -> None:
    """Without a zone it is UTC, as all dates in the answers are."""
    assert moment(text) == int(when.timestamp()) * 10**9


@pytest.mark.parametrize(("text", "seconds"), [("90s", 90), ("12h", 43_200), ("30d", 2_592_000), ("2w", 1_209_600)])
def test_a_time_ago(text: str, seconds: int) -> None:
    """Counted back from now."""
    before = time.time_ns()
    assert before <= moment(text) + seconds * 10**9 <= time.time_ns()


@pytest.mark.parametrize("text", ["", "yesterday", "30", "d30", "2026-13-01", "99999-01-01"])
def test_anything_else_is_refused(text: str) -> None:
    """With examples of what would do."""
    with pytest.raises(argparse.ArgumentTypeError, match="30d, 2026-11-01"):
        moment(text)
