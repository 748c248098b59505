"""What the other executions tell about agents: how fast and how sure they are, and what uncached input tokens cost."""

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import blake2b
from statistics import median
from typing import NamedTuple

from tachograph.measure.replay.steps import Attempt, Step

_Z90 = 1.6448536269514722
_ENOUGH = 20  # executions of an agent, to tell a slope from


class Slope(NamedTuple):
    """ns of model time for each uncached input token, with its standard error."""

    value: float
    error: float


@dataclass(frozen=True, slots=True)
class Tables:
    """By (step, agent) the median time in ns and the success rate, by agent the slope of its time on its input."""

    paces: Mapping[tuple[str, str], float] = field(default_factory=dict)
    rates: Mapping[tuple[str, str], float] = field(default_factory=dict)
    slopes: Mapping[str, Slope] = field(default_factory=dict)
    place: float = 0.0  # -1 where tokens cost most, 1 where they cost least, 0 most likely

    def pace(self, step: str, agent: str) -> float:
        """The time of a step when this agent does it, relative to what it takes now."""
        usual = self.paces.get((step, ""), 0.0)
        return self.paces[step, agent] / usual if usual else 1.0

    def succeeds(self, step: str, agent: str, recorded: Step, *, ok: bool) -> bool:
        """Whether the agent would have done well: as often as it does, and where possible as it went."""
        before, after = self.rates.get((step, ""), 1.0), self.rates[step, agent]
        digest = blake2b(f"{step}/{recorded.span_id}/{recorded.start}".encode(), digest_size=4).digest()
        luck = int.from_bytes(digest) / 2**32
        return (luck * before if ok else before + luck * (1 - before)) < after

    def saving(self, attempt: Attempt, cap: int) -> float:
        """ns that a cap on the context saves: tokens shrink with the context, time by the slope, at most all of it."""
        context = attempt.tokens if attempt.context is None else attempt.context
        slope = self.slopes.get(attempt.agent)
        if slope is None or context <= cap:
            return 0.0
        cost = max(0.0, slope.value - self.place * _Z90 * slope.error)
        whole = attempt.model_ns or attempt.end - attempt.start
        return min(float(whole), cost * attempt.tokens * (1 - cap / context))

    def at(self, place: float) -> "Tables":
        """The same where things are worse (1) or better (-1) than most likely."""
        return Tables(self.paces, self.rates, self.slopes, place)


NO_TABLES = Tables()
Done = tuple[str, Step]  # the task of an execution, and a step of it


def tables(done: Sequence[Done], replaced: Iterable[str] = ()) -> Tables:
    """The tables of all steps, with how other agents did on the steps that are `replaced`."""
    paces: dict[tuple[str, str], float] = {}
    rates: dict[tuple[str, str], float] = {}
    for name in replaced:
        of_step = [(task, step) for task, step in done if step.name == name and step.attempts]
        for agent in sorted({attempt.agent for _, step in of_step for attempt in step.attempts}):
            paces[name, agent], rates[name, agent] = _compared(of_step, agent)
        paces[name, ""], rates[name, ""] = 1.0, _rate([step for _, step in of_step])
    return Tables(paces, rates, _slopes(done))


def _compared(done: Sequence[Done], agent: str) -> tuple[float, float]:
    """Time relative to the others and success rate of an agent, over the tasks that both have done."""
    mine: defaultdict[str, list[Step]] = defaultdict(list)
    others: defaultdict[str, list[Step]] = defaultdict(list)
    for task, step in done:
        (mine if step.attempts[0].agent == agent else others)[task].append(step)
    both = [task for task in mine if task in others] or list(mine)
    logs = [math.log(_typical(mine[task]) / _typical(others[task])) for task in both if others[task]]
    pace = math.exp(sum(logs) / len(logs)) if logs else 1.0
    return pace, _rate([step for task in both for step in mine[task]])


def _typical(steps: Sequence[Step]) -> float:
    return max(1.0, median(step.end - step.start for step in steps))


def _rate(steps: Sequence[Step]) -> float:
    return sum(step.ok for step in steps) / len(steps) if steps else 1.0


def _slopes(done: Sequence[Done]) -> dict[str, Slope]:
    seen: defaultdict[str, defaultdict[tuple[str, str], list[tuple[int, int]]]] = defaultdict(lambda: defaultdict(list))
    for task, step in done:
        for attempt in step.attempts:
            took = attempt.model_ns or attempt.end - attempt.start
            if attempt.tokens:
                seen[attempt.agent][task, step.name].append((attempt.tokens, took))
    found = {agent: _within(list(groups.values())) for agent, groups in seen.items()}
    return {agent: slope for agent, slope in found.items() if slope}


def _within(groups: Sequence[Sequence[tuple[int, int]]]) -> Slope | None:
    """The slope within tasks, by demeaning: complex tasks have more tokens and take longer for reasons of their own."""
    xs: list[float] = []
    ys: list[float] = []
    for group in groups:
        mean_x, mean_y = (sum(column) / len(group) for column in zip(*group, strict=True))
        xs += [x - mean_x for x, _ in group]
        ys += [y - mean_y for _, y in group]
    spread = sum(x * x for x in xs)
    freedom = len(xs) - len(groups) - 1
    if freedom < _ENOUGH or not spread:
        return None
    slope = sum(x * y for x, y in zip(xs, ys, strict=True)) / spread
    # Robust against unequal variances (White 1980): long calls vary more.
    error = math.sqrt(sum((x * (y - slope * x)) ** 2 for x, y in zip(xs, ys, strict=True))) / spread
    return Slope(max(0.0, slope), error)
