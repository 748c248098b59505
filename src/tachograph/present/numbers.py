"""Numbers as people read them: durations, shares, counts, sparklines."""

import math
from collections.abc import Sequence

NOTHING = "–"
_BARS = "▁▂▃▄▅▆▇█"


def duration(ms: float | None) -> str:
    """Milliseconds in the unit that fits: 850 µs, 12.3 ms, 4.56 s, 3 min 20 s, 2 h 05 min."""
    if ms is None:
        return NOTHING
    if ms < 1:
        return f"{ms * 1000:.0f} µs"
    if ms < 1000:
        return f"{_three(ms)} ms"
    seconds = ms / 1000
    if seconds < 60:
        return f"{_three(seconds)} s"
    if seconds < 3600:
        return f"{int(seconds // 60)} min {int(seconds % 60):02d} s"
    return f"{int(seconds // 3600)} h {int(seconds % 3600 // 60):02d} min"


def _three(value: float) -> str:
    """Three digits that mean something: 1.23, 12.3, 123."""
    return f"{value:.2f}" if value < 9.995 else f"{value:.1f}" if value < 99.95 else f"{value:.0f}"


def share(ratio: float | None) -> str:
    """A ratio in per cent with one digit."""
    return NOTHING if ratio is None else f"{100 * ratio:.1f} %"


def count(number: float | None) -> str:
    """A count with thousands apart; large ones shortened: 12,345 and 1.23 M."""
    if number is None:
        return NOTHING
    if number >= 1_000_000:
        return f"{number / 1_000_000:.2f} M"
    return f"{number:,.0f}"


_DIGITS = 3  # of what is less than ten cents


def money(usd: float | None) -> str:
    """US dollars and cents, amounts below ten cents with the digits that matter."""
    if usd is None:
        return NOTHING
    digits = 2 if usd >= 0.1 or usd <= 0 else _DIGITS - 1 - math.floor(math.log10(usd))
    return f"${usd:.{digits}f}"


def at_least(usd: float | None, unpriced_calls: int) -> str:
    """US dollars, marked as a lower bound where some calls have no known cost."""
    return f"≥ {money(usd)}" if usd is not None and unpriced_calls else money(usd)


def sparkline(values: Sequence[float], low: float | None = None, high: float | None = None) -> str:
    """One bar a value between `low` and `high` (by default 0 and the largest); a flat line of zeros stays low."""
    if not values:
        return ""
    bottom = 0.0 if low is None else low
    top = max(values) if high is None else high
    if top <= bottom:
        return _BARS[0] * len(values)
    steps = [(min(max(value, bottom), top) - bottom) / (top - bottom) for value in values]
    return "".join(_BARS[round(step * (len(_BARS) - 1))] for step in steps)
