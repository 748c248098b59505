"""A kind of task that no agent does well."""

from collections.abc import Iterator
from typing import Final

import numpy as np

from tachograph.detect.candidate import POINTS, Candidate
from tachograph.detect.contrasts import FEW, contrasts, traces
from tachograph.detect.scene import Scene
from tachograph.detect.tasks import each
from tachograph.measure.inference import Flags
from tachograph.records.history import Units

_BEHIND: Final = 0.05  # by which even the best agent stays behind the other tasks


def detect(scene: Scene) -> Iterator[Candidate]:
    """One candidate a task class that several agents tried."""
    agents = scene.history.agents
    words = agents.words["task_class"]
    for code, rows in each(words.codes, 2 * FEW):
        here = words.codes == code
        tried = [agents.words["name"].name(agent) for agent, _ in each(agents.codes("name")[rows], FEW)]
        if len(tried) < 2 or here.all() or not _all_behind(agents, here):
            continue
        for found in contrasts(agents, here, [agents.codes("complexity") + 1], traces(agents), here):
            if found.unit == POINTS:
                mine = agents.take(here)
                yield Candidate(
                    cause="missing_specialist",
                    components=(words.name(code), *tried),
                    unit=POINTS,
                    estimate=found.estimate,
                    rows=mine,
                    lost=found.lost[here],
                    claim="observational",
                    usual=0.0,
                    says=f"no agent is good at {words.name(code)}: {', '.join(tried)} all stay behind what they reach "
                    "at other tasks as hard, which costs {effect}",
                    fixes=(
                        f"add an agent for {words.name(code)}: its own instructions, tools and examples",
                        f"collect the failed executions of {words.name(code)} and give the best agent what they lacked",
                    ),
                    assumptions=("tasks of this class can be done as well as others of the same complexity",),
                    remedy={"place": words.name(code), "agents": tried},
                )


def _all_behind(agents: Units, here: Flags) -> bool:
    """Whether each agent that tried succeeds less often here than agents do elsewhere: none is the specialist."""
    elsewhere = float(np.mean(agents["success"][~here]))
    mine = agents.take(here)
    rates = [float(np.mean(mine["success"][rows])) for _, rows in each(mine.codes("name"), FEW)]
    return all(rate < elsewhere - _BEHIND for rate in rates)
