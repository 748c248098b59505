"""What a change would bring to the median, the 95th percentile and the success of a recipe, with 90 % intervals."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from statistics import median

import numpy as np
import numpy.typing as npt

from tachograph.measure.replay.changes import Change, changed, conflicts
from tachograph.measure.replay.contention import NONE, Contention, estimate
from tachograph.measure.replay.runs import Run, Runs
from tachograph.measure.replay.simulator import Replayed, simulate
from tachograph.measure.replay.tables import NO_TABLES, Tables, tables

REPLAY_ERROR_MAX_PCT = 5.0  # beyond it the recorded times are not explained well enough to say more
_DRAWS = 4_000
_SIDES = 1_000  # executions that the best and the worst case are simulated on
_FEWEST = 3  # executions for an interval
_WHOLE_MIN = 10  # executions of which nothing is missing, to leave the others out of a comparison

Reals = npt.NDArray[np.float64]


class CannotReplay(Exception):
    """The recorded executions do not let this be predicted; the message is one line that says why."""


@dataclass(frozen=True, slots=True)
class Forecast:
    """What a change brings. Durations in ms; `_pct` relative to the baseline, below zero is faster; `_pp` in points.

    Percentiles are over all executions, failures included. `ci_pct`, `p95_ci_pct` and `success_ci_pp` are 90 %
    intervals for what will be measured on `later_runs` executions after the change, held against the recorded baseline;
    None with fewer than three executions. `replay_error_pct` is the median of |simulated - recorded| / recorded,
    unchanged; `contention` the stretch of a step for each neighbour, 1 is none.
    """

    recipe: str
    executions: int
    baseline_p50_ms: float
    predicted_p50_ms: float
    change_pct: float
    ci_pct: tuple[float, float] | None
    baseline_p95_ms: float
    predicted_p95_ms: float
    p95_change_pct: float
    p95_ci_pct: tuple[float, float] | None
    baseline_success: float
    predicted_success: float
    success_change_pp: float
    success_ci_pp: tuple[float, float] | None
    replay_error_pct: float
    contention: float
    contention_basis: str
    later_runs: int
    assumptions: list[str]


def replay(run: Run, change: Change, contention: Contention = NONE) -> float:
    """The duration in ms that one execution would have had with the change."""
    return _simulated(run, change, contention).duration / 1e6


def replay_error(runs: Runs) -> float:
    """Median of |simulated - recorded| / recorded of the unchanged executions, in per cent."""
    errors = [
        abs(simulate(run.graph).duration - run.duration_ns) / run.duration_ns for run in runs.runs if run.duration_ns
    ]
    return 100 * median(errors) if errors else 0.0


def predict(runs: Runs, change: Change, seed: int = 0, later_runs: int | None = None) -> Forecast:
    """What the change would bring; CannotReplay where the recorded executions do not say.

    `later_runs` is on how many executions it will be measured, as many as were recorded unless said.
    """
    _check(runs, change)
    error = replay_error(runs)
    if error > REPLAY_ERROR_MAX_PCT:
        raise CannotReplay(
            f"the recorded executions of {runs.recipe} cannot be replayed: even unchanged their durations are off by "
            f"{error:.1f} % (median; at most {REPLAY_ERROR_MAX_PCT:.0f} %); check depends_on and the clocks"
        )
    change = replace(change, tables=_tables(runs, change))
    graphs, tasks = [run.graph for run in runs.runs], [run.task for run in runs.runs]
    crowded = _crowded(runs, change)
    contention = estimate(graphs, tasks, crowded) if crowded else NONE
    outcome = _Outcome(runs, change, contention, later_runs or runs.total, np.random.default_rng(seed))
    return outcome.forecast(error, [*_assumptions(runs, change), *([contention.note] if contention.note else [])])


def _simulated(run: Run, change: Change, contention: Contention) -> Replayed:
    return simulate(changed(run.graph, change), change.workers, contention)


def _check(runs: Runs, change: Change) -> None:
    if not runs.runs:
        raise CannotReplay(f"no execution of {runs.recipe} was recorded in this window")
    if not runs.steps:
        raise CannotReplay(f"the recorded executions of {runs.recipe} have no steps; nothing in them can be changed")
    for name, agent in change.agents:
        if agent not in _agents_of(runs, name):
            known = ", ".join(sorted(_agents_of(runs, name))) or "none"
            raise CannotReplay(
                f"agent {agent} never did step {name}, so nothing says how it would; those that did: {known}"
            )


def _agents_of(runs: Runs, name: str) -> set[str]:
    return {a.agent for run in runs.runs for step in run.steps if step.name == name for a in step.attempts}


def _tables(runs: Runs, change: Change) -> Tables:
    if not change.agents and change.cap_context is None:
        return NO_TABLES
    done = [(run.task, step) for run in runs.runs for step in run.steps if not step.skipped]
    made = tables(done, [name for name, _ in change.agents])
    if change.cap_context is not None and not made.slopes:
        raise CannotReplay(
            f"the executions of {runs.recipe} do not tell what input tokens cost: it takes some twenty calls of one "
            "agent on the same kind of task, with their tokens"
        )
    return made


def _crowded(runs: Runs, change: Change) -> list[str]:
    """The steps that may run beside more others than before."""
    if change.workers is not None:
        return list(runs.steps)
    known = set(runs.steps)
    return [name for name in dict.fromkeys(name for group in change.parallel for name in group) if name in known]


class _Outcome:
    """Recorded and simulated executions side by side, and what further ones would show."""

    def __init__(
        self, runs: Runs, change: Change, contention: Contention, later: int, chance: np.random.Generator
    ) -> None:
        self.runs, self.later, self.chance, self.contention = runs, later, chance, contention
        self.recorded = np.array([run.duration_ns / 1e6 for run in runs.runs])
        self.succeeded = np.array([run.success for run in runs.runs], dtype=np.float64)
        self.weight = np.array([run.weight for run in runs.runs])
        after = [_simulated(run, change, contention) for run in runs.runs]
        self.after = np.array([one.duration / 1e6 for one in after])
        self.succeeds = np.array([one.success for one in after], dtype=np.float64)
        self.simulated = self.after.copy()
        self._mend_partial()
        self.effective = _effective(self.recorded, self.weight)
        self.uncertain = contention.is_none is False or contention.high > 0 or bool(change.tables.slopes)
        self.sides = self._sides(change) if self.uncertain else (self.after, self.after)
        # Half of the draws are at the most likely case where nothing was measured, and it can only be worse.
        self.is_measured = contention.basis == "measured" or not (contention.high > 0 or contention.cpu)

    def _mend_partial(self) -> None:
        """Executions of which spans are missing change as the others do: what is missing cannot be changed in them."""
        partial = np.array([run.partial for run in self.runs.runs])
        whole = ~partial
        if partial.any() and whole.sum() >= max(_WHOLE_MIN, 0.3 * len(partial)):
            before = _quantile(self.recorded[whole], self.weight[whole], 0.5)
            ratio = _quantile(self.after[whole], self.weight[whole], 0.5) / before if before else 1.0
            self.after[partial] = self.recorded[partial] * ratio

    def _sides(self, change: Change) -> tuple[Reals, Reals]:
        """Every execution in the best and in the worst case; of many, the ratio that some of them show."""
        stride = -(-len(self.after) // _SIDES)
        found = []
        for place in (-1.0, 1.0):
            moved = replace(change, tables=change.tables.at(place))
            contention = self.contention.at(place)
            some = [_simulated(run, moved, contention).duration / 1e6 for run in self.runs.runs[::stride]]
            base = self.simulated[::stride]
            ratio = np.divide(np.array(some), base, out=np.ones_like(base), where=base > 0)
            found.append(self.after * (ratio if stride == 1 else float(np.median(ratio))))
        return found[0], found[1]

    def forecast(self, error: float, assumptions: list[str]) -> Forecast:
        before, after = (_quantile(values, self.weight, 0.5) for values in (self.recorded, self.after))
        slow_before, slow_after = (_quantile(values, self.weight, 0.95) for values in (self.recorded, self.after))
        rate, rate_after = (
            float(np.average(values, weights=self.weight)) for values in (self.succeeded, self.succeeds)
        )
        return Forecast(
            recipe=self.runs.recipe,
            executions=self.runs.total,
            baseline_p50_ms=before,
            predicted_p50_ms=after,
            change_pct=_change(after, before),
            ci_pct=self._interval(0.5, before, after),
            baseline_p95_ms=slow_before,
            predicted_p95_ms=slow_after,
            p95_change_pct=_change(slow_after, slow_before),
            p95_ci_pct=self._interval(0.95, slow_before, slow_after),
            baseline_success=rate,
            predicted_success=rate_after,
            success_change_pp=100 * (rate_after - rate),
            success_ci_pp=self._success_interval(rate, rate_after),
            replay_error_pct=error,
            contention=1 + self.contention.slope,
            contention_basis=self.contention.basis if self.contention.note else "not concerned",
            later_runs=self.later,
            assumptions=assumptions,
        )

    def _interval(self, level: float, before: float, after: float) -> tuple[float, float] | None:
        """Where the quantile of `later` further executions will lie, relative to the recorded one.

        Of n independent values the one at `level` is the population's quantile at a level that is Beta distributed; how
        many of the recorded executions lie below that is binomial (David and Nagaraja, Order Statistics, 7.2).
        """
        if len(self.after) < _FEWEST or before <= 0:
            return None
        u = self.chance.beta((self.later + 1) * level, (self.later + 1) * (1 - level), _DRAWS)
        below = self.chance.binomial(self.effective, u) + self.chance.random(_DRAWS)
        levels = below / (self.effective + 1)
        drawn = _quantiles(self.after, self.weight, levels)
        if self.uncertain:
            place = self._places()
            best, worst = (_quantiles(side, self.weight, levels) for side in self.sides)
            drawn = drawn + np.where(place > 0, place * (worst - drawn), -place * (best - drawn))
        low, high = (_change(float(value), before) for value in np.quantile(drawn, (0.05, 0.95)))
        point = _change(after, before)
        return min(low, point), max(high, point)

    def _places(self) -> Reals:
        if self.contention.basis == "processor time":
            return self.chance.uniform(-1, 1, _DRAWS)
        if self.is_measured:
            return np.clip(self.chance.standard_normal(_DRAWS) / 1.645, -1.5, 1.5)
        return np.maximum(0.0, self.chance.uniform(-1, 1, _DRAWS))

    def _success_interval(self, rate: float, after: float) -> tuple[float, float] | None:
        """The same for the share of successes: beta-binomial, from Jeffreys' prior."""
        if len(self.after) < _FEWEST:
            return None
        n = self.effective
        p = self.chance.beta(after * n + 0.5, (1 - after) * n + 0.5, _DRAWS)
        later = self.chance.binomial(self.later, p) / self.later
        low, high = np.quantile(100 * (later - rate), (0.05, 0.95))
        return float(low), float(high)


def _change(after: float, before: float) -> float:
    return 100 * (after / before - 1) if before else 0.0


def _effective(values: Reals, weight: Reals) -> int:
    """How many independent, equally weighted executions these are worth: for weights Kish (1965), for days that are all
    slow or all fast the first-order autocorrelation of the ranks, where it is more than chance."""
    n = float(weight.sum() ** 2 / (weight**2).sum())
    if len(values) >= _WHOLE_MIN:
        ranks = _ranks(values)
        spread = float((ranks**2).sum())
        rho = float((ranks[1:] * ranks[:-1]).sum()) / spread if spread else 0.0
        if rho > 1.645 / np.sqrt(len(values)):
            n *= (1 - rho) / (1 + rho)
    return max(1, round(n))


def _ranks(values: Reals) -> Reals:
    """Ranks around zero; equal values share one."""
    _, place, count = np.unique(values, return_inverse=True, return_counts=True)
    shared = np.cumsum(count) - (count + 1) / 2
    return np.asarray(shared[place] - (len(values) - 1) / 2, dtype=np.float64)


def _quantile(values: Reals, weight: Reals, level: float) -> float:
    return float(_quantiles(values, weight, np.array([level]))[0])


def _quantiles(values: Reals, weight: Reals, levels: Reals) -> Reals:
    """Weighted quantiles, linear between the middles of the weights; of equal weights the median is the usual one."""
    order = np.argsort(values, kind="stable")
    heaps = np.cumsum(weight[order])
    return np.interp(levels, (heaps - weight[order] / 2) / heaps[-1], values[order])


def _assumptions(runs: Runs, change: Change) -> list[str]:
    said = ["work, gaps between steps and everything that is not named stay as recorded"]
    failed = sum(not run.success for run in runs.runs)
    if failed and (change.parallel or change.drop or change.order or change.attempts or change.agents):
        said.append(
            f"{failed} of {len(runs.runs)} executions failed; the steps they did not come to are those of like ones"
        )
    said += [note for group in change.parallel for note in _of_group(runs, group)]
    if change.workers is not None and not any(any(run.graph.known) for run in runs.runs):
        said.append("no step says what it depends on, so the recorded order is kept and workers change nothing")
    if change.agents:
        said.append(
            "how another agent would do is taken from where it did that step; its tasks may have been other ones"
        )
    if change.cap_context is not None:
        said.append("what fewer tokens save follows from how model time grew with uncached input within the same task")
    if any(run.partial for run in runs.runs):
        said.append("executions of which spans are missing change as the others do")
    return said


def _of_group(runs: Runs, group: Sequence[str]) -> list[str]:
    """What stands against running these steps at the same time, as far as is known."""
    steps = {step.name: step for run in runs.runs for step in run.steps if step.name in group and not step.skipped}
    said = []
    for first in group:
        for second in group:
            files = conflicts(steps[first], steps[second]) if first < second and {first, second} <= steps.keys() else ()
            if files:
                said.append(
                    f"{first} and {second} share {', '.join(sorted(files)[:3])}: at the same time they may go wrong"
                )
        waits = [name for name in group if first in steps and name in (steps[first].after or ()) and name != first]
        said += [f"{first} says that it depends on {name}; the prediction is for when it does not" for name in waits]
    if any(step.after is None for step in steps.values()):
        said.append(f"not all of {', '.join(group)} say what they depend on; check that they may run at the same time")
    return said
