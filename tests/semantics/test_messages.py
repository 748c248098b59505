"""Error messages without what differs from case to case."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tachograph.semantics.messages import mask


@pytest.mark.parametrize(
    ("message", "masked"),
    [
        ("user 42 not found", "user <*> not found"),
        ("timed out after 1.5 seconds (attempt 3/5)", "timed out after <*> seconds (attempt <*>/<*>)"),
        ("request req_9f8a7b6c failed", "request <*> failed"),
        ("no task 3f2b8c1e-aaaa-4bbb-8ccc-0123456789ab", "no task <*>"),
        ("object at 0x7f3a9c is closed", "object at <*> is closed"),
        ("commit deadbee1 is unknown", "commit <*> is unknown"),
        ("cannot read /srv/work/a-1/report.xml: empty", "cannot read <*>: empty"),
        (r"cannot read C:\Users\me\x.txt", "cannot read <*>"),
        ("src/app/models.py:12: undefined name", "<*>: undefined name"),
        ("GET https://api.example.com/v1/x?y=1 failed", "GET <*> failed"),
        ("Connection to 10.0.0.1:5432 refused", "Connection to <*> refused"),
        ("mail to bob@example.org bounced", "mail to <*> bounced"),
        ("died at 2026-11-22T10:00:00.123Z", "died at <*>"),
        ("invalid literal for int(): 'abc'", "invalid literal for int(): <*>"),
        ("missing columns: 'a', 'b' and \"c\"", "missing columns: <*>"),
        ("Error code: 429 - {'error': {'type': 'x', 'id': 7}}", "Error code: 429 - <*>"),
        ("retry=3 user=bob failed", "retry=<*> user=<*> failed"),
        ("two\n  lines\tof text", "two lines of text"),
    ],
)
def test_what_differs_from_case_to_case_is_masked(message: str, masked: str) -> None:
    """Ids, numbers, paths, addresses, times, quotations and values become `<*>`."""
    assert mask(message) == masked


@pytest.mark.parametrize(
    "message",
    [
        "HTTP 503 from upstream",
        "process ended with exit code 137",
        "non-zero exit status 1.",
        "[Errno 111] Connection refused",
        "killed by signal 9",
        "S3UploadError: no such part",
        "lint_findings",
        "read/write conflict, can't go on, don't retry",
    ],
)
def test_what_tells_kinds_of_errors_apart_stays(message: str) -> None:
    """Codes, names of errors, plain words with a slash or an apostrophe."""
    assert mask(message) == message


@given(st.text())
def test_any_text_can_be_masked(message: str) -> None:
    """Whatever a program says, on one line and without an error."""
    assert "\n" not in mask(message)


def test_long_messages_are_cut() -> None:
    """A dump of a megabyte is told by its beginning."""
    assert len(mask("word " * 200_000)) <= 1_000
