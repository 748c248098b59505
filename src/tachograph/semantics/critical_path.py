"""The critical path of a span tree: which span held up the root at each moment.

The walk goes backwards from the root's end: the child that finished last before the cursor holds the time up to its
end, then the walk goes on before that child's start (Eaton, Stewart, Tedesco, Tas, "Distributed Latency Profiling
through Critical Path Tracing", ACM Queue 2022). From a child that is known to have waited for certain siblings it goes
on with the last of these, whatever else ended in between.
"""

from collections.abc import Hashable, Iterable
from dataclasses import dataclass
from typing import Any

from tachograph.semantics.dependencies import ALLOWANCE


@dataclass(frozen=True, slots=True)
class Node:
    """A span as the walk sees it; times in nanoseconds (any one unit will do).

    `after` are the siblings that it waited for, None where that is not known and the order of time has to tell.
    """

    id: Hashable
    parent: Hashable | None
    start: int
    end: int
    after: tuple[Hashable, ...] | None = None


@dataclass(frozen=True, slots=True)
class Section:
    """A stretch of time in which the span `id` itself, and none of its children, held up the root."""

    id: Any
    start: int
    end: int


def critical_path(root: Node, descendants: Iterable[Node]) -> list[Section]:
    """Sections in order of time that cover the root from start to end without gap or overlap.

    Children that start after their parent ended are left out with everything below them: they cannot
    hold it up. Children that reach beyond their parent are cut to it. Siblings that overlap by less than clocks may
    differ ran one after the other; what was waited for and ended too late, by clocks that differ, is cut as well.
    """
    children = _children(descendants)
    sections: list[Section] = []
    # Each frame is a span cut to its parent, its children still to visit (last end on top) and a cursor.
    stack = [_Frame(root.id, root.start, root.end, children.pop(root.id, []))]
    while stack:
        frame = stack[-1]
        child = frame.next_child()
        if child is None:
            frame.hold(frame.start, sections)
            stack.pop()
            continue
        end = min(child.end, frame.cursor)
        frame.hold(end, sections)
        frame.cursor = child.start
        below = children.pop(child.id, None)
        if below:
            stack.append(_Frame(child.id, child.start, end, below))
        elif child.start < end:
            sections.append(Section(child.id, child.start, end))
    sections.reverse()
    return sections


def _children(nodes: Iterable[Node]) -> dict[Hashable, list[Node]]:
    children: dict[Hashable, list[Node]] = {}
    for node in nodes:
        if node.parent is not None:
            children.setdefault(node.parent, []).append(node)
    return children


class _Frame:
    __slots__ = ("after", "by_id", "cursor", "id", "last", "pending", "start")

    def __init__(self, id: Hashable, start: int, end: int, children: list[Node]) -> None:
        self.id, self.start, self.cursor = id, start, end
        inside = [_cut(child, start, end) for child in children if start <= child.end and child.start <= end]
        self.pending = sorted(inside, key=lambda child: (child.end, child.start))
        self.last: Node | None = None
        self.after: tuple[Hashable, ...] | None = None  # what the walk is on its way to
        knows = any(child.after is not None for child in inside)
        self.by_id: dict[Hashable, Node] = {child.id: child for child in inside} if knows else {}

    def next_child(self) -> Node | None:
        """What the child before had to wait for; where nobody says, what ended last at or before the cursor."""
        if self.after is None:
            self.last = self._ended_last()
        else:
            waited = self._waited_for(self.after)
            since = self.start if waited is None else waited.end
            between = self._between(since)
            if between is not None:
                self.last = between
                return between
            self.last = waited
        if self.last is not None:
            self.by_id.pop(self.last.id, None)  # so that the walk ends, whatever is declared
            self.after = self.last.after
        return self.last

    def _ended_last(self) -> Node | None:
        """Those that overlap the cursor by more than clocks may differ did not hold up anything."""
        while self.pending:
            child = self.pending.pop()
            if child.end <= self.cursor or self._barely_overlaps(child):
                return child
        return None

    def _barely_overlaps(self, child: Node) -> bool:
        if self.last is None or child.start >= self.cursor:
            return False
        shorter = min(child.end - child.start, self.last.end - self.last.start)
        return child.end - self.cursor <= ALLOWANCE * shorter

    def _waited_for(self, after: tuple[Hashable, ...]) -> Node | None:
        found = (self.by_id.get(sibling) for sibling in after)
        earlier = [child for child in found if child is not None and child.start <= self.cursor]
        return max(earlier, key=lambda child: (child.end, child.start), default=None)

    def _between(self, since: int) -> Node | None:
        """What else ran after all that was waited for had ended: work that tells nothing of what it waits for."""
        while self.pending and self.pending[-1].end > since:
            child = self.pending.pop()
            if child.after is None and since <= child.start and child.end <= self.cursor:
                return child
        return None

    def hold(self, since: int, sections: list[Section]) -> None:
        if since < self.cursor:
            sections.append(Section(self.id, since, self.cursor))


def _cut(node: Node, start: int, end: int) -> Node:
    if start <= node.start and node.end <= end:
        return node
    return Node(node.id, node.parent, max(node.start, start), min(node.end, end), node.after)
