"""An error that concentrates: in an agent, a step, a version, a complexity, or two of them together."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Final

import numpy as np

from tachograph.detect.candidate import POINTS, Candidate
from tachograph.detect.contrasts import FEW
from tachograph.detect.scene import Scene
from tachograph.detect.tasks import each, tasks
from tachograph.measure.inference import Estimated, Flags, Wholes, by_cluster, grouped, more_often, within
from tachograph.records.history import MISSING, Reals, Units, Words

# Where an error may concentrate, with the category under which that comes.
_WHERE: Final = {
    "name": "agent_selection",
    "version": "agent_selection",
    "model": "agent_selection",
    "prompt_version": "agent_selection",
    "recipe_name": "recipe_execution",
    "step_name": "recipe_execution",
    "task_class": "agent_selection",
    "complexity": "agent_selection",
    "service_name": "infrastructure",
    "server": "infrastructure",
    "host": "infrastructure",
    "release": "infrastructure",
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
}
_GIVEN: Final = frozenset({"task_class", "complexity"})  # what alone nobody can change
_PLACES: Final = frozenset({"task_class", "recipe_name", "step_name"})
_NAME: Final = 3  # letters; shorter names stand in other words, too
_LIFT: Final = 3.0  # times as frequent among the failures here as among those elsewhere
_REAL: Final = 0.5  # of its cases that must be failures more than there are beside it
_NEARLY_ALL: Final = 0.9  # of the cases
_NARROWER: Final = 1.25  # times as frequent
_CONFINED: Final = 0.5  # of all its cases that must lie where it is said to concentrate


def detect(scene: Scene) -> Iterator[Candidate]:
    """One candidate a message that says where its cases concentrate."""
    workers = _agents_named(scene.workers, scene.history.agents)
    said = _without_names(workers)
    workers = Units(workers.numbers, {**workers.words, "message": said})
    for code, rows in each(said.codes, FEW):
        found = _narrowest(workers, said.codes == code)
        if found is not None:
            yield _candidate(workers, said.name(code), len(rows), *found)


def _agents_named(workers: Units, agents: Units) -> Units:
    """Workers of which only agents have a name to be held against others: each command does work of its own."""
    words, names = workers.words["worker"], frozenset(agents.words["name"].names)
    is_agent = np.isin(words.codes, [code for code, name in enumerate(words.names) if name in names])
    return Units(
        workers.numbers,
        {
            **workers.words,
            "name": Words(np.where(is_agent, words.codes, MISSING), words.names),
            "work": Words(np.where(is_agent, MISSING, words.codes), words.names),
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


Condition = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class _Held:
    """A condition, who meets it, all that it is held against each other among, and what is alike among them."""

    condition: Condition
    arm: Flags
    among: Flags
    alike: Wholes


def _narrowest(agents: Units, says: Flags) -> tuple[_Held, float] | None:
    """The condition, of one attribute or two, in which the message is most concentrated, and how sure that is."""
    single = [((column, value), arm) for column in _WHERE for value, arm in _values(agents, column, says)]
    pairs = [((one, other), a & b) for (one, a), (other, b) in combinations(single, 2) if _go_together(one, other)]
    tried: list[tuple[Condition, Flags]] = [((one,), arm) for one, arm in single]
    tried += [(both, arm) for both, arm in pairs if says[arm].sum() >= FEW]
    place, failing = _places(agents), agents["success"] == 0
    held = [one for condition, arm in tried for one in _held(agents, place, condition, arm)]
    scored = [(one, _sureness(says, failing, one)) for one in held if _concentrated(agents, says, one)]
    if not scored:
        return None
    surest, p = min(scored, key=lambda each: (round(float(np.log10(each[1] + 1e-300))), len(each[0].condition)))
    narrower = [one for one, _ in scored if _is_narrower(says, one.arm, surest.arm)]
    found = max(narrower, key=lambda one: float(says[one.arm].mean()), default=surest)
    return found, min(1.0, p * len(held))


def _sureness(says: Flags, failing: Flags, held: _Held) -> float:
    """How likely it is by chance that as many cases are here: of all that was done, and of all that failed."""
    return max(more_often(says[some], held.arm[some]) for some in (held.among, failing & held.among))


def _go_together(one: tuple[str, str], other: tuple[str, str]) -> bool:
    """Two attributes, of which a host goes with who works there only."""
    columns = {one[0], other[0]}
    return len(columns) == 2 and ("host" not in columns or "name" in columns)


def _is_narrower(says: Flags, arm: Flags, of: Flags) -> bool:
    """Whether nearly all cases of a wider condition meet this one, in which they are more frequent."""
    return bool(
        says[arm & of].sum() >= _NEARLY_ALL * says[of].sum() and says[arm].mean() >= _NARROWER * says[of].mean()
    )


def _places(agents: Units) -> Wholes:
    """What kind of work it was: a code for each class, recipe and step, and for each command."""
    return grouped(*[agents.codes(column) for column in ("task_class", "recipe_name", "step_name", "work")])


def _held(agents: Units, place: Wholes, condition: Condition, arm: Flags) -> Iterator[_Held]:
    """What a condition is held against: who does the same work; and for agents at a place the same agents elsewhere.

    Where the agent is no part of the condition only the same agents are: an error that only one agent can make, for
    nobody else does that work, says nothing about who should.
    """
    columns, names = set(dict(condition)), agents.codes("name")
    same = np.isin(names, np.unique(names[arm]))
    if not columns <= _GIVEN:
        among = np.isin(place, np.unique(place[arm])) & (same | ("name" in columns))
        yield _Held(condition, arm, np.asarray(among), tasks(agents))
    if columns & _PLACES and columns <= _PLACES | {"name"}:
        yield _Held(condition, arm, np.asarray(same & (names >= 0)), grouped(names, agents.codes("complexity")))


def _values(agents: Units, column: str, says: Flags) -> Iterator[tuple[str, Flags]]:
    """Values with enough cases, that not everything has."""
    words = agents.words[column]
    for code, rows in each(words.codes, FEW):
        arm = words.codes == code
        if says[rows].sum() >= FEW and not arm.all():
            yield words.name(code), arm


def _concentrated(agents: Units, says: Flags, held: _Held) -> bool:
    """Whether the message is a larger part of the failures here than beside it: not just a place where more fails."""
    failed, beside = agents["success"] == 0, held.among & ~held.arm
    here, there = _part(says, failed & held.arm), _part(says, failed & beside)
    is_most = says[held.arm].sum() >= _CONFINED * says[held.among].sum()
    return bool(beside.sum() >= FEW and here >= _LIFT * there and is_most and _adds(agents, says, held))


def _adds(agents: Units, says: Flags, held: _Held) -> bool:
    """Whether of what is alike more fails here, too, and not only under another name: the slopes of failures and of
    cases on the condition."""
    here, arm = agents.take(held.among), held.arm[held.among].astype(np.float64)
    apart = here["weight"] * within(arm, [held.alike[held.among]], here["weight"])
    more, cases = (float(np.sum(apart * column)) for column in (here["success"] == 0, says[held.among]))
    return more >= _REAL * cases > 0


def _part(says: Flags, failed: Flags) -> float:
    return float(says[failed].mean()) if failed.any() else 0.0


def _candidate(agents: Units, message: str, cases: int, held: _Held, p: float) -> Candidate:
    condition, arm = held.condition, held.arm
    names = [value for _, value in condition]
    category = next(category for column, category in _WHERE.items() if column in dict(condition))
    mine = agents.take(arm)
    says = mine.words["message"].is_(message)
    beside = held.among & ~arm
    workers = _where(mine.take(says))
    elsewhere = float(np.mean(agents.words["message"].is_(message)[beside]))
    lost = np.where(says, 1.0, 0.0) - elsewhere
    return Candidate(
        cause="error_pattern",
        components=(*names, *workers),
        unit=POINTS,
        estimate=_mean(mine, lost),
        rows=mine,
        lost=np.where(says, 1.0, 0.0),
        claim="observational",
        says=f"{_subject(condition, workers)} loses {{effect}} to one error, {cases} times: {_short(message)}",
        fixes=(
            f"mend what makes {names[0]} end with: {_short(message)}",
            "tachograph errors lists the executions; start with the first",
        ),
        assumptions=("executions that ended so would have succeeded otherwise",),
        remedy={"message": message, "condition": dict(condition), "category": category},
        gate=p,
    )


def _subject(condition: Condition, workers: Sequence[str]) -> str:
    """The agent with what else it takes; of a version whose it is."""
    known = dict(condition)
    who = known.pop("name", None) or (workers[0] if len(workers) == 1 else "")
    places = [f"{_CALLED.get(column, '')} {value}".strip() for column, value in known.items()]
    return f"{who} {'with ' * bool(places)}{' and '.join(places)}".strip() if who else " and ".join(places)


def _short(message: str) -> str:
    text = message.replace("{", "(").replace("}", ")")
    return text if len(text) <= 80 else text[:79] + "…"


def _where(cases: Units) -> tuple[str, ...]:
    """The workers that had most cases."""
    words = cases.words["worker"]
    order = np.argsort(-np.bincount(words.codes[words.codes >= 0], minlength=len(words.names)), kind="stable")
    counts = np.bincount(words.codes[words.codes >= 0], minlength=len(words.names))
    return tuple(words.names[code] for code in order[:2].tolist() if counts[code])


def _mean(units: Units, values: Reals) -> Estimated:
    weight = units["weight"]
    value = float(np.average(values, weights=weight))
    sums, count = by_cluster((weight * (values - value))[:, None], units.codes("trace_id"))
    return Estimated(value, float(np.sum(np.square(sums)) ** 0.5 / np.sum(weight)), len(values), count)
