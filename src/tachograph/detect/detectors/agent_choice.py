"""Tasks that are given to an agent though another does the same tasks better."""

from collections.abc import Iterator
from typing import Final

import numpy as np

from tachograph.detect.candidate import PERCENT, POINTS, Candidate
from tachograph.detect.contrasts import FEW, Contrast, contrasts, places, traces
from tachograph.detect.scene import Scene
from tachograph.detect.tasks import each, tasks
from tachograph.measure.inference import Estimated, Flags
from tachograph.records.history import Reals, Units

_ASSUMED: Final = ("within a task class and complexity, who gets a task does not depend on how hard it is",)
_TOGETHER: Final = 0.3  # of the executions of a step; who meets more often does another part of it
_RARELY: Final = 0.5  # of its fair share of the work, below which an agent counts as hardly used


def detect(scene: Scene) -> Iterator[Candidate]:
    """One candidate an agent, a kind of task that others do, too, and a measure (time, success)."""
    agents = scene.history.agents
    if not len(agents):
        return
    codes, names = places(agents)
    for unit in (PERCENT, POINTS):
        # What is left of an agent once a cause was taken out of it is too uncertain to hold others against.
        known = [code for code, name in enumerate(agents.words["name"].names) if (name, unit) in scene.explained]
        sound = ~np.isin(agents.codes("name"), known)
        for place, rows in each(np.where(sound, codes, -1), 2 * FEW):
            found = _at(agents, agents.take(rows), codes == place, names[place])
            yield from (one for one in found if one.unit == unit)


def _at(agents: Units, here: Units, is_here: Flags, place: str) -> Iterator[Candidate]:
    words, task, cluster = here.words["name"], tasks(here), traces(here)
    rivals = [code for code, _ in each(words.codes, FEW)]
    if len(rivals) < 2:
        return
    for code in rivals:
        others = [other for other in rivals if other != code and not _colleagues(here, code, other)]
        if not others:
            continue
        among = np.isin(words.codes, [code, *others])
        some, mine = here.take(among), (words.codes == code)[among]
        if _is_rare(some, mine, len(others) + 1):
            for found in contrasts(some, ~mine, [task[among]], cluster[among]):
                yield _underutilised(some, found, words.name(code), place)
        else:
            for found in contrasts(some, mine, [task[among]], cluster[among]):
                best = _best(some, others, found.unit)
                yield _wrong(agents, some, is_here, found, (words.name(code), words.name(best), place))


def _colleagues(here: Units, one: int, other: int) -> bool:
    """Whether two agents work at the same step executions, so that neither could do the other's part."""
    parents, names = here.codes("parent_id"), here.codes("name")
    mine, its = (np.unique(parents[(names == code) & (parents >= 0)]) for code in (one, other))
    together = len(np.intersect1d(mine, its))
    return together > _TOGETHER * max(min(len(mine), len(its)), 1)


def _is_rare(here: Units, mine: Flags, rivals: int) -> bool:
    """Whether an agent has less than half of its fair share of this work."""
    return float(np.average(mine, weights=here["weight"])) < _RARELY / rivals


def _best(here: Units, others: list[int], unit: str) -> int:
    """Who does best of the others, in success or in time."""
    outcome = here["success"] if unit == POINTS else -here["duration"]
    means = {other: float(np.mean(outcome[here.codes("name") == other])) for other in others}
    return max(means, key=lambda other: means[other])


def _underutilised(here: Units, found: Contrast, better: str, place: str) -> Candidate:
    """Relative to all executions of the task class: it is they that lose, not the agent that is hardly used."""
    share = 100 * float(np.mean(here.words["name"].is_(better)))
    return Candidate(
        cause="underutilised_agent",
        components=(better, place, *_names(here, better)),
        unit=found.unit,
        estimate=found.estimate,
        rows=here,
        lost=found.lost,
        claim="observational",
        usual=0.0,
        says=f"{place} loses {{effect}} because {better}, who is better at it, gets only {share:.0f} % of it",
        fixes=(
            f"give {better} more of {place}, first at random, so that the difference can be measured",
            f"raise how many executions of {better} may run at once, where that is what keeps it idle",
        ),
        assumptions=(*_ASSUMED, f"{better} does as well when it gets more"),
        remedy={"instead": better, "place": place},
    )


def _names(here: Units, but: str) -> tuple[str, ...]:
    words = here.words["name"]
    return tuple(words.name(code) for code, _ in each(words.codes, FEW) if words.name(code) != but)


def _wrong(agents: Units, here: Units, is_here: Flags, found: Contrast, who: tuple[str, str, str]) -> Candidate:
    worse, better, place = who
    mine = agents.words["name"].is_(worse)
    rows, lost, estimate = _of_agent(agents, mine, is_here & mine, here, found)
    what = "succeeds less often" if found.unit == POINTS else "takes longer"
    return Candidate(
        cause="wrong_agent",
        components=(worse, place, better),
        unit=found.unit,
        estimate=estimate,
        rows=rows,
        lost=lost,
        claim="observational",
        usual=0.0,
        says=f"{worse} {what} than others at {place}, which costs it {{effect}}; {better} does the same tasks better",
        fixes=(
            f"give {place} to {better}, first a random tenth of it, so that the difference can be measured",
            f"say in the routing of {place} why {worse} should have it, where there is a reason",
        ),
        assumptions=_ASSUMED,
        remedy={"agent": worse, "instead": better, "place": place},
    )


def _of_agent(
    agents: Units, mine: Flags, here_and_mine: Flags, here: Units, found: Contrast
) -> tuple[Units, Reals, Estimated]:
    """What is lost at this place, relative to all executions of the agent."""
    rows = agents.take(mine)
    lost = np.zeros(len(agents))
    lost[here_and_mine] = found.lost[here.codes("name") == _code(agents, mine)]
    base = agents["weight"] * (1.0 if found.unit == POINTS else agents["duration"])
    own = here["weight"] * (1.0 if found.unit == POINTS else here["duration"])
    scale = float(np.sum(own)) / float(np.sum(base[mine]))
    estimate = Estimated(
        found.estimate.value * scale, found.estimate.error * scale, found.estimate.n, found.estimate.clusters
    )
    return rows, lost[mine], estimate


def _code(agents: Units, mine: Flags) -> int:
    return int(agents.codes("name")[np.flatnonzero(mine)[0]])
