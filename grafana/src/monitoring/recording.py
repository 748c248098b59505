"""Recording rules: the gauges of the metrics' contract, and the counts that alerts are made of."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from monitoring import promql, units
from monitoring.config import GAUGE_WINDOW, WINDOWS
from monitoring.units import UNITS, Unit
from tachograph import vocabulary as v


@dataclass(frozen=True)
class Record:
    """One recording rule."""

    name: str
    expr: str

    def as_rule(self) -> dict[str, Any]:
        """As the rule file has it."""
        return {"record": self.name, "expr": self.expr}


@dataclass(frozen=True)
class Group:
    """Rules that are evaluated one after the other, so that later ones see what earlier ones have just recorded."""

    name: str
    interval: str
    rules: tuple[Record, ...]


def _counts(unit: Unit, window: str) -> Iterator[Record]:
    outcomes = unit.outcomes(window)
    yield Record(outcomes, promql.counted(promql.series(unit.executions), window, unit.label, "outcome"))
    executed = f"sum by ({unit.label}) ({outcomes}{{{promql.COUNTS}}})"
    yield Record(unit.executed(window), executed)
    succeeded = f"sum by ({unit.label}) ({outcomes}{{{promql.SUCCEEDED}}})"
    yield Record(unit.failures(window), f"1 - {promql.part_of(succeeded, unit.executed(window))}")


def _durations(unit: Unit) -> Record:
    return Record(unit.duration_mean("1h"), promql.mean_of(unit.duration, "1h", unit.label))


def _totals() -> Iterator[Record]:
    tokens = promql.counted(promql.series(v.TOKENS_WEIGHED), "6h", "agent_name")
    yield Record(units.TOKENS, tokens)
    yield Record(units.EFFICIENCY, promql.token_efficiency("6h", "agent_name"))
    # However many and however they ended, and 0 where there is nothing at all: that is what silence looks like.
    growth = (f"(sum({unit.outcomes('1h')}) or vector(0))" for unit in UNITS)
    yield Record(units.EXECUTIONS, " + ".join(growth))


def _gauges() -> Iterator[Record]:
    window = GAUGE_WINDOW
    for unit, rate in ((units.AGENT, v.AGENT_SUCCESS_RATE), (units.RECIPE, v.RECIPE_SUCCESS_RATE)):
        yield Record(promql.name(rate), f"1 - {unit.failures(window)}")
    dimension = ("agent_name", "quality_dimension")
    reviews, ratings = (promql.series(metric) for metric in (v.QUALITY_REVIEWS, v.SATISFACTION_RATINGS))
    yield Record(units.REVIEWS, promql.counted(reviews, window, *dimension))
    points = promql.counted(promql.series(v.QUALITY_POINTS), window, *dimension)
    yield Record(promql.name(v.AGENT_QUALITY), promql.mean(points, units.REVIEWS))
    yield Record(units.RATINGS, promql.counted(ratings, window, "recipe_name"))
    points = promql.counted(promql.series(v.SATISFACTION_POINTS), window, "recipe_name")
    yield Record(promql.name(v.RECIPE_SATISFACTION), promql.mean(points, units.RATINGS))
    yield Record(units.COMPARED, promql.counted(promql.series(v.TIME_COMPARED), window, "recipe_name"))
    used = promql.counted(promql.series(v.TIME_USED), window, "recipe_name")
    yield Record(promql.name(v.RECIPE_TIME_SAVED), f"1 - {promql.mean(used, units.COMPARED)}")


def _groups() -> Iterator[Group]:
    for unit in UNITS:
        name = f"tachograph.{unit.word.lower()}s"
        short = tuple(rule for window in WINDOWS if window != GAUGE_WINDOW for rule in _counts(unit, window))
        yield Group(name, "1m", (*short, _durations(unit)))
    yield Group("tachograph.totals", "1m", tuple(_totals()))
    day = tuple(rule for unit in UNITS for rule in _counts(unit, GAUGE_WINDOW))
    # A day changes little in a minute and costs more to read. Not as slow as five minutes: so far back a query looks.
    yield Group("tachograph.gauges", "2m", (*day, *_gauges()))


GROUPS: Final = tuple(_groups())
