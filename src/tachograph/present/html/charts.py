"""Small charts as numbers for SVG: bars and lines by day, an interval against its target."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date

from tachograph.present import numbers
from tachograph.records import Day, Kpi, PeriodPerformance, Verification

WIDTH, HEIGHT = 240, 44  # of a chart by day, in its own units
_PAD = 3
_WIDEST_BAR = 14


@dataclass(frozen=True, slots=True)
class Point:
    """One day of a chart: where it is drawn, and what stands there."""

    x: float
    y: float
    said: str


@dataclass(frozen=True, slots=True)
class Chart:
    """A chart by day: its points, the width of a bar, the line through the points, and the last of its values."""

    points: list[Point]
    bar: float
    line: str
    said: str
    latest: str


def runs(days: Sequence[Day]) -> Chart:
    """Executions a day."""
    return _chart([(day.date, day.executions) for day in days], lambda value: f"{numbers.count(value)} runs", 0, None)


def success(days: Sequence[Day]) -> Chart:
    """Success rate a day, from 0 to 1."""
    return _chart([(day.date, day.success_rate) for day in days], numbers.share, 0, 1)


def seconds(days: Sequence[Day]) -> Chart:
    """Mean duration a day."""
    values = [(day.date, day.mean_s) for day in days]
    return _chart(values, lambda value: numbers.duration(1000 * value), 0, None)


def invocations(days: Sequence[PeriodPerformance]) -> Chart:
    """Executions of one agent a day."""
    values: list[tuple[str, float]] = [(day["date"], day["invocation_count"]) for day in days]
    return _chart(values, lambda value: f"{numbers.count(value)} runs", 0, None)


def _chart(values: Sequence[tuple[str, float]], say: Callable[[float], str], low: float, high: float | None) -> Chart:
    """Points by their dates, so that days without executions are gaps."""
    if not values:
        return Chart([], 0, "", "no data", numbers.NOTHING)
    at = [date.fromisoformat(day).toordinal() for day, _ in values]
    slot = WIDTH / max(7, at[-1] - at[0] + 1)
    top = max(value for _, value in values) if high is None else high
    room = HEIGHT - 2 * _PAD
    points = [
        Point(
            round(WIDTH - (at[-1] - day + 0.5) * slot, 1),
            round(HEIGHT - _PAD - (room * (value - low) / (top - low) if top > low else 0), 1),
            f"{text}: {say(value)}",
        )
        for day, (text, value) in zip(at, values, strict=True)
    ]
    line = " ".join(f"{'L' if number else 'M'}{point.x} {point.y}" for number, point in enumerate(points))
    return Chart(points, round(min(_WIDEST_BAR, 0.72 * slot), 1), line, f"last {points[-1].said}", say(values[-1][1]))


@dataclass(frozen=True, slots=True)
class Bullet:
    """An interval on a scale: all in per cent of the width, None for what is not known."""

    low: float | None
    width: float
    value: float | None
    target: float


def bullet(kpi: Kpi) -> Bullet:
    """A key figure and its interval beside its target."""
    known = [value for value in (kpi.current, *(kpi.ci or ())) if value is not None]
    low, high = min([kpi.target, *known]), max([kpi.target, *known])
    spare = 0.2 * (high - low) or 0.1 * kpi.target
    low, high = max(0.0, low - spare), high + spare
    if kpi.unit == "ratio":
        high = min(1.0, high)
    return _bullet(low, high, kpi.ci, kpi.current, kpi.target)


def outcome(found: Verification) -> Bullet:
    """What was measured, with its interval, beside what was predicted."""
    known = [
        value for value in (found.predicted_pct, found.measured_pct, *(found.ci_pct or ()), 0.0) if value is not None
    ]
    spare = 0.1 * (max(known) - min(known)) or 1.0
    predicted = found.predicted_pct or 0.0
    return _bullet(min(known) - spare, max(known) + spare, found.ci_pct, found.measured_pct, predicted)


def _bullet(low: float, high: float, ci: tuple[float, float] | None, value: float | None, target: float) -> Bullet:
    def place(number: float) -> float:
        return round(100 * (min(max(number, low), high) - low) / (high - low), 1)

    begin = place(ci[0]) if ci else None
    width = round(place(ci[1]) - place(ci[0]), 1) if ci else 0.0
    return Bullet(begin, max(width, 0.6), None if value is None else place(value), place(target))
