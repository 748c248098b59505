"""What was done at a step, or in a recipe, in which order: agents that came back, attempts after failures."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from tachograph.detect.tasks import each
from tachograph.detect.workers import home, step_names
from tachograph.measure.inference import grouped
from tachograph.records.history import Flags, History, Reals, Units, Wholes, Words

_SECOND = 2  # failures, after which another attempt is one too many
_NEARLY_ALL = 0.05  # of executions may do less than what is laid out


# Names, whether each succeeded, when it began and ended -> how many failures came before each.
Failures = Callable[[list[int], list[bool], list[float], list[float]], Wholes]


@dataclass(frozen=True, slots=True)
class Rounds:
    """For each execution of a step, recipe or agent: seconds of agents that came back after others though they had
    succeeded; seconds of attempts after the first failed one, and after the second; the most attempts of one agent or
    step; and who worked there, or which steps ran."""

    returned: Reals
    repeated: Reals
    retried: Reals
    attempts: Reals
    _who: tuple[tuple[str, ...], ...]

    def take(self, rows: Wholes) -> "Rounds":
        """The same of some executions."""
        numbers = (self.returned[rows], self.repeated[rows], self.retried[rows], self.attempts[rows])
        return Rounds(*numbers, tuple(self._who[row] for row in rows.tolist()))

    def names(self, some: Flags) -> tuple[str, ...]:
        """The agents, or steps, of some executions, in each those first that failed, or else came, most often."""
        return tuple(dict.fromkeys(name for place in np.flatnonzero(some).tolist() for name in self._who[place]))


def rounds(history: History, parts: Units, least: int) -> Iterator[tuple[str, Units, Rounds]]:
    """Each step as `recipe/step`, each recipe and each agent that sends others, with its executions and which of the
    `parts` (agents, or commands as well) worked directly in each."""
    wholes = (
        (history.steps, step_names(history.steps)),
        (history.recipes, history.recipes.words["name"]),
        (history.agents, history.agents.words["name"]),
    )
    for units, words in wholes:
        # A step is one piece of work; a recipe without steps may send the same agent for two.
        laid_out = {} if units is history.steps else _laid_out(units, parts)
        yield from _by_name(units, words, _found(units, parts, _failed_before, laid_out), least)


def rounds_of_steps(history: History, least: int) -> Iterator[tuple[str, Units, Rounds]]:
    """Each recipe with its executions and what steps ran again in each, themselves or others before them having
    failed."""
    recipes, steps = history.recipes, history.steps
    found = _found(recipes, steps, _open_before, _laid_out(recipes, steps))
    yield from _by_name(recipes, recipes.words["name"], found, least)


def _by_name(units: Units, words: Words, found: Rounds, least: int) -> Iterator[tuple[str, Units, Rounds]]:
    for code, rows in each(words.codes, least):
        yield words.name(code), units.take(rows), found.take(rows)


def _laid_out(units: Units, parts: Units) -> dict[tuple[int, int], int]:
    """How often each part comes in nearly all executions of a whole that succeed, by the codes of their names: that is
    its design."""
    at, fine = home(units, parts), units["success"] > 0
    inside = np.flatnonzero(at >= 0)
    inside = inside[fine[at[inside]]]
    pairs, counts = np.unique(np.stack([at[inside], parts.codes("name")[inside]]), axis=1, return_counts=True)
    whole, found = units.codes("name"), dict[tuple[int, int], int]()
    for _, places in each(grouped(whole[pairs[0]], pairs[1])) if len(counts) else ():
        name = int(whole[pairs[0][places[0]]])
        often = np.zeros(int(np.sum(fine & (whole == name))))
        often[: len(places)] = counts[places]
        found[name, int(pairs[1][places[0]])] = int(np.quantile(often, _NEARLY_ALL, method="lower"))
    return found


def _found(units: Units, parts: Units, failures: Failures, laid_out: Mapping[tuple[int, int], int]) -> Rounds:
    returned, repeated, retried, attempts = np.zeros((4, len(units)))
    who: list[tuple[str, ...]] = [()] * len(units)
    for place, rows in each(home(units, parts)):
        names, time, failed = parts.codes("name")[rows], parts["duration"][rows], parts["success"][rows] == 0
        who[place] = tuple(parts.words["name"].name(code) for code in _most_first(names[failed], names))
        if len(rows) > len(who[place]):
            well = (~failed).tolist()
            tries = failures(names.tolist(), well, parts["start"][rows].tolist(), parts["end"][rows].tolist())
            whole = int(units.codes("name")[place])
            planned = [laid_out.get((whole, name), 0) for name in names.tolist()]
            returned[place] = float(time[_came_back(names.tolist(), well, planned)].sum())
            repeated[place], retried[place] = (float(time[tries >= count].sum()) for count in (1, _SECOND))
            attempts[place] = int(np.bincount(names).max())
    return Rounds(returned, repeated, retried, attempts, tuple(who))


def _most_first(failed: Wholes, names: Wholes) -> list[int]:
    """Each name once, those that failed most often first, and of these those that came most often."""
    fails, counts = Counter(failed.tolist()), Counter(names.tolist())
    return sorted(counts, key=lambda name: (-fails[name], -counts[name]))


def _came_back(names: list[int], well: list[bool], planned: list[int]) -> Flags:
    """Who comes after others though it had succeeded, and never failed, more often than planned; not for the sake of
    one who failed, and has to try again."""
    back, came = np.zeros(len(names), dtype=np.bool_), Counter[int]()
    succeeded, failed, is_open = set[int](), set[int](), set[int]()
    for place, (name, fine) in enumerate(zip(names, well, strict=True)):
        back[place] = (
            came[name] >= planned[place] and name in succeeded - failed and names[place - 1] != name and not is_open
        )
        came[name] += 1
        (succeeded if fine else failed).add(name)
        is_open = is_open - {name} if fine else is_open | {name}
    return back


def first_attempts(agents: Units) -> Flags:
    """Which agents began before anybody at the same place had failed: further attempts are made at what is hard, and so
    say nothing about who is good at it."""
    home, failed = agents.codes("parent_id"), agents["success"] == 0
    first_failure = np.full(int(home.max(initial=0)) + 1, np.inf)
    known = failed & (home >= 0)
    np.minimum.at(first_failure, home[known], agents["end"][known])
    return np.asarray((home < 0) | (agents["start"] < first_failure[home]))


def in_a_row(calls: Units) -> Wholes:
    """How many calls of the same, by the same maker, had failed directly before each one."""
    order = np.lexsort((calls["start"], calls.codes("parent_id")))
    maker, name, failed = calls.codes("parent_id")[order], calls.codes("name")[order], calls["success"][order] == 0
    follows = np.zeros(len(calls), dtype=np.bool_)
    follows[1:] = failed[:-1] & (maker[1:] == maker[:-1]) & (name[1:] == name[:-1]) & (maker[1:] >= 0)
    places = np.arange(len(calls))
    count = np.empty(len(calls), dtype=np.int64)
    count[order] = places - np.maximum.accumulate(np.where(follows, 0, places))
    return count


def _failed_before(names: list[int], well: list[bool], start: list[float], end: list[float]) -> Wholes:
    """How often the agent of each attempt had failed since it last succeeded."""
    failed = _failed(names, well, start, end)
    return np.array([then.get(name, 0) for name, then in zip(names, failed, strict=True)])


def _open_before(names: list[int], well: list[bool], start: list[float], end: list[float]) -> Wholes:
    """The most failures of one step that had not been made good when another one ran again: what comes between a test
    and the next is done again for its sake."""
    seen, before = set[int](), []
    for name, then in zip(names, _failed(names, well, start, end), strict=True):
        before.append(max(then.values(), default=0) if name in seen else 0)
        seen.add(name)
    return np.array(before)


def _failed(names: list[int], well: list[bool], start: list[float], end: list[float]) -> Iterator[dict[int, int]]:
    """For each part, in order of starts, how often each had failed since it last succeeded when this one began."""
    failed: dict[int, int] = {}
    ends, done = sorted(range(len(names)), key=lambda place: (end[place], place)), 0
    for now, began in enumerate(start):
        while ends[done] < now and end[ends[done]] <= began:
            place, done = ends[done], done + 1
            failed[names[place]] = 0 if well[place] else failed.get(names[place], 0) + 1
        yield failed
