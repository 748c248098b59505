"""The critical path of a span tree: which span held up the root at each moment.

The walk goes backwards from the root's end: the child that finished last before the cursor holds the
time up to its end, then the walk goes on before that child's start (Eaton, Stewart, Tedesco, Tas,
"Distributed Latency Profiling through Critical Path Tracing", ACM Queue 2022).
"""

from collections.abc import Hashable, Iterable
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Node:
    """A span as the walk sees it; times in nanoseconds (any one unit will do)."""

    id: Hashable
    parent: Hashable | None
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Section:
    """A stretch of time in which the span `id` itself, and none of its children, held up the root."""

    id: Any
    start: int
    end: int


def critical_path(root: Node, descendants: Iterable[Node]) -> list[Section]:
    """Sections in order of time that cover the root from start to end without gap or overlap.

    Children that start after their parent ended are left out with everything below them: they cannot
    hold it up. Children that reach beyond their parent are cut to it.
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
        frame.hold(child.end, sections)
        frame.cursor = child.start
        stack.append(_Frame(child.id, child.start, child.end, children.pop(child.id, [])))
    sections.reverse()
    return sections


def _children(nodes: Iterable[Node]) -> dict[Hashable, list[Node]]:
    children: dict[Hashable, list[Node]] = {}
    for node in nodes:
        if node.parent is not None:
            children.setdefault(node.parent, []).append(node)
    return children


class _Frame:
    __slots__ = ("cursor", "id", "pending", "start")

    def __init__(self, id: Hashable, start: int, end: int, children: list[Node]) -> None:
        self.id, self.start, self.cursor = id, start, end
        inside = [_cut(child, start, end) for child in children if start <= child.end and child.start <= end]
        self.pending = sorted(inside, key=lambda child: (child.end, child.start))

    def next_child(self) -> Node | None:
        """The child that ended last at or before the cursor; those that overlap it did not hold up anything."""
        while self.pending:
            child = self.pending.pop()
            if child.end <= self.cursor:
                return child
        return None

    def hold(self, since: int, sections: list[Section]) -> None:
        if since < self.cursor:
            sections.append(Section(self.id, since, self.cursor))


def _cut(node: Node, start: int, end: int) -> Node:
    return Node(node.id, node.parent, max(node.start, start), min(node.end, end))
