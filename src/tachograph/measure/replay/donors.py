"""What an execution that failed did not come to: taken from one of the same kind that went further."""

import random
from bisect import bisect_left
from collections.abc import Sequence

from tachograph.measure.replay.graph import Graph

_NEAREST = 5  # donors to choose from, so that not one execution stands for many


def with_unreached(graphs: Sequence[Graph], tasks: Sequence[str], seed: int = 0) -> list[Graph]:
    """The graphs, to those of executions that failed added the steps that would have followed.

    Durations and outcomes come together from one donor (hot deck imputation, Andridge and Little 2010): of the same
    task where there is one, in which the step that failed here did well, and in which the steps done so far took about
    as long.
    """
    pool = _Pool(graphs, tasks)
    chance = random.Random(seed)  # noqa: S311  no secret
    return [
        _extended(graph, pool.donor(graph, task, chance)) if graph.failed else graph
        for graph, task in zip(graphs, tasks, strict=True)
    ]


class _Pool:
    """Executions to choose donors from, sorted by how long what they share with those that failed took."""

    def __init__(self, graphs: Sequence[Graph], tasks: Sequence[str]) -> None:
        self._all = list(zip(graphs, tasks, strict=True))
        self._sorted: dict[tuple[str | None, frozenset[str], frozenset[str]], tuple[list[float], list[Graph]]] = {}

    def donor(self, graph: Graph, task: str, chance: random.Random) -> Graph | None:
        failed = frozenset(graph.names[at] for at in graph.failed)
        shared = frozenset(graph.names) - failed
        for kind in (task, None):
            took, donors = self._candidates(kind, failed, shared)
            if donors:
                place = bisect_left(took, _time_in(graph, shared))
                first = min(max(0, place - _NEAREST // 2), max(0, len(donors) - _NEAREST))
                return chance.choice(donors[first : first + _NEAREST])
        return None

    def _candidates(
        self, task: str | None, failed: frozenset[str], shared: frozenset[str]
    ) -> tuple[list[float], list[Graph]]:
        key = (task, failed, shared)
        if key not in self._sorted:
            found = [
                (_time_in(graph, shared), at, graph)
                for at, (graph, kind) in enumerate(self._all)
                if task in (kind, None) and _did_well(graph, failed)
            ]
            found.sort(key=lambda candidate: candidate[:2])
            self._sorted[key] = [took for took, _, _ in found], [graph for _, _, graph in found]
        return self._sorted[key]


def _time_in(graph: Graph, names: frozenset[str]) -> float:
    return sum(work for work, name in zip(graph.works, graph.names, strict=True) if name in names)


def _did_well(graph: Graph, names: frozenset[str]) -> bool:
    done = {name for name, ok in zip(graph.names, graph.oks, strict=True) if ok}
    failed = {graph.names[at] for at in graph.failed}
    return names <= done - failed


def _extended(graph: Graph, donor: Graph | None) -> Graph:
    made = graph.copy()
    if donor is None:
        made.has_rest = False
        return made
    here = {name: at for at, name in enumerate(graph.names)}
    places: dict[int, int] = {}  # of the donor's nodes in this graph
    for at, name in enumerate(donor.names):
        if name in here:
            places[at] = here[name]
            continue
        places[at] = len(made.names)
        made.names.append(name)
        made.works.append(donor.works[at])
        made.gaps.append(donor.gaps[at])
        made.oks.append(donor.oks[at])
        # What failed here stands in its way; should that change, it goes as it went for the donor.
        made.needs.append(tuple({*(places[edge] for edge in donor.needs[at]), *graph.failed}))
        made.orders.append(tuple({places[edge] for edge in donor.orders[at]}))
        made.known.append(donor.known[at])
        made.steps.append(donor.steps[at])
    made.has_rest = True
    return made
