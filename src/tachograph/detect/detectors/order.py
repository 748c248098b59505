"""Agents or steps in an order in which the recipe does worse than in another that was also tried."""

from collections.abc import Iterator
from dataclasses import replace
from itertools import chain, combinations
from typing import Final

import numpy as np

from tachograph.detect.candidate import Candidate, losing_time
from tachograph.detect.contrasts import FEW, contrasts
from tachograph.detect.rounds import rounds, rounds_of_steps
from tachograph.detect.scene import Scene
from tachograph.detect.tasks import each
from tachograph.detect.workers import step_names
from tachograph.measure.inference import grouped
from tachograph.records.history import History, Reals, Units, Wholes

_TEAM: Final = 0.5  # of the executions in which an agent sends the same ones; else it hands out what there is to do
_MOST: Final = 12  # names in a recipe; pairs of more are too many to compare


def agent_sequence(scene: Scene) -> Iterator[Candidate]:
    """One candidate a step, a recipe, or an agent that sends others, and pair of agents that were seen in both orders.

    A recipe is looked at where its steps kept their places and no step of it explains the orders, and among executions
    in which the same agents did the same steps: who does what is another question than who comes first.
    """
    history, explained = scene.history, set[str]()
    steps = Units(history.steps.numbers, {**history.steps.words, "name": step_names(history.steps)})
    for step, pairs, first in _varied(steps, history.agents, "parent_id"):
        explained |= {steps.words["name"].name(step).split("/")[0]} if pairs else set()
        yield from _candidates(steps, step, pairs, first, "agent_sequence", "agents")
    explained |= {history.recipes.words["name"].name(recipe) for recipe, pairs, _ in _of_recipes(scene) if pairs}
    for wholes, link, least in ((history.recipes, "recipe_span_id", 0.0), (history.agents, "parent_id", _TEAM)):
        assigned = _assigned(wholes, history.agents, link)
        for whole, pairs, first in _varied(wholes, history.agents, link):
            is_team = _usual(assigned[wholes.codes("name") == whole]) >= least
            if is_team and wholes.words["name"].name(whole) not in explained:
                yield from _candidates(wholes, whole, pairs, first, "agent_sequence", "agents", assigned)


def _usual(codes: Wholes) -> float:
    """The share of the most frequent code."""
    return float(np.unique(codes, return_counts=True)[1].max()) / len(codes)


def handed_back(scene: Scene) -> Iterator[Candidate]:
    """One candidate a step, a recipe, or an agent that sends others, in which agents, or steps of agents, came back
    after others though they had been done."""
    history = scene.history
    for name, mine, found in chain(rounds(history, history.agents, FEW), rounds_of_steps(_staffed(history), FEW)):
        lost = found.returned
        if not lost.any():
            continue
        who = found.names(lost > 0)
        yield losing_time(
            mine,
            lost,
            cause="agent_sequence",
            components=(name, *who),
            claim="measured",
            says=f"{name} loses {{effect}} to agents handing work back and forth: in {100 * (lost > 0).mean():.0f} % "
            f"of its executions {' or '.join(who[:2])} comes back after having been done",
            fixes=(
                f"give the agents of {name} one list of what is to be done, agreed before the first begins",
                f"let the last agent of {name} mend small things itself instead of handing them back",
            ),
            assumptions=("the second round brings what the first could have brought",),
            remedy={"component": name, "part": "returned", "agents": list(who)},
        )


def _staffed(history: History) -> History:
    """With only those steps in which an agent works: what else runs again may be another part of the work."""
    inside, words = history.agents.words["parent_id"], history.steps.words["span_id"]
    homes = {inside.names[code] for code in np.unique(inside.codes).tolist() if code >= 0}
    return replace(history, steps=history.steps.take(words.among(homes)))


def step_order(scene: Scene) -> Iterator[Candidate]:
    """One candidate a recipe and pair of steps that were seen in both orders."""
    history = scene.history
    for recipe, pairs, first in _of_recipes(scene):
        yield from _candidates(history.recipes, recipe, pairs, first, "step_order", "steps")


Starts = dict[str, Reals]
Varied = Iterator[tuple[int, list[tuple[str, str]], Starts]]


def _of_recipes(scene: Scene) -> Varied:
    return _varied(scene.history.recipes, scene.history.steps, "recipe_span_id")


def _varied(wholes: Units, parts: Units, link: str) -> Varied:
    """Each recipe (or step) with the pairs of its parts that were seen in both orders, and when each first began.

    `link` is the column in which parts name the whole that they are in.
    """
    home = _home(wholes, parts, link)
    for whole, rows in each(wholes.codes("name"), 2 * FEW):
        names = [code for code, of in each(parts.codes("name")[np.isin(home, rows)], FEW)]
        if not 2 <= len(names) <= _MOST:
            continue
        first = {parts.words["name"].name(code): _first(parts, home, code, len(wholes)) for code in names}
        yield whole, [pair for pair in combinations(sorted(first), 2) if _both(first, pair, rows)], first


def _assigned(wholes: Units, agents: Units, link: str) -> Wholes:
    """A code for each execution that is the same where the same agents did the same steps."""
    home, steps, names = _home(wholes, agents, link), agents.codes("step_name"), agents.codes("name")
    who: dict[int, set[tuple[int, int]]] = {}
    for row, step, name in zip(home.tolist(), steps.tolist(), names.tolist(), strict=True):
        who.setdefault(row, set()).add((step, name))
    codes: dict[frozenset[tuple[int, int]], int] = {}
    return np.array([codes.setdefault(frozenset(who.get(row, ())), len(codes)) for row in range(len(wholes))])


def _home(wholes: Units, parts: Units, link: str) -> Wholes:
    """The row of the whole in which each part lies, -1 where there is none."""
    place = {name: code for code, name in enumerate(wholes.words["span_id"].names)}
    row_of = np.full(len(place) + 1, -1)
    row_of[wholes.codes("span_id")] = np.arange(len(wholes))
    words = parts.words[link]
    codes = np.array([place.get(name, -1) for name in words.names] or [-1], dtype=np.int64)
    return np.where(words.codes >= 0, row_of[codes[words.codes]], -1)


def _first(parts: Units, home: Wholes, code: int, count: int) -> Reals:
    """When a part first began in each recipe execution, NaN where it did not."""
    first = np.full(count, np.inf)
    mine = (parts.codes("name") == code) & (home >= 0)
    np.minimum.at(first, home[mine], parts["start"][mine])
    return np.where(np.isfinite(first), first, np.nan)


def _both(first: Starts, pair: tuple[str, str], rows: Wholes) -> bool:
    ahead = first[pair[0]][rows] - first[pair[1]][rows]
    return min(int((ahead < 0).sum()), int((ahead > 0).sum())) >= FEW


def _candidates(
    recipes: Units,
    recipe: int,
    pairs: list[tuple[str, str]],
    first: Starts,
    cause: str,
    kind: str,
    assigned: Wholes | None = None,
) -> Iterator[Candidate]:
    name = recipes.words["name"].name(recipe)
    for pair in pairs:
        for early, late in (pair, pair[::-1]):
            ahead = first[early] - first[late]
            rows = np.flatnonzero((recipes.codes("name") == recipe) & np.isfinite(ahead) & (ahead != 0))
            mine = recipes.take(rows)
            same = [mine.codes(column) for column in ("task_class", "complexity", "version")]
            alike = grouped(*same, *([] if assigned is None else [assigned[rows]]))
            for found in contrasts(mine, ahead[rows] < 0, [alike], mine.codes("trace_id")):
                yield Candidate(
                    cause=cause,
                    components=(name, early, late),
                    unit=found.unit,
                    estimate=found.estimate,
                    rows=mine,
                    lost=found.lost,
                    claim="observational",
                    says=f"{name} loses {{effect}} where {early} comes before {late} "
                    f"({100 * float(np.mean(ahead[rows] < 0)):.0f} % of its executions)",
                    fixes=(f"let {late} come before {early} in {name}, where nothing that it needs is missing then",),
                    assumptions=(f"which of the {kind} came first did not depend on how hard the task was",),
                    remedy={"recipe": name, "first": late, "then": early, "kind": kind},
                )
