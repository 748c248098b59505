"""Tools beyond a network that take several times what calls of tools take here, or at other servers."""

from collections.abc import Iterator
from typing import Final

import numpy as np

from tachograph.detect.candidate import PERCENT, Candidate, between, time_lost
from tachograph.detect.excess import FEW
from tachograph.detect.scene import Scene
from tachograph.detect.tasks import each
from tachograph.records.history import History

_SEVERAL: Final = 3.0  # times the usual duration of a call


def detect(scene: Scene) -> Iterator[Candidate]:
    yield from _slow_tools(scene.history)


def _slow_tools(history: History) -> Iterator[Candidate]:
    """Tools beyond a network that take several times what calls of tools here take."""
    tools = history.tools
    remote = tools.codes("server") >= 0
    called = tools.codes("name")
    local = [float(np.median(tools["duration"][rows])) for _, rows in each(np.where(remote, -1, called))]
    if not local:
        return
    usual = float(np.median(local))
    for code, rows in each(np.where(remote, called, -1), FEW):
        mine = tools.take(rows)
        name, server = mine.words["name"].name(code), mine.words["server"].names_at(0)
        surely, likely = (time_lost(mine, mine["duration"] - times * usual) for times in (_SEVERAL, 1.0))
        lost, lost_share = mine["duration"] - (1 + _SEVERAL) / 2 * usual, between(surely, likely)
        yield Candidate(
            cause="network_latency",
            components=(name, *([server] if server else [])),
            unit=PERCENT,
            estimate=lost_share,
            tested=surely,
            rows=mine,
            lost=lost,
            claim="observational",
            says=f"{name} waits for {server}: {{effect}} is beyond what a call of a tool takes, which is not known "
            f"better than that it is between one and {_SEVERAL:.0f} times {usual:.2g} s",
            fixes=(f"cache what {name} fetches", f"ask {server} once for many things, while other work goes on"),
            assumptions=("the time goes into the way and the server, not into what is asked",),
            remedy={"tool": name, "server": server},
        )
