"""A kind of task that no agent does well."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Final

import numpy as np

from tachograph.detect.candidate import POINTS, Candidate
from tachograph.detect.contrasts import FEW, Contrast, contrasts, traces
from tachograph.detect.rivals import teams
from tachograph.detect.scene import Scene
from tachograph.detect.tasks import each
from tachograph.measure.inference import Flags, Wholes, grouped, more_often
from tachograph.records.history import Units

_SURELY: Final = 0.05  # that it is better by chance
_HALF: Final = 0.5
_BEHIND: Final = 0.05  # by which even the best agent stays behind the other tasks


def detect(scene: Scene) -> Iterator[Candidate]:
    """One candidate a task class and team of agents that can be exchanged, several of which tried it."""
    agents = scene.history.agents
    team, words = teams(agents), agents.words["task_class"]
    for _, rows in each(np.where(words.codes >= 0, grouped(team, words.codes), -1), 2 * FEW):
        code, same = words.codes[rows[0]], team == team[rows[0]]
        # Who does nothing else is held against everybody.
        does_else = same if (words.codes[same] != code).sum() >= FEW else np.ones(len(agents), dtype=np.bool_)
        yield from _of_team(agents.take(does_else), (same & (words.codes == code))[does_else], words.name(code))


def _of_team(agents: Units, here: Flags, task_class: str) -> Iterator[Candidate]:
    tried = [agents.words["name"].name(agent) for agent, _ in each(agents.codes("name")[here], FEW)]
    if len(tried) < 2 or here.all() or not _all_behind(agents, here):
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
        says=f"no agent is good at {task_class}: {', '.join(tried)} all stay behind what they reach "
        "at other tasks as hard, which costs {effect}",
        fixes=(
            f"add an agent for {task_class}: its own instructions, tools and examples",
            f"collect the failed executions of {task_class} and give the best agent what they lacked",
        ),
        assumptions=("tasks of this class can be done as well as others of the same complexity",),
        remedy={"place": task_class, "agents": tried},
    )


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
    best, rate = max(of, key=lambda one: one[1])
    others = float(np.mean(well[~best]))
    return more_often(well, best) < _SURELY and elsewhere - rate < _HALF * (elsewhere - others)


def _step(agents: Units) -> Wholes:
    return grouped(agents.codes("recipe_name"), agents.codes("step_name"))
