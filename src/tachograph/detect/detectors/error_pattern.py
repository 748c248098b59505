"""An error that concentrates: in an agent, a command, a step, a version, a complexity, or two of them together."""

import re
from collections.abc import Iterator, Sequence
from typing import Final

import numpy as np

from tachograph.detect.candidate import BAR, LEAST, POINTS, Candidate
from tachograph.detect.concentration import CASES, OWN, Condition, Held, narrowest, short
from tachograph.detect.scene import Scene
from tachograph.detect.tasks import each
from tachograph.measure.inference import Estimated, Flags, as_many, by_cluster, grouped
from tachograph.records.history import MISSING, Reals, Units, Words

# Where an error may concentrate, with the category under which that comes.
_WHERE: Final = {
    "name": "agent_selection",
    "version": "agent_selection",
    "model": "agent_selection",
    "prompt_version": "agent_selection",
    "service_name": "infrastructure",
    "server": "infrastructure",
    "host": "infrastructure",
    "region": "infrastructure",
    "environment": "infrastructure",
    "user_id": "infrastructure",
    "release": "infrastructure",
    OWN: "recipe_execution",
    "recipe_name": "recipe_execution",
    "step_name": "recipe_execution",
    "task_class": "agent_selection",
    "complexity": "agent_selection",
}
_CALLED: Final = {
    "version": "version",
    "prompt_version": "prompt version",
    "release": "release",
    "task_class": "tasks of class",
    "complexity": "complexity",
    "recipe_name": "recipe",
    "step_name": "step",
    "host": "host",
    "region": "region",
    "environment": "environment",
    "user_id": "user",
}
_WORKERS: Final = frozenset({"name", OWN})
_SHOWN: Final = 2  # of the workers that had most cases
_NAME: Final = 3  # letters; shorter names stand in other words, too


def detect(scene: Scene) -> Iterator[Candidate]:
    """One candidate a message that says where its cases concentrate."""
    recorded = _agents_named(scene.workers, scene.history.agents)
    recorded = Units(recorded.numbers, {**recorded.words, "message": _without_names(recorded)})
    workers = _not_made_good(recorded)
    said = workers.words["message"]
    for code, _ in each(said.codes, CASES):
        found = narrowest(workers, said.codes == code, tuple(_WHERE))
        if found is not None:
            yield _candidate(workers, recorded, said.name(code), *found)


def _not_made_good(workers: Units) -> Units:
    """Workers of which those that failed, and then succeeded in another attempt at the same place, count as they ended:
    what that costs is a matter of the attempts."""
    home, well = workers.codes("parent_id"), workers["success"] > 0
    place = grouped(home, workers.codes("worker"))
    last = np.full(int(place.max(initial=0)) + 1, -np.inf)
    np.maximum.at(last, place[well], workers["start"][well])
    good = ~well & (home >= 0) & (workers["start"] < last[place])
    said = workers.words["message"]
    return Units(
        {**workers.numbers, "success": np.where(good, 1.0, workers["success"])},
        {**workers.words, "message": Words(np.where(good | well, MISSING, said.codes), said.names)},
    )


def _agents_named(workers: Units, agents: Units) -> Units:
    """Workers of which only agents have a name to be held against others: each command does work of its own."""
    words, names = workers.words["worker"], frozenset(agents.words["name"].names)
    is_agent = np.isin(words.codes, [code for code, name in enumerate(words.names) if name in names])
    return Units(
        workers.numbers,
        {
            **workers.words,
            "name": Words(np.where(is_agent, words.codes, MISSING), words.names),
            OWN: Words(np.where(is_agent, MISSING, words.codes), words.names),
        },
    )


def _without_names(agents: Units) -> Words:
    """Messages without the names of where they came from: one that names its task is else always found at that task."""
    names = {name for column in _WHERE for name in agents.words[column].names if len(name) >= _NAME}
    either = "|".join(re.escape(name) for name in sorted(names, key=len, reverse=True))
    pattern = re.compile(rf"(?<!\w)(?:{either})(?!\w)" if either else "(?!)")
    words, index = agents.words["message"], dict[str, int]()
    places = [index.setdefault(pattern.sub("…", name), len(index)) for name in words.names]
    codes = np.array([*places, -1], dtype=np.int64)[words.codes]
    return Words(codes, tuple(index))


def _candidate(agents: Units, recorded: Units, message: str, held: Held, p: float) -> Candidate:
    """What all executions of the first component lose to the cases that meet the whole condition, those that another
    attempt made good included: they failed.

    Whether it is there is told by those that meet it and were not: it is as sure however much else the component does.
    """
    says, elsewhere = _cases(agents, message, held)
    ended, beside = _cases(recorded, message, held)
    condition = _led(agents, held, ended)
    mine = _of(agents, condition[0])
    workers, cost = agents.words["worker"].take(says).most(_SHOWN), np.where(ended, 1.0, 0.0) - beside * held.arm
    tested = np.where(says, 1.0, 0.0) - elsewhere * held.arm
    return Candidate(
        cause="error_pattern",
        components=tuple(dict.fromkeys([*(value for _, value in condition), *workers])),
        unit=POINTS,
        estimate=_mean(agents.take(mine), cost[mine]),
        tested=_mean(agents.take(held.arm), tested[held.arm]),
        chance=_by_chance(agents.take(held.arm), says[held.arm], elsewhere),
        rows=agents.take(mine),
        lost=np.where(ended, 1.0, 0.0)[mine],
        claim="observational",
        says=f"{_subject(condition[0], workers)} loses {{effect}} to one error{_besides(condition)}, "
        f"{int(ended.sum())} times: {short(message)}",
        fixes=(
            f"mend what makes {condition[0][1]} end with: {short(message)}",
            "tachograph errors lists the executions; start with the first",
        ),
        assumptions=("executions that ended so would have succeeded otherwise",),
        remedy={"message": message, "condition": _by_column(condition), "category": _category(condition)},
        gate=p,
    )


def _cases(agents: Units, message: str, held: Held) -> tuple[Flags, float]:
    """Which executions that meet the condition ended so, and what share of the others did."""
    says = agents.words["message"].is_(message)
    return held.arm & says, float(np.mean(says[held.among & ~held.arm]))


def _by_column(condition: Condition) -> dict[str, str]:
    return {column: " and ".join(value for other, value in condition if other == column) for column in dict(condition)}


def _category(condition: Condition) -> str:
    return next(category for column, category in _WHERE.items() if column in dict(condition))


def _of(agents: Units, one: tuple[str, str]) -> Flags:
    return agents.words[one[0]].is_(one[1])


def _led(agents: Units, held: Held, says: Flags) -> Condition:
    """The condition, first of it what loses enough of all that it does: the agent, or else where it fails."""
    of_each = [_of(agents, one) for one in held.condition]
    shares = [float(np.average(says[mine], weights=agents["weight"][mine])) for mine in of_each]
    first = next((place for place, share in enumerate(shares) if share >= LEAST[POINTS]), 0)
    return (held.condition[first], *held.condition[:first], *held.condition[first + 1 :])


def _subject(one: tuple[str, str], workers: Sequence[str]) -> str:
    """Who or what loses; of a version whose it is."""
    who = workers[0] if len(workers) == 1 and one[0] not in _WORKERS else ""
    return f"{who} {'with ' * bool(who)}{_named(one)}".strip()


def _besides(condition: Condition) -> str:
    """What else it takes."""
    first, others = condition[0][0], [one for one in condition[1:] if one[0] != condition[0][0]]
    as_well = "".join(f", as {_named(one)} does" for one in condition[1:] if one[0] == first)
    return "".join(f" {'of' if one[0] in _WORKERS else 'with'} {_named(one)}" for one in others) + as_well


def _named(one: tuple[str, str]) -> str:
    return f"{_CALLED.get(one[0], '')} {one[1]}".strip()


def _by_chance(met: Units, says: Flags, elsewhere: float) -> float:
    """That the message is not more frequent than elsewhere by more than the bar."""
    return as_many(says, met["weight"], met.codes("trace_id"), elsewhere + BAR[POINTS])


def _mean(units: Units, values: Reals) -> Estimated:
    weight = units["weight"]
    value = float(np.average(values, weights=weight))
    sums, count = by_cluster((weight * (values - value))[:, None], units.codes("trace_id"))
    return Estimated(value, float(np.sum(np.square(sums)) ** 0.5 / np.sum(weight)), len(values), count)
