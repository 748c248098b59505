"""One stored trace as a tree with its critical path."""

from collections import defaultdict
from collections.abc import Sequence

from tachograph.records import CriticalSection, Trace, TraceSpan
from tachograph.semantics.critical_path import Node, Section, critical_path
from tachograph.store import StoredSpan


def trace(spans: Sequence[StoredSpan]) -> Trace:
    """The tree of a trace's spans, in order of display, with the critical path of its longest root.

    A span whose parent never came stands where it was adopted, else as a root. Spans in a cycle of parents
    follow as roots of their own, so that everything stays visible.
    """
    parents = _parents(spans)
    by_id = {span.span_id: span for span in spans}
    order = _order(spans, parents)
    root = max((by_id[at] for at, depth in order if depth == 0), key=_duration)
    sections = critical_path(_node(root, None), [_node(span, parents[span.span_id]) for span in spans])
    held = _held(sections)
    shown = [_shown(by_id[at], depth, parents[at], held.get(at, 0)) for at, depth in order]
    path = [CriticalSection(section.id, section.start, section.end) for section in sections]
    return Trace(root.trace_id, shown, path, partial=_is_partial(spans, parents))


def _parents(spans: Sequence[StoredSpan]) -> dict[str, str | None]:
    known = {span.span_id for span in spans}
    parents: dict[str, str | None] = {}
    for span in spans:
        parent = span.parent_id if span.parent_id in known else span.adopted_parent_id
        parents[span.span_id] = None if parent == span.span_id else parent
    return parents


def _order(spans: Sequence[StoredSpan], parents: dict[str, str | None]) -> list[tuple[str, int]]:
    """Ids with depth, depth first, siblings by start; members of cycles last, each at depth 0."""
    children: defaultdict[str | None, list[StoredSpan]] = defaultdict(list)
    for span in sorted(spans, key=lambda span: (span.start_ns, -span.end_ns, span.span_id), reverse=True):
        children[parents[span.span_id]].append(span)
    stack = [(span, 0) for span in children[None]]
    order = []
    while stack:
        span, depth = stack.pop()
        order.append((span.span_id, depth))
        stack.extend((child, depth + 1) for child in children[span.span_id])
    reached = {at for at, _ in order}
    return order + [(span.span_id, 0) for span in spans if span.span_id not in reached]


def _is_partial(spans: Sequence[StoredSpan], parents: dict[str, str | None]) -> bool:
    return any(span.parent_id is not None and parents[span.span_id] != span.parent_id for span in spans)


def _duration(span: StoredSpan) -> int:
    return span.end_ns - span.start_ns


def _node(span: StoredSpan, parent: str | None) -> Node:
    return Node(span.span_id, parent, span.start_ns, span.end_ns)


def _held(sections: Sequence[Section]) -> dict[str, int]:
    held: dict[str, int] = defaultdict(int)
    for section in sections:
        held[section.id] += section.end - section.start
    return held


def _shown(span: StoredSpan, depth: int, parent: str | None, critical_ns: int) -> TraceSpan:
    return TraceSpan(
        span_id=span.span_id,
        parent_id=parent,
        name=span.name,
        role=span.role,
        component=span.component,
        outcome=span.outcome,
        start_ns=span.start_ns,
        end_ns=span.end_ns,
        depth=depth,
        critical_ns=critical_ns,
        tokens=span.tokens,
        message=span.status_message or None,
        adopted=span.parent_id is not None and parent != span.parent_id,
    )
