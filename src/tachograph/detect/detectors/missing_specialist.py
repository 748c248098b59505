"""A kind of task that no agent does well."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Final

import numpy as np

from tachograph.detect.candidate import POINTS, Candidate
from tachograph.detect.contrasts import FEW, Contrast, contrasts, traces
from tachograph.detect.rivals import teams
from tachograph.detect.rounds import first_attempts
from tachograph.detect.scene import Scene
from tachograph.detect.tasks import each
from tachograph.measure.inference import Flags, Wholes, grouped, more_often
from tachograph.records.history import MISSING, History, Units, Words

_SURELY: Final = 0.05  # that it is better by chance
_HALF: Final = 0.5
_SPOT: Final = ("recipe_name", "step_name", "task_class")
_MOSTLY: Final = 2 / 3  # of what fails more, from which on it is the matter of one agent
_BEHIND: Final = 0.05  # by which even the best agent stays behind the other tasks


def detect(scene: Scene) -> Iterator[Candidate]:
    """One candidate a task class and team of agents that can be exchanged, which tried it; and one a task
    class at which recipes fail for several agents, each in its own part of the work."""
    agents = scene.history.agents
    of_teams = list(_of_teams(agents.take(first_attempts(agents)), agents))
    told = {candidate.components[0] for candidate in of_teams}
    yield from of_teams
    yield from (candidate for candidate in _of_recipes(scene.history) if candidate.components[0] not in told)


def _of_teams(agents: Units, recorded: Units) -> Iterator[Candidate]:
    """Of first attempts, among all that are `recorded`."""
    team, words = teams(agents), agents.words["task_class"]
    for _, rows in each(np.where(words.codes >= 0, grouped(team, words.codes), -1), 2 * FEW):
        code, same = words.codes[rows[0]], team == team[rows[0]]
        is_alone = len(np.unique(agents.codes("name")[same])) == 1
        does_more = (words.codes[same] != code).sum() >= FEW
        if is_alone and not (does_more and _nobody_else(recorded, agents.take(rows))):
            continue
        # A team that does nothing else is held against everybody.
        does_else = same if does_more else np.ones(len(agents), dtype=np.bool_)
        yield from _of_team(agents.take(does_else), (same & (words.codes == code))[does_else], words.name(code))


def _nobody_else(recorded: Units, mine: Units) -> bool:
    """Whether no other agent does this class at the same steps, be it after the first."""
    its, all_of = (np.stack([units.codes(name) for name in _SPOT], axis=1) for units in (mine, recorded))
    others = recorded.codes("name") != mine.codes("name")[0]
    return not any((others & (all_of == spot).all(axis=1)).any() for spot in np.unique(its, axis=0))


def _of_recipes(history: History) -> Iterator[Candidate]:
    """A class is held against other classes of the same recipes."""
    recipes = history.recipes
    classes, names = _classes(recipes, history.agents), recipes.codes("name")
    for code, _ in each(classes.codes, 2 * FEW):
        here = classes.codes == code
        among = np.isin(names, np.intersect1d(names[here], names[~here & (classes.codes >= 0)]))
        mine, arm = recipes.take(among), here[among]
        who, failures = _behind(history.agents, classes.name(code)) if arm.any() and not arm.all() else ([], 0.0)
        alike = grouped(mine.codes("name"), mine.codes("complexity"))
        for found in contrasts(mine, arm, [alike], traces(mine), arm) if len(who) > 1 else ():
            # What failed for another reason, which is told, is no matter of the class.
            if found.unit == POINTS and failures >= _HALF * float(found.lost.sum()):
                yield _missing(mine.take(arm), classes.name(code), who, replace(found, lost=found.lost[arm]))


def _classes(recipes: Units, agents: Units) -> Words:
    """The task class of each recipe execution; where it says none, the one that all its agents have."""
    own, ids, inside = recipes.words["task_class"], recipes.words["span_id"], agents.words["recipe_span_id"]
    told: dict[str, set[str]] = {}
    for home, kind in zip(inside.codes.tolist(), agents.words["task_class"].codes.tolist(), strict=True):
        if home >= 0 and kind >= 0:
            told.setdefault(inside.names[home], set()).add(agents.words["task_class"].names[kind])
    of_agents = [next(iter(kinds)) if len(kinds := told.get(ids.name(code), set())) == 1 else "" for code in ids.codes]
    known = [own.name(code) if code >= 0 else other for code, other in zip(own.codes.tolist(), of_agents, strict=True)]
    names = tuple(dict.fromkeys(filter(None, known)))
    places = {name: place for place, name in enumerate(names)}
    return Words(np.array([places.get(name, MISSING) for name in known], dtype=np.int64), names)


def _behind(agents: Units, task_class: str) -> tuple[list[str], float]:
    """The agents that fail more at a class than at others of the same step, those first that fail most, and how often
    they do; none where most of it is the matter of one."""
    here, part = agents.words["task_class"].is_(task_class), grouped(agents.codes("name"), _step(agents))
    fails, more = agents["success"] == 0, dict[str, float]()
    for _, rows in each(np.where(agents.codes("step_name") >= 0, part, -1), 2 * FEW):
        arm = here[rows]
        if min(int(arm.sum()), int((~arm).sum())) >= FEW:
            name = agents.words["name"].name(int(agents.codes("name")[rows[0]]))
            more[name] = more.get(name, 0.0) + float(arm.sum() * (fails[rows][arm].mean() - fails[rows][~arm].mean()))
    worse = {name: count for name, count in more.items() if count > 0}
    if not worse or max(worse.values()) > _MOSTLY * sum(worse.values()):
        return [], 0.0
    return sorted(worse, key=lambda name: -worse[name]), sum(worse.values())


def _of_team(agents: Units, here: Flags, task_class: str) -> Iterator[Candidate]:
    tried = [agents.words["name"].name(agent) for agent, _ in each(agents.codes("name")[here], FEW)]
    if not tried or here.all() or not _all_behind(agents, here):
        return
    for found in contrasts(agents, here, [_as_hard(agents, here)], traces(agents), here):
        if found.unit == POINTS:
            yield _missing(agents.take(here), task_class, tried, replace(found, lost=found.lost[here]))


def _as_hard(agents: Units, here: Flags) -> Wholes:
    """What is held against each other: the same step, where other classes of tasks are done there, too."""
    hard, step = agents.codes("complexity") + 1, _step(agents)
    is_shared = np.isin(step[here], step[~here]).all()
    return grouped(hard, step) if is_shared else hard


def _missing(mine: Units, task_class: str, tried: list[str], found: Contrast) -> Candidate:
    return Candidate(
        cause="missing_specialist",
        components=(task_class, *tried),
        unit=POINTS,
        estimate=found.estimate,
        rows=mine,
        lost=found.lost,
        claim="observational",
        says=f"no agent is good at {task_class}: {_who(tried)} behind what is reached at other tasks as hard, which "
        "costs {effect}",
        fixes=(
            f"add an agent for {task_class}: its own instructions, tools and examples",
            f"collect the failed executions of {task_class} and give the best agent what they lacked",
        ),
        assumptions=("tasks of this class can be done as well as others of the same complexity",),
        remedy={"place": task_class, "agents": tried},
    )


def _who(tried: list[str]) -> str:
    return f"{', '.join(tried)} all stay" if len(tried) > 1 else f"{tried[0]}, who alone does them, stays"


def _all_behind(agents: Units, here: Flags) -> bool:
    """Whether each agent that tried succeeds less often here than agents do elsewhere: none is the specialist.

    Also where the worst step is left out: what fails at one step only is no matter of the class.
    """
    elsewhere = float(np.mean(agents["success"][~here]))
    mine = agents.take(here)
    steps = [mine["success"][rows] for _, rows in each(_step(mine), FEW)]
    others = sorted(steps, key=lambda well: float(well.mean()))[1:]
    if _is_one_better(mine, elsewhere):
        return False
    rates = [float(np.mean(mine["success"][rows])) for _, rows in each(mine.codes("name"), FEW)]
    rates += [float(np.mean(np.concatenate(others)))] if others else []
    return all(rate < elsewhere - _BEHIND for rate in rates)


def _is_one_better(mine: Units, elsewhere: float) -> bool:
    """Whether one agent surely does better than the others and stays behind by less than half as much: the specialist
    is there, and should get more of it."""
    names, well = mine.codes("name"), mine["success"] > 0
    of = [(names == code, float(np.mean(well[rows]))) for code, rows in each(names, FEW)]
    if len(of) < 2:
        return False
    best, rate = max(of, key=lambda one: one[1])
    others = float(np.mean(well[~best]))
    # The best of several is better by chance the more easily the more there are (Bonferroni).
    return len(of) * more_often(well, best) < _SURELY and elsewhere - rate < _HALF * (elsewhere - others)


def _step(agents: Units) -> Wholes:
    return grouped(agents.codes("recipe_name"), agents.codes("step_name"))
