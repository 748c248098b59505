"""How much slower steps run while others run beside them.

The stretch of a step is linear in the number of others, 1 + slope * others (the first term of Gunther's universal
scalability law); or, where nothing overlapped yet but the processor time of steps is known, what follows from sharing
the processors fairly.
"""

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from statistics import median

import numpy as np

from tachograph.measure.replay.graph import Graph
from tachograph.measure.replay.steps import Step

_ENOUGH = 10  # executions with and without overlap, to tell a slope from
_UNKNOWN = 0.25  # by how much a neighbour may slow a step down where nothing is known of either
_PRESSED = 0.5  # the same where steps wait for processors even alone
_PRESSED_FROM = 0.1  # share of the time in which some task waits for a processor
_BUSY_FROM = 0.1  # processors kept busy by a step that others can slow down
_REMOTE = 0.02  # the same where steps mostly wait for something elsewhere
# What a processor does while all of them are busy, of what it does while it is the only one: all share caches, memory
# and clock, and threads of one core (the worst case; an own core each is the best) its units as well.
_SHARED = {-1: 1.0, 0: 0.85, 1: 0.65}
_Z90 = 1.6448536269514722


@dataclass(frozen=True, slots=True)
class Contention:
    """A stretch of 1 + `slope` for each other step that runs at the same time; 0 is no contention.

    Where `cpu` has the number of processors that each step keeps busy, they share `cores`, as far as these are free:
    the more tasks of the host wait for one anyway (`pressure`, 0-1), the more do steps only take from each other.
    `shared` is what a processor does while all are busy, of what it does alone (0-1).
    `low` and `high` bound the slope (90 %). `basis` says where it comes from.
    """

    slope: float = 0.0
    low: float = 0.0
    high: float = 0.0
    basis: str = "assumed"
    note: str = ""
    cpu: Mapping[str, float] | None = None
    cores: float = math.inf
    pressure: float = 0.0
    shared: float = _SHARED[0]

    @property
    def is_none(self) -> bool:
        """Whether steps never slow each other down."""
        return self.slope == 0 and self.cpu is None

    def work(self, graph: Graph) -> Sequence[float]:
        """What each recorded step would have taken alone, ns."""
        if self.slope == 0 or graph.sequential:
            return graph.works
        return _alone(graph, self.slope)

    def stretches(self, graph: Graph, active: Iterable[int]) -> dict[int, float]:
        """How much longer each of the active steps takes at the moment."""
        nodes = list(active)
        shared = 1 + self.slope * (len(nodes) - 1)
        if self.cpu is None:
            return dict.fromkeys(nodes, shared)
        busy = {at: self.cpu.get(graph.names[at], 0.0) for at in nodes}
        # Under full pressure there is no more than what one of them got alone.
        free = (1 - self.pressure) * self.cores + self.pressure * max(busy.values(), default=0.0)
        crowd = self._crowd(sum(busy.values()), free)
        return {
            at: shared * (1 + min(1.0, busy[at]) * max(0.0, crowd / self._crowd(busy[at], free) - 1)) for at in nodes
        }

    def _crowd(self, busy: float, free: float) -> float:
        """How much longer than with a processor for itself work takes where so many are asked for."""
        if free <= 0:
            return 1.0
        beside = (min(busy, free) - 1) / (free - 1) if min(busy, free) > 1 else 0.0  # 1 where all are busy
        return max(1.0, busy / free) / (1 - (1 - self.shared) * beside)

    def at(self, place: float) -> "Contention":
        """The contention at a place between the worst (1), the most likely (0) and the best case (-1)."""
        slope = self.slope + place * (self.high - self.slope if place > 0 else self.slope - self.low)
        pressure = min(1.0, max(0.0, self.pressure * (1 + place / 2)))
        shared = self.shared + abs(place) * (_SHARED[1 if place > 0 else -1] - self.shared)
        return replace(self, slope=max(0.0, slope), pressure=pressure, shared=shared)


NONE = Contention()


def estimate(graphs: Sequence[Graph], tasks: Sequence[str], concerned: Sequence[str]) -> Contention:
    """The contention among the steps `concerned`: measured where they ran with and without others beside them, else
    from processor times, else assumed to be none."""
    measured = _measured(graphs, tasks)
    if measured:
        return measured
    steps = [step for graph in graphs for step in graph.steps[: graph.recorded] if step.name in concerned]
    return _from_processors(graphs, concerned) or _assumed(steps)


def _alone(graph: Graph, slope: float) -> list[float]:
    works = graph.works.copy()
    spans = [(step.start, step.start + work) for step, work in zip(graph.steps, works, strict=True)][: graph.recorded]
    edges = sorted({moment for span in spans for moment in span})
    for at, (start, end) in enumerate(spans):
        shrunk = 0.0
        for since, until in pairwise(edges):
            if start <= since and until <= end:
                others = sum(a <= since and until <= b for a, b in spans) - 1
                shrunk += (until - since) / (1 + slope * others)
        works[at] *= shrunk / (end - start) if end > start else 1
    return works


def overlaps(graph: Graph) -> list[float]:
    """For each recorded step how many others ran beside it on average."""
    spans = [(step.start, step.start + work) for step, work in zip(graph.steps, graph.works, strict=True)]
    spans = spans[: graph.recorded]
    found = []
    for start, end in spans:
        shared = sum(max(0.0, min(end, b) - max(start, a)) for a, b in spans) - (end - start)
        found.append(shared / (end - start) if end > start else 0.0)
    return found


def _measured(graphs: Sequence[Graph], tasks: Sequence[str]) -> Contention | None:
    """Compares executions whose steps overlapped with those of the same task whose steps did not.

    A ratio of differences (Wald 1940), for within an execution a slow step overlaps less of itself: that would hide it.
    """
    if sum(graph.sequential for graph in graphs) in (0, len(graphs)):
        return None
    seen: dict[tuple[str, str], list[tuple[int, bool, float, float]]] = defaultdict(list)
    for number, (graph, task) in enumerate(zip(graphs, tasks, strict=True)):
        beside = None if graph.sequential else overlaps(graph)
        for at in range(graph.recorded):
            if graph.works[at] > 0:
                row = (number, graph.sequential, 0.0 if beside is None else beside[at], math.log(graph.works[at]))
                seen[task, graph.names[at]].append(row)
    found = [_difference(rows) for rows in seen.values()]
    kept = [(slope, error) for slope, error in filter(None, found)]
    if not kept:
        return None
    weights = [1 / error**2 for _, error in kept]
    log_slope = sum(slope * weight for (slope, _), weight in zip(kept, weights, strict=True)) / sum(weights)
    # Steps of one execution share its luck: as if all of them were one.
    error = min(error for _, error in kept) if len(kept) == 1 else math.sqrt(len(kept) / sum(weights))
    low, slope, high = (math.expm1(max(0.0, log_slope + z * error)) for z in (-_Z90, 0.0, _Z90))
    note = f"a neighbour makes steps {100 * slope:.0f} % slower ({100 * low:.0f} to {100 * high:.0f} %), as measured"
    return Contention(slope, low, high, "measured", note)


def _difference(rows: Sequence[tuple[int, bool, float, float]]) -> tuple[float, float] | None:
    """Growth of the log of the time for each neighbour, with its standard error."""
    alone = np.array([log for _, sequential, _, log in rows if sequential])
    beside = np.array([(others, log) for _, sequential, others, log in rows if not sequential])
    if min(len(alone), len(beside)) < _ENOUGH:
        return None
    others = float(beside[:, 0].mean())
    if others < 0.1:
        return None
    error = math.sqrt(alone.var(ddof=1) / len(alone) + beside[:, 1].var(ddof=1) / len(beside))
    return float(beside[:, 1].mean() - alone.mean()) / others, max(error / others, 1e-6)


def _from_processors(graphs: Sequence[Graph], concerned: Sequence[str]) -> Contention | None:
    """From the processor time of steps, where all of those concerned tell it. Where steps overlapped, the time of one
    holds that of the others, so only those that ran alone count."""
    busy: dict[str, list[float]] = defaultdict(list)
    alone = [step for graph in graphs if graph.sequential for step in graph.steps[: graph.recorded]]
    for step in alone:
        if step.cpu is not None:
            busy[step.name].append(step.cpu)
    cores = max((step.cores or 0.0 for step in alone), default=0.0)
    if not cores or not set(concerned) <= busy.keys():
        return None
    typical = {name: median(values) for name, values in busy.items()}
    pressures = [step.cpu_pressure for step in alone if step.name in concerned and step.cpu_pressure is not None]
    pressure = median(pressures) if pressures else 0.0
    said = ", ".join(f"{name} {typical[name]:.1f}" for name in concerned)
    note = f"contention follows from processors kept busy ({said} of {cores:.0f}); none was measured"
    if pressure >= _PRESSED_FROM and max(typical[name] for name in concerned) >= _BUSY_FROM:
        note += f"; tasks of this host waited for one {100 * pressure:.0f} % of the time, so take it with care"
    return Contention(0.0, 0.0, 0.05, "processor time", note, typical, cores, pressure)


def _assumed(steps: Sequence[Step]) -> Contention:
    """None, with an interval as wide as what is known of the steps allows."""
    whole = sum(step.end - step.start for step in steps)
    waiting = sum(min(step.waiting_ns, step.end - step.start) for step in steps)
    pressures = [step.cpu_pressure for step in steps if step.cpu_pressure is not None]
    if whole and waiting / whole >= 0.8:
        return Contention(0.0, 0.0, _REMOTE, "assumed", "no contention assumed: the steps mostly wait for models")
    if pressures and median(pressures) >= _PRESSED_FROM:
        note = "no contention was measured, but the processors are pressed already: the gain may be less"
        return Contention(0.0, 0.0, _PRESSED, "assumed", note)
    note = "no contention assumed: these steps never ran beside each other, and their processor time is not known"
    return Contention(0.0, 0.0, _UNKNOWN, "assumed", note)
