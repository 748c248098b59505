"""What it costs a worker to have its models read more than they need to: fitted on the calls of each model."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from tachograph.detect.scene import Scene
from tachograph.detect.tasks import each, tasks
from tachograph.detect.workers import home
from tachograph.measure.inference import Estimated, Fit, Wholes, grouped, regression
from tachograph.records.history import Flags, Reals, Units

_LEAST: Final = 30  # calls of a model
_BINS: Final = 8  # of sizes, in which calls take about as long as each other
_PARTS: Final = 3  # of a curve: tokens, their square, tokens from a cache
_SQUARE: Final = 1


@dataclass(frozen=True, slots=True)
class Spared:
    """What leaving out some tokens would have spared: seconds of each execution, their share of all time, and seconds
    for each 1,000 tokens."""

    seconds: Reals
    share: Estimated
    each_1k: float


@dataclass(frozen=True, slots=True)
class _Calls:
    """Calls of models in the executions of some workers: in which row, after another one of it, and how many alike."""

    row: Wholes
    later: Flags
    fresh: Reals
    cached: Reals
    times: Reals
    model: tuple[str | None, ...]


def calls(units: Units) -> Reals:
    """Model calls of each unit, at least 1."""
    return np.maximum(np.nan_to_num(units["model_calls"]), 1.0)


def uncached(units: Units) -> Reals:
    """Input tokens that each unit's models read for themselves, those put into a cache included; NaN where usage is
    unknown."""
    return np.where(np.nan_to_num(units["model_calls"]) > 0, _fresh(units), np.nan)


def _fresh(units: Units) -> Reals:
    return units["input_tokens"] + np.nan_to_num(units["cache_write_tokens"])


def handed_less(mine: Units, tokens: Reals) -> Spared | None:
    """What it would spare a worker, of whose calls nothing is known, to be handed so many tokens less: its time is a
    line of the size of its context, at the same task. None where there is too little to tell or it is none."""
    if len(mine) < _LEAST:
        return None
    size = mine["context_size"]
    weight = mine["weight"] / np.square(of_size(mine["duration"], size))
    fit = regression(mine["duration"], [size], [tasks(mine)], weight, mine.codes("trace_id"))
    if fit is None or fit.coefficients[0] <= 0:
        return None
    slope, total = fit.at(0), float(np.sum(mine["weight"] * mine["duration"]))
    less = float(np.sum(mine["weight"] * tokens)) / total
    share = replace(slope, value=slope.value * less, error=slope.error * abs(less))
    return Spared(slope.value * tokens, share, 1000 * slope.value)


class Reading:
    """How long the models of a scene read: for each a curve of tokens and their square (each token attends to all
    before it), and of tokens from a cache, among calls by the same agent at the same task, given what they answer."""

    def __init__(self, scene: Scene) -> None:
        self._models = scene.history.models
        words = self._models.words["model"]
        self._curves = {
            words.name(code): fit for code, rows in each(words.codes, _LEAST) for fit in _curve(self._models.take(rows))
        }

    def spared(self, mine: Units, tokens: Reals, again: bool = False) -> Spared | None:
        """What it would spare to leave out some uncached tokens of each execution (in proportion from all its calls, or
        where they were sent `again` from those after the first, which then come from the cache); None where nothing is
        known of its models."""
        made = _calls_of(mine, self._models)
        there = made.fresh * (made.later if again else 1.0)
        sums = np.bincount(made.row, weights=there * made.times, minlength=len(mine))
        part = np.where(there > 0, np.clip(tokens / np.maximum(sums, 1e-9), 0.0, 1.0)[made.row], 0.0)
        left_out = part * made.fresh
        cached = -left_out if again else part * made.cached
        saved = np.column_stack([left_out, (1 - np.square(1 - part)) * np.square(made.fresh), cached])
        return self._added(mine, made, saved * made.times[:, None])

    def _added(self, mine: Units, made: _Calls, saved: Reals) -> Spared | None:
        weight, seconds, variance, known, clusters = mine["weight"], np.zeros(len(mine)), 0.0, 0.0, 0
        total = float(np.sum(weight * mine["duration"]))
        names = np.array([name or "" for name in made.model])
        for name, (places, fit) in self._curves.items():
            some = names == name
            if not some.any():
                continue
            parts = saved[np.ix_(some, places)]
            seconds += np.bincount(made.row[some], weights=parts @ fit.coefficients, minlength=len(mine))
            slope = weight[made.row[some]] @ parts / total
            variance += float(slope @ fit.covariance @ slope)
            known += float(np.sum(weight[made.row[some]] * saved[some, 0]))
            clusters = max(clusters, int(fit.clusters[0]))
        if not clusters:
            return None
        value = float(np.sum(weight * seconds)) / total
        return Spared(
            seconds,
            Estimated(value, variance**0.5, len(mine), clusters),
            1000 * float(np.sum(weight * seconds)) / max(known, 1.0),
        )


def _curve(models: Units) -> Iterator[tuple[Wholes, Fit]]:
    """The curve of one model as the places of its parts and their fit; a part that would be below nothing is left out,
    for nothing is read in less than no time."""
    fresh = _fresh(models)
    known = models.take(np.isfinite(fresh) & (models["duration"] > 0) & (models["success"] > 0))
    if len(known) < _LEAST:
        return
    fresh = _fresh(known)
    parts = [fresh, np.square(fresh), np.nan_to_num(known["cache_read_tokens"])]
    group = grouped(*[known.codes(name) for name in ("agent_name", "task_class", "complexity", "step_name")])
    weight = known["weight"] / np.square(of_size(known["duration"], fresh))
    places = [place for place in range(_PARTS) if np.ptp(parts[place]) > 0]
    while places and places[0] == 0:
        exposures = [*(parts[place] for place in places), *_answers(known)]
        fit = regression(known["duration"], exposures, [group], weight, known.codes("trace_id"))
        below = [place for place, value in zip(places, fit.coefficients, strict=False) if value < 0] if fit else places
        if fit and not below:
            count = len(places)
            parts_only = replace(fit, coefficients=fit.coefficients[:count], covariance=fit.covariance[:count, :count])
            yield np.array(places), parts_only
            return
        places.remove(_SQUARE if _SQUARE in places and 0 in below else below[-1])


def _answers(models: Units) -> list[Reals]:
    output = np.nan_to_num(models["output_tokens"])
    return [output] if np.ptp(output) > 0 else []


def of_size(time: Reals, fresh: Reals) -> Reals:
    """The mean time of calls about as large: weights must not depend on a row's own luck."""
    borders = np.unique(np.quantile(fresh, np.linspace(0, 1, _BINS + 1)[1:-1]))
    bins = np.searchsorted(borders, fresh)
    size = np.bincount(bins)
    return np.maximum(np.bincount(bins, weights=time) / np.maximum(size, 1), 1e-6)[bins]


def _calls_of(mine: Units, models: Units) -> _Calls:
    """The calls directly below some units; a unit whose calls lie deeper counts as if they were all alike."""
    rows = home(mine, models)
    below = np.flatnonzero((rows >= 0) & np.isfinite(_fresh(models)))
    row = rows[below]
    alone = np.setdiff1d(np.flatnonzero(np.isfinite(uncached(mine))), row)
    count = calls(mine)[alone]
    return _Calls(
        row=np.concatenate([row, alone]),
        later=np.concatenate([_after_first(row), count > 1]),
        fresh=np.concatenate([_fresh(models)[below], uncached(mine)[alone] / count]),
        cached=np.concatenate(
            [
                np.nan_to_num(units["cache_read_tokens"]) / of
                for units, of in ((models.take(below), 1.0), (mine.take(alone), count))
            ]
        ),
        times=np.concatenate([np.ones(len(row)), count]),
        model=(*_names(models, below), *_names(mine, alone)),
    )


def _after_first(row: Wholes) -> Flags:
    """Whether an earlier call is in the same row; calls come in order of time."""
    later = np.ones(len(row), dtype=np.bool_)
    later[np.unique(row, return_index=True)[1]] = False
    return later


def _names(units: Units, rows: Wholes) -> list[str | None]:
    words = units.words["model"]
    return [words.names[code] if code >= 0 else None for code in words.codes[rows].tolist()]
