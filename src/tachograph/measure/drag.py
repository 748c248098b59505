"""What a trace would gain if a span took no time: by paths that avoid it, and by timing the whole tree again.

Children of a span wait for siblings as the critical path has it: for those that are known, else for all that ended
before they began; the time in between is their parent's own work and stays. So unchanged, everything takes as long as
it did. Drag is the gain, as in project planning (Devaux 1999): a share of the critical path overstates it, for another
path may be nearly as long.
"""

import heapq
from collections.abc import Collection, Hashable, Iterable, Sequence
from dataclasses import dataclass

from tachograph.semantics.critical_path import Node
from tachograph.semantics.dependencies import Timeline

Id = Hashable


@dataclass(slots=True)
class _Frame:
    """A span and the children that can hold it up, cut to it and sorted by start.

    `known` are, for each child, the places of those that it is known to wait for, None where time has to tell;
    `late` those that by their clocks had not quite ended when it began.
    """

    start: int
    end: int
    children: list[Node]
    known: list[tuple[int, ...] | None]
    late: list[list[int]]
    by_end: list[int]

    @property
    def tail(self) -> int:
        """Own work after the last child."""
        return self.end - max((child.end for child in self.children), default=self.start)


class Tree:
    """A span tree in which spans can be taken out."""

    def __init__(self, root: Node, descendants: Iterable[Node]) -> None:
        children: dict[Id, list[Node]] = {}
        for node in descendants:
            if node.parent is not None:
                children.setdefault(node.parent, []).append(node)
        self.root = root
        self.lengths: dict[Id, int] = {root.id: root.end - root.start}  # of all that can hold the root up
        self.frames: dict[Id, _Frame] = {}  # of those with something below them, parents before children
        stack = [root]
        while stack:
            node = stack.pop()
            below = children.pop(node.id, None)
            if below:
                frame = self.frames[node.id] = _framed(node, below)
                self.lengths.update((child.id, child.end - child.start) for child in frame.children)
                stack.extend(frame.children)

    def drags(self) -> dict[Id, int]:
        """For each span what the root would gain without it and all below it, ns; those without a gain are left out."""
        found: dict[Id, int] = {self.root.id: self.lengths[self.root.id]}
        for node, frame in self.frames.items():
            most = found.get(node, 0)
            if most and frame.children:
                for child, gain in _gains(frame):
                    found[child] = min(gain, most)
        return {node: gain for node, gain in found.items() if gain > 0}

    def duration(self, gone: Collection[Id] = ()) -> int:
        """How long the root would take, ns, if the spans that are `gone` and all below them took no time."""
        took = {**self.lengths, **dict.fromkeys(gone, 0)}
        for node, frame in reversed(self.frames.items()):
            if node not in gone:
                took[node] = _retimed(frame, took)
        return took[self.root.id]


def _framed(node: Node, below: Sequence[Node]) -> _Frame:
    inside = [_cut(child, node) for child in below if node.start <= child.end and child.start <= node.end]
    inside.sort(key=lambda child: (child.start, child.end))
    place = {child.id: at for at, child in enumerate(inside)}
    timeline = Timeline([child.start for child in inside], [child.end for child in inside])
    known = [
        None if child.after is None else tuple(place[edge] for edge in child.after if place.get(edge, at) < at)
        for at, child in enumerate(inside)
    ]
    late = [timeline.barely_before(at) if known[at] is None else [] for at in range(len(inside))]
    by_end = sorted(range(len(inside)), key=lambda at: timeline.ends[at])
    return _Frame(node.start, node.end, inside, known, late, by_end)


def _cut(child: Node, parent: Node) -> Node:
    start, end = max(child.start, parent.start), min(child.end, parent.end)
    if start == child.start and end == child.end:
        return child
    return Node(child.id, child.parent, start, end, child.after)


def _retimed(frame: _Frame, took: dict[Id, int]) -> int:
    """The duration of a span whose children take other times; each begins as much later as it did."""
    ends: list[int] = []
    finished = frame.start  # the latest new end of all that had ended before the child at hand began
    upcoming = 0
    for at, child in enumerate(frame.children):
        while upcoming < len(frame.by_end) and _ended(frame, frame.by_end[upcoming], child):
            finished = max(finished, ends[frame.by_end[upcoming]])
            upcoming += 1
        start = child.start + _base(frame, at, finished, ends) - _base_before(frame, at, upcoming)
        ends.append(start + took[child.id])
    return max([frame.start, *ends]) + frame.tail - frame.start


def _ended(frame: _Frame, edge: int, child: Node) -> bool:
    other = frame.children[edge]
    return max(other.end, other.start + 1) <= child.start


def _base(frame: _Frame, at: int, finished: int, ends: Sequence[int]) -> int:
    known = frame.known[at]
    if known is None:
        return max([finished, *(ends[edge] for edge in frame.late[at])])
    return max((ends[edge] for edge in known), default=frame.start)


def _base_before(frame: _Frame, at: int, upcoming: int) -> int:
    known = frame.known[at]
    if known is not None:
        return max((frame.children[edge].end for edge in known), default=frame.start)
    last = [frame.children[frame.by_end[upcoming - 1]].end] if upcoming else []
    return max([frame.start, *last, *(frame.children[edge].end for edge in frame.late[at])])


def _gains(frame: _Frame) -> list[tuple[Id, int]]:
    """For each child that the span waited for what it would gain without it: as far as the longest way round it.

    Steps along a line, each with the longest way to it and from it; a way that avoids one of them has exactly one edge
    that passes over its place (Malik, Mittal and Gupta, "The k most vital arcs in the shortest path problem", 1989).
    """
    line = _Line(frame)
    whole = frame.end - frame.start
    found = []
    for at, round_it in line.ways_round():
        child = frame.children[at]
        gain = min(child.end - child.start, whole - round_it)
        if gain > 0:
            found.append((child.id, gain))
    return found


class _Line:
    """A frame as a directed graph on a line: 0 is the start, each child and each end has a place, the last is the end.

    All that ended before a child began is one chain of ends, so that there are no more edges than about four a child.
    """

    def __init__(self, frame: _Frame) -> None:
        self.frame = frame
        events = [(child.start, 1, at) for at, child in enumerate(frame.children)]
        events += [(max(child.end, child.start + 1), 0, at) for at, child in enumerate(frame.children)]
        events.sort()
        self.places = len(events) + 2
        self.child_place = [0] * len(frame.children)
        self.heads = [0] * self.places  # the longest way from the start: when it was
        self.edges: list[tuple[int, int, int]] = []  # from, to, length; by the place of `to`
        self._draw(events)
        self.tails = self._tails()

    def _draw(self, events: Sequence[tuple[int, int, int]]) -> None:
        chain, chain_time = 0, self.frame.start
        for place, (_, is_start, at) in enumerate(events, 1):
            child = self.frame.children[at]
            if is_start:
                self.child_place[at], self.heads[place] = place, child.start - self.frame.start
                for source, time in self._waited_for(at, chain, chain_time):
                    self.edges.append((source, place, child.start - time))
            else:
                length = child.end - child.start
                self.edges += [(chain, place, 0), (self.child_place[at], place, length)]
                chain, chain_time = place, max(chain_time, child.end)
                self.heads[place] = chain_time - self.frame.start
        self.edges.append((chain, self.places - 1, self.frame.tail))
        self.heads[-1] = self.frame.end - self.frame.start

    def _waited_for(self, at: int, chain: int, chain_time: int) -> list[tuple[int, int]]:
        """Where the edges into a child begin, each with the time that counts there."""
        known, late = self.frame.known[at], self.frame.late[at]
        if known is None and not late:
            return [(chain, chain_time)]
        if known is None:
            last = max(chain_time, *(self.frame.children[edge].end for edge in late))
            return [(chain, last), *((self.child_place[edge], last - self._length(edge)) for edge in late)]
        if not known:
            return [(0, self.frame.start)]
        last = max(self.frame.children[edge].end for edge in known)
        return [(self.child_place[edge], last - self._length(edge)) for edge in known]

    def _length(self, at: int) -> int:
        return self.frame.children[at].end - self.frame.children[at].start

    def _tails(self) -> list[int]:
        """The longest way from each place to the end."""
        tails = [0] * self.places
        known = [False] * (self.places - 1) + [True]
        for source, place, length in reversed(self.edges):
            if known[place] and (not known[source] or tails[place] + length > tails[source]):
                tails[source], known[source] = tails[place] + length, True
        return tails

    def ways_round(self) -> list[tuple[int, int]]:
        """For each child the longest way from start to end that does not go through it."""
        by_source = sorted((source, place, self.heads[source] + length) for source, place, length in self.edges)
        children = sorted((place, at) for at, place in enumerate(self.child_place))
        found, open_ones, upcoming = [], list[tuple[int, int]](), 0
        for place, at in children:
            while upcoming < len(by_source) and by_source[upcoming][0] < place:
                _, until, length = by_source[upcoming]
                heapq.heappush(open_ones, (-length - self.tails[until], until))
                upcoming += 1
            while open_ones and open_ones[0][1] <= place:
                heapq.heappop(open_ones)
            found.append((at, -open_ones[0][0] if open_ones else 0))
        return found
