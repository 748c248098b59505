"""Who worked at a step, or a recipe without steps, in which order: agents that came back, attempts after failures."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from tachograph.detect.tasks import each
from tachograph.detect.workers import step_names
from tachograph.records.history import MISSING, Flags, History, Reals, Units, Wholes

_SECOND = 2


@dataclass(frozen=True, slots=True)
class Rounds:
    """For each execution of a step or recipe: seconds of agents that came back after others though they had succeeded;
    seconds of attempts after the first failed one, and after the second; the most attempts of one agent; and who worked
    there."""

    returned: Reals
    repeated: Reals
    retried: Reals
    attempts: Reals
    _who: tuple[tuple[str, ...], ...]

    def take(self, rows: Wholes) -> "Rounds":
        """The same of some executions."""
        numbers = (self.returned[rows], self.repeated[rows], self.retried[rows], self.attempts[rows])
        return Rounds(*numbers, tuple(self._who[row] for row in rows.tolist()))

    def agents(self, some: Flags) -> tuple[str, ...]:
        """The agents that worked at some executions."""
        return tuple(dict.fromkeys(name for place in np.flatnonzero(some).tolist() for name in self._who[place]))


def rounds(history: History, least: int) -> Iterator[tuple[str, Units, Rounds]]:
    """Each step as `recipe/step` and each recipe, with its executions and what happened directly in each."""
    for units, words in ((history.steps, step_names(history.steps)), (history.recipes, history.recipes.words["name"])):
        found = _found(units, history.agents)
        for code, rows in each(words.codes, least):
            yield words.name(code), units.take(rows), found.take(rows)


def _found(units: Units, agents: Units) -> Rounds:
    returned, repeated, retried, attempts = np.zeros((4, len(units)))
    who: list[tuple[str, ...]] = [()] * len(units)
    for place, rows in each(_place(units, agents)):
        names, well, time = agents.codes("name")[rows], agents["success"][rows] > 0, agents["duration"][rows]
        who[place] = tuple(agents.words["name"].names[code] for code in dict.fromkeys(names.tolist()))
        if len(rows) > 1:
            back, tries = _came_back(names.tolist(), well.tolist()), _failed_before(names.tolist(), well.tolist())
            returned[place] = float(time[back].sum())
            repeated[place], retried[place] = (float(time[tries >= count].sum()) for count in (1, _SECOND))
            attempts[place] = int(np.bincount(names).max())
    return Rounds(returned, repeated, retried, attempts, tuple(who))


def _place(units: Units, agents: Units) -> Wholes:
    """For each agent execution the step or recipe execution that it is directly in."""
    row_of = {units.words["span_id"].names[code]: row for row, code in enumerate(units.codes("span_id").tolist())}
    parent = agents.words["parent_id"]
    rows = np.array([row_of.get(name, MISSING) for name in parent.names] or [MISSING], dtype=np.int64)
    return np.where(parent.codes >= 0, rows[parent.codes], MISSING)


def _came_back(names: list[int], well: list[bool]) -> Flags:
    """Who comes after others though it had succeeded, and never failed."""
    back, succeeded, failed = np.zeros(len(names), dtype=np.bool_), set[int](), set[int]()
    for place, (name, fine) in enumerate(zip(names, well, strict=True)):
        back[place] = name in succeeded - failed and names[place - 1] != name
        (succeeded if fine else failed).add(name)
    return back


def _failed_before(names: list[int], well: list[bool]) -> Wholes:
    """How often the agent of each attempt had failed before."""
    before, failed = np.zeros(len(names), dtype=np.int64), Counter[int]()
    for place, (name, fine) in enumerate(zip(names, well, strict=True)):
        before[place] = failed[name]
        failed[name] += not fine
    return before
