"""Tools beyond a network that take several times what calls of tools take here or, where none are, at other servers."""

from collections.abc import Iterator, Mapping
from typing import Final

import numpy as np

from tachograph.detect.candidate import PERCENT, Candidate, between, time_lost
from tachograph.detect.excess import FEW
from tachograph.detect.scene import Scene
from tachograph.detect.standing_out import standing_out
from tachograph.detect.tasks import each
from tachograph.records.history import Units, Wholes

_SEVERAL: Final = 3.0  # times the usual duration of a call
_PAIR: Final = 2


def detect(scene: Scene) -> Iterator[Candidate]:
    """One candidate a tool beyond a network; with no tool here to compare it with, one a tool and server."""
    tools = scene.history.tools
    beyond = tools.codes("server") >= 0
    local = [float(np.median(tools["duration"][rows])) for _, rows in each(np.where(beyond, -1, tools.codes("name")))]
    remote = tools.take(beyond)
    if local:
        for _, rows in each(remote.codes("name"), FEW):
            yield _slow(remote.take(rows), float(np.median(local)), "a call of a tool takes")
    else:
        yield from _at_other_servers(remote)
        yield from _of_other_servers(remote)


def _at_other_servers(remote: Units) -> Iterator[Candidate]:
    """The same tool at several servers: the slower one of two, or one that stands out among more of them."""
    for _, rows in each(remote.codes("name"), 2 * FEW):
        mine = remote.take(rows)
        level = _levels(mine)
        for server in standing_out(level) if len(level) != _PAIR else [max(level, key=lambda code: level[code])]:
            here = mine.take(mine.codes("server") == server)
            yield _slow(here, _beside(level, server), "it takes at other servers")


def _of_other_servers(remote: Units) -> Iterator[Candidate]:
    """Tools that are at one server only, which stands out among the servers of other tools."""
    level, alone = _levels(remote), _at_one_server(remote)
    for server in standing_out(level):
        here = (remote.codes("server") == server) & np.isin(remote.codes("name"), alone)
        for _, rows in each(np.where(here, remote.codes("name"), -1), FEW):
            yield _slow(remote.take(rows), _beside(level, server), "calls of tools take at other servers")


def _levels(calls: Units) -> dict[int, float]:
    """What a call mostly takes at each server, as a logarithm."""
    time = np.log(np.maximum(calls["duration"], 1e-6))
    return {server: float(np.median(time[rows])) for server, rows in each(calls.codes("server"), FEW)}


def _beside(level: Mapping[int, float], server: int) -> float:
    return float(np.exp(np.median([value for other, value in level.items() if other != server])))


def _at_one_server(remote: Units) -> Wholes:
    """The codes of tools that have a single server."""
    pairs = np.unique(np.stack([remote.codes("name"), remote.codes("server")]), axis=1)
    names, servers = np.unique(pairs[0], return_counts=True)
    return np.asarray(names[servers == 1])


def _slow(mine: Units, usual: float, what: str) -> Candidate:
    """What calls take beyond the usual: between once and several times that, for what is asked is not known."""
    name, server = (mine.words[column].names_at(0) for column in ("name", "server"))
    surely, likely = (time_lost(mine, mine["duration"] - times * usual) for times in (_SEVERAL, 1.0))
    return Candidate(
        cause="network_latency",
        components=tuple(filter(None, (name, server))),
        unit=PERCENT,
        estimate=between(surely, likely),
        tested=surely,
        rows=mine,
        lost=mine["duration"] - (1 + _SEVERAL) / 2 * usual,
        claim="observational",
        says=f"{name} waits for {server}: {{effect}} is beyond what {what}, which is not known "
        f"better than that it is between one and {_SEVERAL:.0f} times {usual:.2g} s",
        fixes=(f"cache what {name} fetches", f"ask {server} once for many things, while other work goes on"),
        assumptions=("the time goes into the way and the server, not into what is asked",),
        remedy={"tool": name, "server": server},
    )
