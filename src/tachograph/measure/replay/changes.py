"""Changes to a recipe, and what each makes of the graph of one execution."""

import heapq
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, fields

from tachograph.measure.replay.graph import Edges, Graph
from tachograph.measure.replay.steps import Attempt, Step
from tachograph.measure.replay.tables import NO_TABLES, Tables


@dataclass(frozen=True, slots=True)
class Change:
    """A change to a recipe; one that names nothing changes nothing. Changes can be combined with `|`.

    `parallel`: groups of steps that start when the first of them could; the siblings of one that fails run on.
    `drop`: steps left out. `order`: steps of a sequence in their new order, in the places that they have; with
    `workers`, which of those that could begin comes first.
    `scale`: factors for the time of steps. `cap_context`: uncached input tokens of agents with a context above this
    many shrink in proportion. `attempts`: how often a step is tried at most. `agents`: another agent for a step.
    `workers`: at most this many steps at once, each as soon as what it depends on has ended.
    """

    parallel: tuple[tuple[str, ...], ...] = ()
    drop: tuple[str, ...] = ()
    order: tuple[str, ...] = ()
    scale: tuple[tuple[str, float], ...] = ()
    cap_context: int | None = None
    attempts: tuple[tuple[str, int], ...] = ()
    agents: tuple[tuple[str, str], ...] = ()
    workers: int | None = None
    tables: Tables = field(default=NO_TABLES, repr=False, compare=False)  # filled in by `predict`

    def __or__(self, other: "Change") -> "Change":
        """Both; where only one can be, the other's."""
        both = {}
        for part in fields(self):
            mine, its = getattr(self, part.name), getattr(other, part.name)
            both[part.name] = mine + its if isinstance(mine, tuple) and part.name != "order" else its or mine
        return Change(**both)

    @property
    def steps(self) -> tuple[str, ...]:
        """The names of all steps that it speaks of."""
        named = [name for group in self.parallel for name in group]
        named += [
            *self.drop,
            *self.order,
            *(name for part in (self.scale, self.attempts, self.agents) for name, _ in part),
        ]
        return tuple(dict.fromkeys(named))


def changed(graph: Graph, change: Change) -> Graph:
    """The graph as it would have been."""
    made = graph.copy()
    _tune(made, change)
    if change.drop:
        _without(made, {at for name in change.drop for at in made.where(name)})
    if change.order and change.workers is None:
        _in_order(made, change.order)
    for group in change.parallel:
        _together(made, group)
    if change.workers is not None:
        _unordered(made)
        if change.order:
            _listed(made, change.order)
    return made


def _tune(graph: Graph, change: Change) -> None:
    """What changes single steps, and not which waits for which."""
    for name, agent in change.agents:
        _with_agent(graph, name, agent, change.tables)
    for name, most in change.attempts:
        _tried(graph, name, most)
    if change.cap_context is not None:
        _capped(graph, change.cap_context, change.tables)
    for name, factor in change.scale:
        for at in graph.where(name):
            graph.works[at] *= factor


def conflicts(first: Step, second: Step) -> frozenset[str]:
    """Files because of which two steps cannot run at the same time without one seeing what the other does."""
    return first.writes & (second.reads | second.writes) | second.writes & first.reads


def _with_agent(graph: Graph, name: str, agent: str, tables: Tables) -> None:
    """As long as that agent takes for like tasks, in proportion; and failing as often."""
    for at in graph.where(name):
        if any(attempt.agent == agent for attempt in graph.steps[at].attempts):
            continue
        graph.works[at] *= tables.pace(name, agent)
        graph.oks[at] = tables.succeeds(name, agent, graph.steps[at], ok=graph.oks[at])


def _tried(graph: Graph, name: str, most: int) -> None:
    """Cut what was tried more often, as steps of their own or as calls of an agent within one."""
    nodes = graph.where(name)
    for at in nodes:
        attempts = _of_one_agent(graph.steps[at].attempts)
        if len(attempts) > most:
            graph.works[at] = max(0.0, graph.works[at] - (attempts[-1].end - attempts[most - 1].end))
            graph.oks[at] = attempts[most - 1].ok
    recorded = [at for at in nodes if at < graph.recorded]
    if len(recorded) > most:
        last = recorded[most - 1]
        graph.oks[last] = graph.steps[last].ok
        _replace(graph, set(recorded[most:]), last)


def _of_one_agent(attempts: Sequence[Attempt]) -> Sequence[Attempt]:
    return attempts if len({attempt.agent for attempt in attempts}) == 1 else ()


def _replace(graph: Graph, gone: set[int], by: int) -> None:
    """Who waited for what is gone needs `by` instead: what came after a step comes after its last attempt."""
    for at in range(len(graph.names)):
        if gone & {*graph.needs[at], *graph.orders[at]}:
            graph.needs[at] = tuple({*(edge for edge in graph.needs[at] if edge not in gone), by})
            graph.orders[at] = tuple(edge for edge in graph.orders[at] if edge not in gone)
    _keep(graph, [at for at in range(len(graph.names)) if at not in gone])


def _capped(graph: Graph, cap: int, tables: Tables) -> None:
    for at, step in enumerate(graph.steps):
        if not step.attempts:
            continue
        saved = sum(tables.saving(attempt, cap) for attempt in step.attempts)
        graph.works[at] = max(0.0, graph.works[at] - saved)


def _without(graph: Graph, gone: set[int]) -> None:
    """What waited for them waits for what they waited for."""
    needs: dict[int, Edges] = {}
    orders: dict[int, Edges] = {}
    for at in range(len(graph.names)):
        needs[at] = _through(graph.needs[at], gone, needs)
        held = _through(graph.orders[at], gone, orders)
        # What held up a dropped step holds up what came after it, too.
        extra = (
            edge for gap in (*graph.needs[at], *graph.orders[at]) if gap in gone for edge in orders[gap] + needs[gap]
        )
        orders[at] = tuple({*held, *(edge for edge in extra if edge not in needs[at])})
    for at in range(len(graph.names)):
        graph.needs[at], graph.orders[at] = needs[at], orders[at]
    _keep(graph, [at for at in range(len(graph.names)) if at not in gone])


def _through(edges: Edges, gone: set[int], known: dict[int, Edges]) -> Edges:
    if gone.isdisjoint(edges):
        return edges
    return tuple({far for edge in edges for far in (known[edge] if edge in gone else (edge,))})


def _in_order(graph: Graph, order: Sequence[str]) -> None:
    """Give the steps of a sequence their places in the new order; where steps overlapped there is no sequence."""
    if not graph.sequential:
        return
    rank = {name: place for place, name in enumerate(order)}
    places = [at for at, name in enumerate(graph.names) if name in rank]
    moved = sorted(places, key=lambda at: (rank[graph.names[at]], at))
    line = list(range(len(graph.names)))
    for place, at in zip(places, moved, strict=True):
        line[place] = at
    position = {at: place for place, at in enumerate(line)}
    # An engine that takes one step at a time mostly stops at the first that fails; one that went on is seen to.
    stops = not graph.failed or max(graph.failed) == graph.recorded - 1
    for place, at in enumerate(line):
        before = tuple(line[place - 1 : place]) if place else ()
        if graph.known[at] and not stops:
            graph.needs[at] = tuple(edge for edge in graph.needs[at] if position[edge] < place)
            graph.orders[at] = tuple(edge for edge in before if edge not in graph.needs[at])
        else:
            graph.needs[at], graph.orders[at] = before, ()
    _keep(graph, line)


def _together(graph: Graph, group: Iterable[str]) -> None:
    """Let the steps of a group start when the first of them could.

    What came after one of them still comes after all that it came after before.
    """
    named = dict.fromkeys(group)
    firsts = sorted(nodes[0] for nodes in (graph.where(name) for name in named) if nodes)
    members = {at for name in named for at in graph.where(name)}
    if len(firsts) < 2:
        return
    leader = firsts[0]
    begin = [edge for edge in (*graph.needs[leader], *graph.orders[leader]) if edge not in members]
    for at in firsts[1:]:
        before = {*graph.needs[at], *graph.orders[at]}
        if graph.known[at]:
            graph.needs[at] = tuple(edge for edge in graph.needs[at] if edge not in members)
            graph.orders[at] = tuple(edge for edge in begin if edge not in graph.needs[at])
        else:
            stopped = {edge for edge in graph.failed if edge not in members} if at >= graph.recorded else set()
            graph.needs[at] = tuple({*(edge for edge in graph.needs[leader] if edge not in members), *stopped})
            graph.orders[at] = tuple(edge for edge in graph.orders[leader] if edge not in members)
        _inherit(graph, at, before - {*graph.needs[at], *graph.orders[at]}, members)


def _inherit(graph: Graph, at: int, lost: set[int], members: set[int]) -> None:
    """Those after a step take over what it waits for no longer."""
    for later in range(at + 1, len(graph.names)):
        if later in members:
            continue
        if at in graph.needs[later]:
            graph.needs[later] = tuple({*graph.needs[later], *(edge for edge in lost if edge != later)})
        elif at in graph.orders[later]:
            graph.orders[later] = tuple({*graph.orders[later], *(edge for edge in lost if edge != later)})


def _unordered(graph: Graph) -> None:
    """Forget in which order the engine took the steps, except where nothing else is known, and between attempts."""
    for at, name in enumerate(graph.names):
        if graph.known[at]:
            graph.orders[at] = tuple(edge for edge in graph.orders[at] if graph.names[edge] == name)


def _listed(graph: Graph, order: Sequence[str]) -> None:
    """List the steps in a new order, each still after what it waits for (Kahn 1962)."""
    rank = {name: place for place, name in enumerate(order)}
    before = [{*needs, *orders} for needs, orders in zip(graph.needs, graph.orders, strict=True)]
    after: list[list[int]] = [[] for _ in before]
    for at, edges in enumerate(before):
        for edge in edges:
            after[edge].append(at)
    free = [(rank.get(graph.names[at], len(rank)), at) for at, edges in enumerate(before) if not edges]
    heapq.heapify(free)
    line: list[int] = []
    while free:
        at = heapq.heappop(free)[1]
        line.append(at)
        for later in after[at]:
            before[later].discard(at)
            if not before[later]:
                heapq.heappush(free, (rank.get(graph.names[later], len(rank)), later))
    _keep(graph, line)


def _keep(graph: Graph, nodes: Sequence[int]) -> None:
    """Only these nodes, in this order."""
    place = {at: number for number, at in enumerate(nodes)}
    recorded = sum(at < graph.recorded for at in nodes)
    for part in ("names", "works", "gaps", "oks", "known", "steps"):
        values = getattr(graph, part)
        setattr(graph, part, [values[at] for at in nodes])
    for part in ("needs", "orders"):
        edges = getattr(graph, part)
        setattr(graph, part, [tuple(place[edge] for edge in edges[at] if edge in place) for at in nodes])
    graph.failed = tuple(place[at] for at in graph.failed if at in place)
    graph.recorded = recorded
