"""Where cases of something concentrate: under which condition, of one attribute or two, held against what is alike."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Final

import numpy as np

from tachograph.detect.contrasts import FEW
from tachograph.detect.tasks import each, tasks
from tachograph.measure.inference import Flags, Wholes, grouped, more_often, within
from tachograph.records.history import Units

CASES: Final = 5  # of a message that are worth telling; that so few come together is tested exactly
_LONG: Final = 80  # letters
OWN: Final = "work"  # who does work of its own: a command is held against itself under other conditions only
_GIVEN: Final = frozenset({"task_class", "complexity"})  # what alone nobody can change
_AROUND: Final = frozenset({"host", "region", "environment", "user_id"})
_PLACES: Final = frozenset({"task_class", "recipe_name", "step_name"})
_LIFT: Final = 3.0  # times as frequent among the failures here as among those elsewhere
_REAL: Final = 0.5  # of its cases that must be failures more than there are beside it
_NEARLY_ALL: Final = 0.9  # of the cases
_NARROWER: Final = 1.25  # times as frequent
_CONFINED: Final = 0.5  # of all its cases that must lie where it is said to concentrate
_AS_USUAL: Final = 0.5  # times as often as others, from which on somebody fails in their ways as well
_DOUBT: Final = 0.1  # by chance, above which something is not more frequent at all

Condition = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Held:
    """A condition, who meets it, all that it is held against each other among, and what is alike among them; `on_top`
    where these do other work, so that a message has to come on top of the ways in which they fail."""

    condition: Condition
    arm: Flags
    among: Flags
    alike: Wholes
    on_top: bool = False


@dataclass(frozen=True, slots=True)
class _Work:
    """Codes of all that was done: its kind (class, recipe and step, or which command), its task, how hard it was, and
    that for each worker."""

    place: Wholes
    task: Wholes
    hard: Wholes
    each_hard: Wholes

    @classmethod
    def of(cls, agents: Units) -> "_Work":
        """Worked out once for many conditions."""
        place = grouped(*[agents.codes(column) for column in ("task_class", "recipe_name", "step_name", OWN)])
        hard = grouped(agents.codes("complexity"))
        return cls(place, tasks(agents), hard, grouped(agents.codes("worker"), hard))


def narrowest(agents: Units, says: Flags, columns: Sequence[str]) -> tuple[Held, float] | None:
    """The condition in which the message is most concentrated, and how likely it is by chance that one is.

    Many conditions are tried for whether it is more frequent there, and only where it is for whether that is no place
    where more fails in every way: as likely as that is by chance, times those that were tried for it. Conditions that
    the same cases meet are one. The few of one attribute have half of the doubt to themselves, for pairs are many
    (weighted Bonferroni: Holm 1979).
    """
    work = _Work.of(agents)
    held = _unlike(one for tried in _tried(agents, says, columns) for one in _held(agents, work, *tried))
    sizes = Counter(len(one.condition) for one in held)
    frequent = [more_often(says[one.among], one.arm[one.among]) * _times(sizes, one) for one in held]
    likely = [one for one, p in zip(held, frequent, strict=True) if p <= _DOUBT]
    # The wider of two that the same cases meet comes last, and stays.
    tried = Counter({(says & one.arm).tobytes(): len(one.condition) for one in likely[::-1]}.values())
    scored = [
        (one, p, _of_failures(agents, says, one) * _times(tried, one))
        for one, p in zip(held, frequent, strict=True)
        if _concentrated(agents, says, one)
    ]
    if not scored:
        return None
    surest, here, beside = min(scored, key=lambda each: (_order(max(each[1:])), len(each[0].condition)))
    narrower = [one for one, _, _ in scored if _is_narrower(says, one.arm, surest.arm)]
    found = max(narrower, key=lambda one: float(says[one.arm].mean()), default=surest)
    return found, min(1.0, max(here, beside))


def _times(counts: Mapping[int, int], one: Held) -> int:
    """How many were tried that have as many attributes, twice where there are others as well."""
    return max(counts.get(len(one.condition), 0), 1) * max(len(counts), 1)


def _order(p: float) -> int:
    return round(float(np.log10(p + 1e-300)))


def _tried(agents: Units, says: Flags, columns: Sequence[str]) -> Iterator[tuple[Condition, Flags]]:
    single = [((column, value), arm) for column in columns for value, arm in _values(agents, column, says)]
    yield from (((one,), arm) for one, arm in single if one[0] != OWN)
    yield from _several(single, says)
    for (one, a), (other, b) in combinations(single, 2):
        if _go_together(one, other) and says[a & b].sum() >= CASES:
            yield (one, other), a & b


def _several(single: Sequence[tuple[tuple[str, str], Flags]], says: Flags) -> Iterator[tuple[Condition, Flags]]:
    """Values of one attribute that meet it far more often than the rest, as one condition: two of nine users."""
    for column in dict.fromkeys(column for (column, _), _ in single if column != OWN):
        often = [
            (one, arm) for one, arm in single if one[0] == column and says[arm].mean() >= _LIFT * says[~arm].mean()
        ]
        if len(often) > 1:
            yield tuple(one for one, _ in often), np.logical_or.reduce([arm for _, arm in often])


def _unlike(held: Iterator[Held]) -> list[Held]:
    """The first of those that hold the same against the same."""
    return list({(one.arm.tobytes(), one.among.tobytes()): one for one in [*held][::-1]}.values())[::-1]


def _of_failures(agents: Units, says: Flags, held: Held) -> float:
    """How likely it is by chance that as many of all that failed in this way are here."""
    failing = held.among & (agents["success"] == 0)
    return more_often(says[failing], held.arm[failing])


def _go_together(one: tuple[str, str], other: tuple[str, str]) -> bool:
    """Two attributes, of which a host, or whose work it is, goes with who does it only."""
    columns = {one[0], other[0]}
    return len(columns) == 2 and (not columns & _AROUND or bool(columns & {"name", OWN}))


def _is_narrower(says: Flags, arm: Flags, of: Flags) -> bool:
    """Whether nearly all cases of a wider condition meet this one, in which they are more frequent."""
    return bool(
        says[arm & of].sum() >= _NEARLY_ALL * says[of].sum() and says[arm].mean() >= _NARROWER * says[of].mean()
    )


def _held(agents: Units, work: _Work, condition: Condition, arm: Flags) -> Iterator[Held]:
    """What a condition is held against: who does the same work; for workers at a place the same workers elsewhere; and
    for an agent whose work nobody else does all other agents.

    Where the agent is no part of the condition only the same agents are: an error that only one agent can make, for
    nobody else does that work, says nothing about who should.
    """
    columns, names = set(dict(condition)), agents.codes("worker")
    same = np.isin(names, np.unique(names[arm]))
    if not columns <= _GIVEN:
        among = np.asarray(np.isin(work.place, np.unique(work.place[arm])) & (same | ("name" in columns)))
        yield Held(condition, arm, among, work.task)
        if columns == {"name"} and not (among & ~arm).any():
            others = np.asarray(agents.codes("name") >= 0)
            yield Held(condition, arm, others, work.hard, on_top=True)
    if columns & _PLACES and columns <= _PLACES | {"name", OWN}:
        yield Held(condition, arm, same, work.each_hard)
        if (agents["success"][same & ~arm] == 0).sum() < FEW:
            yield Held(condition, arm, np.ones(len(agents), dtype=np.bool_), work.hard, on_top=True)


def _values(agents: Units, column: str, says: Flags) -> Iterator[tuple[str, Flags]]:
    """Values with enough cases, that not everything has."""
    words = agents.words[column]
    for code, rows in each(words.codes, CASES):
        arm = words.codes == code
        if says[rows].sum() >= CASES and not arm.all():
            yield words.name(code), arm


def _concentrated(agents: Units, says: Flags, held: Held) -> bool:
    """Whether the message is a larger part of the failures here than beside it: not just a place where more fails."""
    failed, beside = agents["success"] == 0, held.among & ~held.arm
    here, there = _part(says, failed & held.arm), _part(says, failed & beside)
    is_most = says[held.arm].sum() >= _CONFINED * says[held.among].sum()
    is_clear = not held.on_top or _is_on_top(agents, says, held.arm, beside)
    return bool(beside.sum() >= FEW and here >= _LIFT * there and is_most and is_clear and _adds(agents, says, held))


def _is_on_top(agents: Units, says: Flags, arm: Flags, beside: Flags) -> bool:
    """Whether without the message one would fail about as often as others, and in ways of theirs: how all work of
    somebody fails is else what failing means there."""
    failed, said = agents["success"] == 0, agents.codes("message")
    mine, theirs = failed & arm & ~says, failed & beside
    in_common = np.intersect1d(said[mine & (said >= 0)], said[theirs])
    often = float(mine[arm & ~says].mean()) if (arm & ~says).any() else 0.0
    return len(in_common) > 0 and often >= _AS_USUAL * float(theirs[beside].mean())


def _adds(agents: Units, says: Flags, held: Held) -> bool:
    """Whether of what is alike more fails here, too, and not only under another name: the slopes of failures and of
    cases on the condition."""
    here, arm = agents.take(held.among), held.arm[held.among].astype(np.float64)
    apart = here["weight"] * within(arm, [held.alike[held.among]], here["weight"])
    more, cases = (float(np.sum(apart * column)) for column in (here["success"] == 0, says[held.among]))
    return more >= _REAL * cases > 0


def _part(says: Flags, failed: Flags) -> float:
    return float(says[failed].mean()) if failed.any() else 0.0


def short(message: str) -> str:
    """A message as part of a sentence that is formatted later."""
    text = message.replace("{", "(").replace("}", ")")
    return text if len(text) <= _LONG else text[: _LONG - 1] + "…"
