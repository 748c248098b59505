"""Tasks that are given to an agent though another does the same tasks better."""

from collections.abc import Iterator
from typing import Final

import numpy as np

from tachograph.detect.candidate import POINTS, Candidate
from tachograph.detect.contrasts import FEW, Contrast, contrasts, places, traces
from tachograph.detect.scene import Scene
from tachograph.detect.tasks import each, tasks
from tachograph.measure.inference import Estimated, Flags, Wholes
from tachograph.records.history import Reals, Units

_RARELY: Final = 0.5  # of its fair share of the work, below which an agent counts as hardly used


def detect(scene: Scene) -> Iterator[Candidate]:
    """One candidate an agent, a kind of task that others do, too, and a measure (time, success)."""
    agents = scene.history.agents
    if not len(agents):
        return
    codes, names = places(agents)
    for place, rows in each(codes, 2 * FEW):
        yield from _at(agents, agents.take(rows), codes == place, names[place])


def _at(agents: Units, here: Units, is_here: Flags, place: str) -> Iterator[Candidate]:
    words, task, cluster = here.words["name"], tasks(here), traces(here)
    rivals = [code for code, rows in each(words.codes, FEW)]
    if len(rivals) < 2:
        return
    for code in rivals:
        for found in contrasts(here, words.codes == code, [task], cluster):
            best = _best(here, rivals, code, found.unit)
            if best is not None:
                yield _candidate(agents, here, is_here, found, (words.names[code], words.names[best], place))


def _best(here: Units, rivals: list[int], code: int, unit: str) -> int | None:
    """Who does best of the others, in success or in time."""
    outcome = here["success"] if unit == POINTS else -here["duration"]
    means = {other: float(np.mean(outcome[here.codes("name") == other])) for other in rivals if other != code}
    return max(means, key=lambda other: means[other]) if means else None


def _candidate(agents: Units, here: Units, is_here: Flags, found: Contrast, who: tuple[str, str, str]) -> Candidate:
    worse, better, place = who
    mine = agents.codes("name") == agents.words["name"].names.index(worse)
    rows, lost, estimate = _of_agent(agents, mine, is_here & mine, here, found)
    what = "succeeds less often" if found.unit == POINTS else "takes longer"
    rarely = _is_rare(agents, here, better)
    first = (better, place, worse) if rarely else (worse, place, better)
    return Candidate(
        cause="underutilised_agent" if rarely else "wrong_agent",
        components=first,
        unit=found.unit,
        estimate=estimate,
        rows=rows,
        lost=lost,
        claim="observational",
        says=f"{worse} {what} than others at {place}, which costs it {{effect}}; {better} does the same tasks better"
        + (f" and is hardly used ({100 * _share(here, better):.0f} % of them)" if rarely else ""),
        fixes=(
            f"give {place} to {better}, first a random tenth of it, so that the difference can be measured",
            f"say in the routing of {place} why {worse} should have it, where there is a reason",
        ),
        assumptions=("within a task class and complexity, who gets a task does not depend on how hard it is",),
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


def _share(units: Units, agent: str) -> float:
    return float(np.mean(units.words["name"].is_(agent)))


def _is_rare(agents: Units, here: Units, agent: str) -> bool:
    """Whether an agent has little of this work, and little of all."""
    return all(_share(units, agent) < _RARELY / _many(units.codes("name")) for units in (here, agents))


def _many(codes: Wholes) -> int:
    return max(len(np.unique(codes)), 1)
