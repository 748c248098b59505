"""What a fault costs: the same world, with the same chances, once with it and once without."""

import math
import statistics
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field

from detection import spans as name
from detection.spans import Span

Effect = dict[str, float]
UNITS = ("percent", "median", "increase", "points")


@dataclass
class Tally:
    """Of one component: durations of its executions or calls in seconds, and how many succeeded."""

    seconds: list[float] = field(default_factory=list)
    successes: int = 0

    def add(self, span: Span) -> None:
        self.seconds.append(span.seconds)
        self.successes += not span.error


def tallies(spans: list[Span]) -> dict[str, Tally]:
    """By name of component; `via NAME` are the executions of agents that made a call of NAME."""
    made: dict[str, Tally] = defaultdict(Tally)
    via: dict[str, set[Span]] = defaultdict(set)
    for span in spans:
        for each in _names(span):
            made[each].add(span)
            if span.kind in ("tool", "model") and span.parent is not None:
                via[each].add(_execution(span))
    for each, users in via.items():
        for span in users:
            made[f"via {each}"].add(span)
    return made


def _execution(span: Span) -> Span:
    """The agent's execution, or the step's, around a call."""
    above = span.parent
    while above is not None and above.kind == "other":
        above = above.parent
    return above or span


def _names(span: Span) -> list[str]:
    facts = span.attributes
    if span.kind == "recipe":
        return [facts[name.RECIPE], f"{facts[name.RECIPE]}@{facts['dev_agency.recipe.version']}"]
    if span.kind == "step":
        return [facts[name.STEP], f"{facts[name.RECIPE]}/{facts[name.STEP]}"]
    if span.kind == "agent":
        agent, task_class = facts[name.AGENT], facts[name.TASK_CLASS]
        scopes = (task_class, facts[name.COMPLEXITY], facts[name.RECIPE])
        version = facts["gen_ai.agent.version"]
        return [agent, *(f"{agent}|{each}" for each in scopes), f"{agent}@{version}", task_class, f"class:{task_class}"]
    if span.kind == "tool":
        return [facts[name.TOOL], *_server(facts)]
    return [facts[name.MODEL], *_server(facts)] if span.kind == "model" else []


def _server(facts: dict[str, object]) -> list[str]:
    return [str(facts[name.SERVER])] if name.SERVER in facts else []


def effect(harmed: Tally, sound: Tally) -> Effect:
    """`percent`: share of the duration seen that the fault took, by means; `median`: by medians; `increase`: relative
    to the sound duration; `points`: of the success rate, lost."""
    with_, without = statistics.fmean(harmed.seconds), statistics.fmean(sound.seconds)
    middle, sound_middle = statistics.median(harmed.seconds), statistics.median(sound.seconds)
    rates = [100 * tally.successes / len(tally.seconds) for tally in (harmed, sound)]
    return {
        "percent": 100 * (with_ - without) / with_ if with_ else 0.0,
        "median": 100 * (middle - sound_middle) / middle if middle else 0.0,
        "increase": 100 * (with_ - without) / without if without else 0.0,
        "points": rates[1] - rates[0],
    }


def distance(harmed: Tally, sound: Tally) -> float:
    """In standard errors how far the two are apart as two samples, in mean log seconds or in success: what somebody
    would see who knew where to look and had the sound world to compare with."""
    if min(len(harmed.seconds), len(sound.seconds)) < 2:
        return 0.0
    logs = [[math.log(max(each, 1e-9)) for each in tally.seconds] for tally in (harmed, sound)]
    gap = statistics.fmean(logs[0]) - statistics.fmean(logs[1])
    rates = [tally.successes / len(tally.seconds) for tally in (harmed, sound)]
    spread = sum(statistics.variance(each) / len(each) for each in logs)
    luck = sum(rate * (1 - rate) / len(each) for rate, each in zip(rates, logs, strict=True))
    return max(gap / spread**0.5 if spread else 0.0, (rates[1] - rates[0]) / luck**0.5 if luck else 0.0)


class Comparison:
    """The same executions with a fault and without it."""

    def __init__(self, harmed: dict[str, Tally], sound: dict[str, Tally]) -> None:
        self.harmed, self.sound = harmed, sound

    def effects(self, names: frozenset[str], whole: tuple[str, ...]) -> dict[str, list[Effect]]:
        """For each component that may be named first, the effects on what its executions may be taken to be."""
        if whole:
            common = self._of(whole)
            return {each: common for each in sorted(names)}  # noqa: C420 (the same list for all)
        return {each: self._of((each, f"via {each}", *_scoped(each, names))) for each in sorted(names)}

    def main(self, names: frozenset[str], whole: tuple[str, ...]) -> Effect:
        """The largest on executions; a call that fails is not yet an execution that does."""
        found = self._of(self._keys(names, whole))
        return {unit: max((each[unit] for each in found), default=0.0) for unit in UNITS}

    def distance(self, names: frozenset[str], whole: tuple[str, ...]) -> float:
        """The largest distance of anything that may be named, its calls included."""
        keys = {*self._keys(names, whole), *names} & set(self.harmed) & set(self.sound)
        return max((distance(self.harmed[key], self.sound[key]) for key in keys), default=0.0)

    def _keys(self, names: frozenset[str], whole: tuple[str, ...]) -> list[str]:
        keys = whole or [key for each in names for key in (f"via {each}", *_scoped(each, names))]
        return [*keys, *(each for each in names if f"via {each}" not in self.harmed and not whole)]

    def _of(self, keys: Iterable[str]) -> list[Effect]:
        return [effect(self.harmed[key], self.sound[key]) for key in keys if key in self.harmed and key in self.sound]


def _scoped(component: str, names: frozenset[str]) -> list[str]:
    """Its executions in a class, a recipe or a version that the fault is about."""
    return [f"{component}{mark}{other}" for other in sorted(names) for mark in "|@"]
