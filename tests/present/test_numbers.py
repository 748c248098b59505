"""Numbers read as people write them."""

import pytest

from tachograph.present import numbers


@pytest.mark.parametrize(
    ("ms", "text"),
    [
        (None, "–"),
        (0.0004, "0 µs"),
        (0.85, "850 µs"),
        (1.234, "1.23 ms"),
        (99.97, "100 ms"),
        (999.4, "999 ms"),
        (4_560, "4.56 s"),
        (200_000, "3 min 20 s"),
        (7_500_000, "2 h 05 min"),
    ],
)
def test_a_duration_has_the_unit_that_fits(ms: float | None, text: str) -> None:
    """Three digits that mean something."""
    assert numbers.duration(ms) == text


@pytest.mark.parametrize(
    ("values", "line"),
    [([], ""), ([0, 0], "▁▁"), ([1, 2, 4], "▃▅█"), ([5], "█"), ([float(i) for i in range(8)], "▁▂▃▄▅▆▇█")],
)
def test_a_sparkline_starts_at_zero(values: list[float], line: str) -> None:
    """So that a bar twice as high is twice as much."""
    assert numbers.sparkline(values) == line


def test_a_sparkline_between_bounds_cuts_what_is_outside() -> None:
    """A success rate is drawn between 0 and 1."""
    assert numbers.sparkline([-1, 0.5, 2], 0, 1) == "▁▅█"


@pytest.mark.parametrize(
    ("usd", "text"),
    [(None, "–"), (0, "$0.00"), (0.0000395, "$0.0000395"), (0.0655, "$0.0655"), (0.5, "$0.50"), (12.3456, "$12.35")],
)
def test_money_keeps_the_digits_that_matter(usd: float | None, text: str) -> None:
    """A call costs a fraction of a cent."""
    assert numbers.money(usd) == text
