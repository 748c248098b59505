"""Executions before and after, of the same mix of tasks, and the change of a measure with its bootstrap."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from tachograph.measure.inference import grouped
from tachograph.records.history import Flags, Reals, Units, Wholes, Words

_DRAWS: Final = 2_000
_CELLS: Final = 4_000_000  # of weights that are held at once
_ROWS: Final = 20_000

MEDIAN: Final = "p50_duration"
SUCCESS: Final = "success_rate"


@dataclass(frozen=True, slots=True)
class Sample:
    """Values of executions, each with its weight, its trace (executions of one trace are not independent) and its kind
    of task."""

    values: Reals
    weights: Reals
    traces: Wholes
    kinds: tuple[tuple[str | None, str | None], ...]

    def __len__(self) -> int:
        return len(self.values)

    @classmethod
    def of(cls, units: Units, measure: str) -> "Sample":
        """Durations in seconds, or 1 for each success."""
        rows = units.take(np.linspace(0, len(units) - 1, min(len(units), _ROWS)).astype(np.int64))
        values = rows["success"] if measure == SUCCESS else rows["duration"]
        columns = [rows.words.get(name) for name in ("task_class", "complexity")]
        kinds = tuple((_name(columns[0], row), _name(columns[1], row)) for row in range(len(rows)))
        return cls(values, rows["weight"], rows.codes("trace_id"), kinds)

    def alike(self, after: "Sample") -> tuple["Sample", "Sample"]:
        """Both with only the kinds of tasks that both have, the later one weighted to the mix of this one."""
        common = set(self.kinds) & set(after.kinds)
        mine, its = self._only(common), after._only(common)
        share, its_share = mine._shares(), its._shares()
        factor = np.array([share[kind] / its_share[kind] for kind in its.kinds])
        return mine, Sample(its.values, its.weights * factor, its.traces, its.kinds)

    def _only(self, kinds: set[tuple[str | None, str | None]]) -> "Sample":
        keep: Flags = np.array([kind in kinds for kind in self.kinds], dtype=np.bool_)
        rest = tuple(kind for kind in self.kinds if kind in kinds)
        return Sample(self.values[keep], self.weights[keep], self.traces[keep], rest)

    def _shares(self) -> dict[tuple[str | None, str | None], float]:
        found: dict[tuple[str | None, str | None], float] = {}
        for kind, weight in zip(self.kinds, self.weights.tolist(), strict=True):
            found[kind] = found.get(kind, 0.0) + weight
        total = sum(found.values())
        return {kind: weight / total for kind, weight in found.items()}

    def value(self, measure: str) -> float:
        """The measure over all of it."""
        return float(_measured(self.values, self.weights[None, :], measure)[0])

    def drawn(self, measure: str, chance: np.random.Generator) -> Reals:
        """The measure of samples of traces, drawn with replacement."""
        place = grouped(self.traces)
        count, size = int(place.max(initial=-1)) + 1, len(self.values)
        some = max(1, min(_DRAWS, _CELLS // max(size, 1)))
        found = []
        for begin in range(0, _DRAWS, some):
            draws = min(some, _DRAWS - begin)
            times = chance.multinomial(count, np.full(count, 1 / count), draws)
            found.append(_measured(self.values, times[:, place] * self.weights, measure))
        return np.concatenate(found)

    def spread_pct(self, measure: str) -> float:
        """How much single values scatter, in percent of a duration, or points."""
        if measure == SUCCESS:
            return 100 * float(np.std(self.values))
        return 100 * float(np.std(np.log(np.maximum(self.values, 1e-9))))


def _name(words: Words | None, row: int) -> str | None:
    return None if words is None else words.names_at(row)


def _measured(values: Reals, weights: Reals, measure: str) -> Reals:
    """The measure for each row of weights; the median is linear between the middles of the weights."""
    total = np.maximum(weights.sum(axis=1), 1e-300)
    if measure != MEDIAN:
        return np.asarray(weights @ values / total, dtype=np.float64)
    order = np.argsort(values, kind="stable")
    ordered, heavy = values[order], weights[:, order]
    middles = (np.cumsum(heavy, axis=1) - heavy / 2) / total[:, None]
    right = np.minimum((middles < 0.5).sum(axis=1), len(values) - 1)
    left = np.maximum(right - 1, 0)
    rows = np.arange(len(weights))
    low, high = middles[rows, left], middles[rows, right]
    part = np.clip(np.divide(0.5 - low, high - low, out=np.ones_like(low), where=high > low), 0, 1)
    return np.asarray(ordered[left] + part * (ordered[right] - ordered[left]), dtype=np.float64)


@dataclass(frozen=True, slots=True)
class Change:
    """A change in percent (of a success rate in points) with draws of it; `baseline_error` is the part of its standard
    error that the baseline has, `weight` how many executions it rests on."""

    value: float
    draws: Reals
    baseline_error: float
    weight: float

    def interval(self, level: float) -> tuple[float, float]:
        """Percentiles of the draws, the value being within."""
        low, high = np.quantile(self.draws, ((1 - level) / 2, (1 + level) / 2))
        return min(float(low), self.value), max(float(high), self.value)


def change_of(before: Sample, after: Sample, measure: str, seed: int = 0) -> Change:
    """The change between two samples."""
    chance = np.random.default_rng(seed)
    base, later = before.drawn(measure, chance), after.drawn(measure, chance)
    value = float(_change(np.array(before.value(measure)), np.array(after.value(measure)), measure))
    draws = _change(base, later, measure)
    error = float(np.std(base)) * 100 / (1.0 if measure == SUCCESS else max(before.value(measure), 1e-12))
    return Change(value, draws, error, 1 / (1 / len(before) + 1 / len(after)))


def controlled(change: Change, controls: Sequence[Change], measure: str) -> Change:
    """A change without what others changed by in the same time: their mean, as their executions weigh."""
    if not controls:
        return change
    weights = np.array([control.weight for control in controls])
    drift = float(np.average([control.value for control in controls], weights=weights))
    draws = np.average(np.stack([control.draws for control in controls]), axis=0, weights=weights)
    if measure == SUCCESS:
        return Change(change.value - drift, change.draws - draws, change.baseline_error, change.weight)
    value = 100 * ((1 + change.value / 100) / (1 + drift / 100) - 1)
    drawn = 100 * ((1 + change.draws / 100) / np.maximum(1 + draws / 100, 1e-6) - 1)
    return Change(value, drawn, change.baseline_error, change.weight)


def _change(before: Reals, after: Reals, measure: str) -> Reals:
    return 100 * (after - before) if measure == SUCCESS else 100 * (after / np.maximum(before, 1e-12) - 1)
