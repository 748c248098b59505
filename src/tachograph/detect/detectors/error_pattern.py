"""An error that concentrates: in an agent, a step, a version, a complexity, or two of them together."""

import re
from collections.abc import Iterator
from itertools import combinations
from typing import Final

import numpy as np
from scipy import special

from tachograph.detect.candidate import POINTS, Candidate
from tachograph.detect.contrasts import FEW
from tachograph.detect.scene import Scene
from tachograph.detect.tasks import each, tasks
from tachograph.measure.inference import Estimated, Flags, Wholes, by_cluster, grouped, within
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
    "release": "infrastructure",
}
_GIVEN: Final = frozenset({"task_class", "complexity"})  # what alone nobody can change
_NAME: Final = 3  # letters; shorter names stand in other words, too
_LIFT: Final = 3.0  # times as frequent among the failures here as among those elsewhere
_REAL: Final = 0.5  # of its cases that must be failures more than there are beside it
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


def _narrowest(agents: Units, says: Flags) -> tuple[Condition, Flags, float] | None:
    """The condition, of one attribute or two, in which the message is most concentrated, and how sure that is."""
    single = [((column, value), arm) for column in _WHERE for value, arm in _values(agents, column, says)]
    pairs = [((one, other), a & b) for (one, a), (other, b) in combinations(single, 2) if one[0] != other[0]]
    tried: list[tuple[Condition, Flags]] = [((one,), arm) for one, arm in single]
    tried += [(both, arm) for both, arm in pairs if says[arm].sum() >= FEW]
    tried = [one for one in tried if not _GIVEN.issuperset(dict(one[0]))]
    failing, place = agents["success"] == 0, _places(agents)
    kept = [(condition, arm, _beside(agents, place, condition, arm)) for condition, arm in tried]
    scored = [
        (condition, arm, max(_p(says[among], arm[among]), _p(says[failing & among], arm[failing & among])))
        for condition, arm, among in kept
        if _concentrated(agents, says, arm, among)
    ]
    if not scored:
        return None
    condition, arm, p = min(scored, key=lambda one: (round(float(np.log10(one[2] + 1e-300))), len(one[0])))
    return condition, arm, min(1.0, p * len(tried))


def _places(agents: Units) -> Wholes:
    """What kind of work it was: a code for each class, recipe and step, and for each command."""
    return grouped(*[agents.codes(column) for column in ("task_class", "recipe_name", "step_name", "work")])


def _beside(agents: Units, place: Wholes, condition: Condition, arm: Flags) -> Flags:
    """What the condition is held against: who does the same work; where the agent is no part of it, the same agents.

    An error that only one agent can make, for nobody else does that work, says nothing about who should.
    """
    among = np.isin(place, np.unique(place[arm]))
    if "name" not in dict(condition):
        among &= np.isin(agents.codes("name"), np.unique(agents.codes("name")[arm]))
    return np.asarray(among)


def _values(agents: Units, column: str, says: Flags) -> Iterator[tuple[str, Flags]]:
    """Values with enough cases, that not everything has."""
    words = agents.words[column]
    for code, rows in each(words.codes, FEW):
        arm = words.codes == code
        if says[rows].sum() >= FEW and not arm.all():
            yield words.name(code), arm


def _concentrated(agents: Units, says: Flags, arm: Flags, among: Flags) -> bool:
    """Whether the message is a larger part of the failures here than beside it: not just a place where more fails."""
    failed, beside = agents["success"] == 0, among & ~arm
    here, there = _part(says, failed & arm), _part(says, failed & beside)
    is_most = says[arm].sum() >= _CONFINED * says[among].sum()
    return bool(beside.sum() >= FEW and here >= _LIFT * there and is_most and _adds(agents, says, arm, among))


def _adds(agents: Units, says: Flags, arm: Flags, among: Flags) -> bool:
    """Whether at the same tasks more fails here, too, and not only under another name: the slopes of failures and of
    cases on the condition, within tasks."""
    here = agents.take(among)
    apart = here["weight"] * within(arm[among].astype(np.float64), [tasks(here)], here["weight"])
    more, cases = (float(np.sum(apart * column)) for column in (here["success"] == 0, says[among]))
    return more >= _REAL * cases


def _part(says: Flags, failed: Flags) -> float:
    return float(says[failed].mean()) if failed.any() else 0.0


def _p(says: Flags, arm: Flags) -> float:
    """Fisher's exact test, one-sided: as many cases here by chance, given how many there are in all."""
    cases, here = int(says.sum()), int(arm.sum())
    counts = np.arange(int(says[arm].sum()), min(cases, here) + 1)
    ways = _choose(cases, counts) + _choose(len(says) - cases, here - counts) - _choose(len(says), np.array(here))
    return float(np.exp(special.logsumexp(ways)))


def _choose(n: int, k: Wholes) -> Reals:
    """The logarithm of n over k."""
    return np.asarray(special.gammaln(n + 1) - special.gammaln(k + 1) - special.gammaln(n - k + 1))


def _candidate(agents: Units, message: str, cases: int, condition: Condition, arm: Flags, p: float) -> Candidate:
    names = [value for _, value in condition]
    category = next(category for column, category in _WHERE.items() if column in dict(condition))
    mine = agents.take(arm)
    says = mine.words["message"].is_(message)
    beside = _beside(agents, _places(agents), condition, arm) & ~arm
    elsewhere = float(np.mean(agents.words["message"].is_(message)[beside]))
    lost = np.where(says, 1.0, 0.0) - elsewhere
    return Candidate(
        cause="error_pattern",
        components=(*names, *_where(mine.take(says))),
        unit=POINTS,
        estimate=_mean(mine, lost),
        rows=mine,
        lost=np.where(says, 1.0, 0.0),
        claim="observational",
        says=f"{' with '.join(names)} loses {{effect}} to one error, {cases} times: {_short(message)}",
        fixes=(
            f"mend what makes {names[0]} end with: {_short(message)}",
            "tachograph errors lists the executions; start with the first",
        ),
        assumptions=("executions that ended so would have succeeded otherwise",),
        remedy={"message": message, "condition": dict(condition), "category": category},
        gate=p,
    )


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
