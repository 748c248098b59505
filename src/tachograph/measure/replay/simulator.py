"""Runs the graph of one execution through: when each step starts and ends, and whether the whole succeeds."""

import heapq
import math
from collections.abc import Sequence
from typing import NamedTuple

from tachograph.measure.replay.contention import NONE, Contention
from tachograph.measure.replay.graph import Graph


class Replayed(NamedTuple):
    """How an execution went: its duration in ns, and whether it succeeded."""

    duration: float
    success: bool


def simulate(graph: Graph, workers: int | None = None, contention: Contention = NONE) -> Replayed:
    """Each step starts `gap` after the last of what it waits for, in a free place of `workers`, and takes as long as it
    did; while others run, longer by what contention says.

    The limit is list scheduling (Graham 1969): of the steps that could begin, the one that is listed first. What an
    engine does before it begins a step is done in the step's place.
    """
    ran = _ran(graph)
    if workers is None and contention.is_none:
        ends = _forward(graph, ran)
    else:
        ends = _Events(graph, ran, len(ran) if workers is None else workers, contention).run()
    last = max((end for at, end in enumerate(ends) if ran[at]), default=0.0)
    return Replayed(last + graph.tail, _succeeds(graph, ran))


def _ran(graph: Graph) -> list[bool]:
    """Which steps run at all: those whose needs ran and did well."""
    fine: list[bool] = []
    ran: list[bool] = []
    for ok, needs in zip(graph.oks, graph.needs, strict=True):
        runs = True
        for edge in needs:
            if not fine[edge]:
                runs = False
                break
        ran.append(runs)
        fine.append(runs and ok)
    return ran


def _succeeds(graph: Graph, ran: Sequence[bool]) -> bool:
    """As recorded, unless a step now fails, or all that had failed is gone and the rest went well."""
    failing = any(runs and not ok for runs, ok in zip(ran, graph.oks, strict=True))
    if graph.success or failing:
        return not failing
    # It may have failed for a reason that no step tells; then no change of steps mends it.
    return graph.mended and graph.has_rest


def _forward(graph: Graph, ran: Sequence[bool]) -> list[float]:
    ends: list[float] = []
    for runs, work, gap, needs, orders in zip(ran, graph.works, graph.gaps, graph.needs, graph.orders, strict=True):
        if not runs:
            ends.append(0.0)
            continue
        start = 0.0
        for edge in needs:
            if ends[edge] > start:
                start = ends[edge]
        for edge in orders:
            if ends[edge] > start:  # of one that did not run it is 0
                start = ends[edge]
        ends.append(start + gap + work)
    return ends


class _Events:
    """The same with limits: from one start or end of a step to the next."""

    def __init__(self, graph: Graph, ran: Sequence[bool], places: int, contention: Contention) -> None:
        self._graph, self._places, self._contention = graph, places, contention
        self._work = list(contention.work(graph))
        self._limited = places < len(ran)
        self._waiting: list[int] = []  # could begin, and have no place yet
        self._left = [0] * len(ran)
        self._later: list[list[int]] = [[] for _ in ran]
        for at in range(len(ran)):
            edges = {edge for edge in (*graph.needs[at], *graph.orders[at]) if ran[edge] and ran[at]}
            self._left[at] = len(edges)
            for edge in edges:
                self._later[edge].append(at)
        self._ready: list[tuple[float, int]] = []
        for at, runs in enumerate(ran):
            if runs and not self._left[at]:
                self._could(at, 0.0)
        self._active: dict[int, float] = {}  # what is left of the work of those that run
        self._now = 0.0
        self.ends = [0.0] * len(ran)

    def run(self) -> list[float]:
        while self._ready or self._waiting or self._active:
            self._begin()
            stretch = self._contention.stretches(self._graph, self._active)
            first, until = -1, self._ready[0][0] if self._ready else math.inf
            for at, rest in self._active.items():
                if self._now + rest * stretch[at] <= until:
                    first, until = at, self._now + rest * stretch[at]
            for at in self._active:
                self._active[at] -= (until - self._now) / stretch[at]
            self._now = until
            if first >= 0:
                self._finish(first)
        return self.ends

    def _could(self, at: int, since: float) -> None:
        """From when a step could begin, all that it waits for having ended."""
        gap = self._graph.gaps[at]
        if self._limited:
            self._work[at] += gap
        heapq.heappush(self._ready, (since if self._limited else since + gap, at))

    def _begin(self) -> None:
        while self._ready and self._ready[0][0] <= self._now:
            heapq.heappush(self._waiting, heapq.heappop(self._ready)[1])
        while self._waiting and len(self._active) < self._places:
            at = heapq.heappop(self._waiting)
            self._active[at] = self._work[at]

    def _finish(self, at: int) -> None:
        del self._active[at]
        self.ends[at] = self._now
        for later in self._later[at]:
            self._left[later] -= 1
            if not self._left[later]:
                self._could(later, self._now)
