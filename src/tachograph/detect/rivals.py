"""Who does the same work as whom: the places where an agent could be exchanged for another."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from scipy import sparse

from tachograph.detect.contrasts import FEW
from tachograph.detect.tasks import each
from tachograph.measure.inference import Flags, Wholes, grouped
from tachograph.records.history import Units

_LEADS: Final = 0.5  # of its executions in which an agent sends others
_MOSTLY: Final = 0.5  # of the agents of a recipe that work at a step
_TOGETHER: Final = 0.3  # of the executions of a step; who meets more often does another part of it


@dataclass(frozen=True, slots=True)
class Place:
    """A kind of work and the rows that are of it; the name is empty where it is all that the agents have in common."""

    name: str
    rows: Wholes


def spots(agents: Units) -> Wholes:
    """A code for each recipe, step, task class and who it is done for: agents that work at the same one can be
    exchanged, but who sends others is exchanged only for another who does."""
    where = [agents.codes(column) for column in ("recipe_name", "step_name", "task_class")]
    boss, names = bosses(agents), agents.codes("name")
    ids, parents = agents.words["span_id"], agents.words["parent_id"]
    sends = ids.among({parents.names[code] for code in np.unique(parents.codes[boss >= 0]).tolist()})
    leads = np.bincount(names, sends) > _LEADS * np.bincount(names)
    return grouped(*where, boss, leads[names].astype(np.int64))


def is_placed(agents: Units) -> Flags:
    """Whether anything is known of the kind of work; who does what nobody knows can be held against nobody. Nor can who
    has lost its step, in a recipe whose agents mostly have one."""
    known = [agents.codes(column) >= 0 for column in ("recipe_name", "step_name", "task_class")]
    recipe, has_step = agents.codes("recipe_name"), known[1]
    counts, with_step = np.bincount(recipe + 1), np.bincount(recipe + 1, has_step)
    is_lost = (recipe >= 0) & ~has_step & (with_step > _MOSTLY * counts)[recipe + 1]
    return np.asarray(np.any(known, axis=0) & ~is_lost)


def places(agents: Units) -> Iterator[Place]:
    """Each task class, each step, and all work: an agent may be wrong for one of them, or wherever it works."""
    classes = agents.words["task_class"]
    steps = grouped(agents.codes("recipe_name"), agents.codes("step_name"))
    is_known = (agents.codes("recipe_name") >= 0) | (agents.codes("step_name") >= 0)
    for code, rows in each(classes.codes, 2 * FEW):
        yield Place(classes.name(code), rows)
    for _, rows in each(np.where(is_known, steps, -1), 2 * FEW):
        if len(np.unique(classes.codes[rows])) > 1 or classes.codes[rows[0]] < 0:  # else it is part of that class
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


def rivals(here: Units, spot: Wholes, boss: Wholes) -> Flags:
    """For each two agents, by their codes, whether both often work where the other does, and not together."""
    names = here.codes("name")
    size = int(names.max(initial=0)) + 1
    done = _table(names, spot, size)
    meets = (done @ (done > 0).T).toarray()  # executions of one where the other was seen
    often = (meets >= FEW) & (meets.T >= FEW) & ~np.eye(size, dtype=np.bool_)
    return np.asarray(often & ~_colleagues(here, spot, boss, size))


def _table(rows: Wholes, columns: Wholes, size: int) -> Any:
    """How often each row meets each column, as a sparse matrix of `size` rows; -1 is nothing."""
    known = (rows >= 0) & (columns >= 0)
    shape = (size, int(columns.max(initial=0)) + 1)
    return sparse.coo_matrix((np.ones(int(known.sum())), (rows[known], columns[known])), shape=shape).tocsr()


def _colleagues(here: Units, spot: Wholes, boss: Wholes, size: int) -> Flags:
    """Whether two agents work at one spot of the same step executions, or one for the other, so that neither could do
    the other's part."""
    names = here.codes("name")
    orders = np.zeros((size, size))
    orders[:, : int(boss.max(initial=0)) + 1] = _table(names, boss, size).toarray()[:, :size]
    serves = orders > _TOGETHER * np.bincount(names, minlength=size)[:, None]
    at = _table(names, np.where(here.codes("parent_id") >= 0, grouped(here.codes("parent_id"), spot), -1), size) > 0
    together = (at.astype(np.float64) @ at.T.astype(np.float64)).toarray()
    least = np.minimum.outer(together.diagonal(), together.diagonal())
    return np.asarray(serves | serves.T | (together > _TOGETHER * np.maximum(least, 1)))


def teams(agents: Units) -> Wholes:
    """A code for each group of agents that can be exchanged, directly or by way of others."""
    meets = sparse.csr_matrix(rivals(agents, spots(agents), bosses(agents)).astype(np.int64))
    _, of_agent = sparse.csgraph.connected_components(meets, directed=False)
    return np.asarray(of_agent[agents.codes("name")], dtype=np.int64)
