"""Who does the same work as whom: the places where an agent could be exchanged for another."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np
from scipy import sparse

from tachograph.detect.contrasts import FEW
from tachograph.detect.tasks import each
from tachograph.measure.inference import Flags, Wholes, grouped
from tachograph.records.history import Units

_TOGETHER: Final = 0.3  # of the executions of a step; who meets more often does another part of it


@dataclass(frozen=True, slots=True)
class Place:
    """A kind of work and the rows that are of it; the name is empty where it is all that the agents have in common."""

    name: str
    rows: Wholes


def spots(agents: Units) -> Wholes:
    """A code for each recipe, step and task class: agents that work at the same one can be exchanged."""
    return grouped(*[agents.codes(column) for column in ("recipe_name", "step_name", "task_class")])


def is_placed(agents: Units) -> Flags:
    """Whether anything is known of the kind of work; who does what nobody knows can be held against nobody."""
    known = [agents.codes(column) >= 0 for column in ("recipe_name", "step_name", "task_class")]
    return np.asarray(np.any(known, axis=0))


def places(agents: Units) -> Iterator[Place]:
    """Each task class, each step, and all work: an agent may be wrong for one of them, or wherever it works."""
    classes = agents.words["task_class"]
    steps = grouped(agents.codes("recipe_name"), agents.codes("step_name"))
    is_known = (agents.codes("recipe_name") >= 0) | (agents.codes("step_name") >= 0)
    for code, rows in each(classes.codes, 2 * FEW):
        yield Place(classes.name(code), rows)
    for _, rows in each(np.where(is_known, steps, -1), 2 * FEW):
        yield Place(_step_name(agents, int(rows[0])), rows)
    yield Place("", np.arange(len(agents)))


def common_name(agents: Units) -> str:
    """What all they did has in common: the step or the class, or nothing."""
    return _only(agents, "step_name") or _only(agents, "task_class")


def _only(agents: Units, column: str) -> str:
    """The name that all have, if they have one."""
    codes = np.unique(agents.codes(column))
    return agents.words[column].name(int(codes[0])) if len(codes) == 1 and codes[0] >= 0 else ""


def _step_name(agents: Units, row: int) -> str:
    return "/".join(filter(None, (agents.words[column].names_at(row) for column in ("recipe_name", "step_name"))))


def bosses(agents: Units) -> Wholes:
    """For each execution the code of the agent that it was done for, -1 where that was none."""
    span, parent, name = (agents.words[column] for column in ("span_id", "parent_id", "name"))
    agent_of = dict(zip((span.names[code] for code in span.codes.tolist()), name.codes.tolist(), strict=True))
    found = np.array([agent_of.get(each_name, -1) for each_name in parent.names] or [-1], dtype=np.int64)
    return np.where(parent.codes >= 0, found[parent.codes], -1)


def rivals(here: Units, spot: Wholes, boss: Wholes, code: int) -> list[int]:
    """The agents that often work where agent `code` does, and not together with it."""
    names = here.codes("name")
    mine = names == code
    shared = np.isin(spot, np.unique(spot[mine]))
    return [
        other
        for other, rows in each(np.where(shared & ~mine, names, -1), FEW)
        if np.isin(spot[mine], np.unique(spot[rows])).sum() >= FEW and not _colleagues(here, boss, code, other)
    ]


def _colleagues(here: Units, boss: Wholes, one: int, other: int) -> bool:
    """Whether two agents work for the same step executions, or one for the other, so that neither could do the other's
    part."""
    parents, names = here.codes("parent_id"), here.codes("name")
    if max(np.mean(boss[names == one] == other), np.mean(boss[names == other] == one)) > _TOGETHER:
        return True
    mine, its = (np.unique(parents[(names == code) & (parents >= 0)]) for code in (one, other))
    together = len(np.intersect1d(mine, its))
    return together > _TOGETHER * max(min(len(mine), len(its)), 1)


def teams(agents: Units) -> Wholes:
    """A code for each group of agents that can be exchanged, directly or by way of others."""
    names, spot, boss = agents.codes("name"), spots(agents), bosses(agents)
    pairs = [(code, other) for code, _ in each(names, FEW) for other in rivals(agents, spot, boss, code)]
    size = int(names.max(initial=0)) + 1
    one, other = np.array(pairs or [(0, 0)]).T
    meets = sparse.coo_matrix((np.ones(len(one)), (one, other)), shape=(size, size))
    _, of_agent = sparse.csgraph.connected_components(meets.tocsr(), directed=False)
    return np.asarray(of_agent[names], dtype=np.int64)
