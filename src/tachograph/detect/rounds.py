"""Who worked at a step in which order: agents that came back though they were done, and attempts after failures."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from tachograph.detect.tasks import each
from tachograph.detect.workers import step_names
from tachograph.records.history import MISSING, History, Reals, Units, Wholes

_SECOND = 2


@dataclass(frozen=True, slots=True)
class Rounds:
    """For each step execution: seconds of agents that came back after others though they had succeeded; seconds of
    attempts after the second failed one; the most attempts of one agent; and who worked there."""

    returned: Reals
    retried: Reals
    attempts: Reals
    _who: tuple[tuple[str, ...], ...]

    def agents(self, places: Wholes) -> tuple[str, ...]:
        """The agents that worked at some step executions."""
        return tuple(dict.fromkeys(name for place in places.tolist() for name in self._who[place]))


def rounds(history: History) -> Rounds:
    """What happened in each step execution, in the order of `history.steps`."""
    steps, agents = history.steps, history.agents
    returned, retried, attempts = np.zeros(len(steps)), np.zeros(len(steps)), np.zeros(len(steps))
    who: list[tuple[str, ...]] = [()] * len(steps)
    for place, rows in each(_place(steps, agents)):
        names, well, time = agents.codes("name")[rows], agents["success"][rows] > 0, agents["duration"][rows]
        who[place] = tuple(agents.words["name"].names[code] for code in dict.fromkeys(names.tolist()))
        if len(rows) > 1:
            back, again, tries = _of_one(names.tolist(), well.tolist())
            returned[place], retried[place] = float(time[back].sum()), float(time[again].sum())
            attempts[place] = tries
    return Rounds(returned, retried, attempts, tuple(who))


def _place(steps: Units, agents: Units) -> Wholes:
    """For each agent execution the step execution that it is directly in."""
    row_of = {steps.words["span_id"].names[code]: row for row, code in enumerate(steps.codes("span_id").tolist())}
    parent = agents.words["parent_id"]
    rows = np.array([row_of.get(name, MISSING) for name in parent.names] or [MISSING], dtype=np.int64)
    return np.where(parent.codes >= 0, rows[parent.codes], MISSING)


def _of_one(names: list[int], well: list[bool]) -> tuple[list[int], list[int], int]:
    """The places that came back after a success, those after two failures, and how often the most frequent tried."""
    back, again = list[int](), list[int]()
    succeeded, failed = dict[int, int](), dict[int, int]()
    for place, (name, fine) in enumerate(zip(names, well, strict=True)):
        if failed.get(name, 0) >= _SECOND:
            again.append(place)
        elif name in succeeded and not failed.get(name) and names[place - 1] != name:
            back.append(place)
        if fine:
            succeeded[name] = place
        else:
            failed[name] = failed.get(name, 0) + 1
    return back, again, max(names.count(name) for name in set(names))


def by_step(history: History, least: int) -> Iterator[tuple[str, Units, Wholes]]:
    """Each step as `recipe/step`, with its executions and where they stand among all."""
    words = step_names(history.steps)
    for code, rows in each(words.codes, least):
        yield words.name(code), history.steps.take(rows), rows
