"""One stored trace as a tree with its critical path, and what each part of it costs."""

from collections import defaultdict
from collections.abc import Hashable, Mapping, Sequence
from itertools import pairwise
from typing import Final

from tachograph.measure.drag import Tree
from tachograph.records import ComponentShare, CriticalSection, SpanContent, Trace, TraceSpan
from tachograph.semantics import roles
from tachograph.semantics.critical_path import Node, Section, critical_path
from tachograph.semantics.dependencies import Unit, waits
from tachograph.semantics.outcome import succeeded
from tachograph.store import StoredSpan

_COMPONENTS: Final = 5  # whose drag is told: those that held the path longest

After = Mapping[Hashable, tuple[Hashable, ...]]


def trace(spans: Sequence[StoredSpan]) -> Trace:
    """The tree of a trace's spans, in order of display, with the critical path of its longest root.

    A span whose parent never came stands where it was adopted, else as a root. Spans in a cycle of parents
    follow as roots of their own, so that everything stays visible. Times stay as they were recorded.
    """
    parents = _parents(spans)
    by_id = {span.span_id: span for span in spans}
    order = _order(spans, parents)
    root = max((by_id[at] for at, depth in order if depth == 0), key=_duration)
    after = _waits(spans, parents)
    top = _node(root, None, {})
    nodes = [_node(span, parents[span.span_id], after) for span in spans if span is not root]
    sections, tree = critical_path(top, nodes), Tree(top, nodes)
    early, drags, held = _early(spans, parents, by_id, after), tree.drags(), _held(sections)
    return Trace(
        root.trace_id,
        [
            _shown(by_id[at], depth, parents[at], held.get(at, 0), drags.get(at, 0), early.get(at, 0))
            for at, depth in order
        ],
        [_critical(section) for section in sections],
        partial=_is_partial(spans, parents),
        blocked=[_critical(section) for section in _blocked(sections, spans, parents)],
        components=_components(tree, held, by_id),
        skew_ns=max(early.values(), default=0),
    )


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


def _waits(spans: Sequence[StoredSpan], parents: dict[str, str | None]) -> dict[Hashable, tuple[Hashable, ...]]:
    """What each step is known to have waited for among the steps beside it."""
    beside: defaultdict[str | None, list[Unit]] = defaultdict(list)
    for span in spans:
        if span.role == roles.STEP:
            links = [link["span_id"] for link in span.links]
            unit = Unit.of(span.component, span.span_id, (span.start_ns, span.end_ns), span.attributes, links)
            beside[parents[span.span_id]].append(unit)
    return {step: found for steps in beside.values() for step, found in waits(steps).items()}


def _node(span: StoredSpan, parent: str | None, after: After) -> Node:
    return Node(span.span_id, parent, span.start_ns, span.end_ns, after.get(span.span_id))


def _early(
    spans: Sequence[StoredSpan], parents: dict[str, str | None], by_id: dict[str, StoredSpan], after: After
) -> dict[str, int]:
    """By how many ns spans begin before what must have come before: their parent's start, the end of a dependency."""
    found = {}
    for span in spans:
        parent = by_id.get(parents[span.span_id] or "")
        moments = [] if parent is None else [parent.start_ns]
        moments += [by_id[str(edge)].end_ns for edge in after.get(span.span_id, ())]
        if moments and max(moments) > span.start_ns:
            found[span.span_id] = max(moments) - span.start_ns
    return found


def _held(sections: Sequence[Section]) -> dict[str, int]:
    held: dict[str, int] = defaultdict(int)
    for section in sections:
        held[section.id] += section.end - section.start
    return held


def _critical(section: Section) -> CriticalSection:
    return CriticalSection(section.id, section.start, section.end)


def _blocked(sections: Sequence[Section], spans: Sequence[StoredSpan], parents: dict[str, str | None]) -> list[Section]:
    """The sections in which a parent waited between an attempt that failed and the same call made again."""
    beside: defaultdict[tuple[str | None, str, str], list[StoredSpan]] = defaultdict(list)
    for span in sorted(spans, key=lambda span: span.start_ns):
        if span.role != roles.OTHER:
            beside[parents[span.span_id], span.role, span.component].append(span)
    pauses = {
        (parents[again.span_id], failed.end_ns, again.start_ns)
        for calls in beside.values()
        for failed, again in pairwise(calls)
        if not succeeded(failed.outcome)
    }
    return [section for section in sections if (section.id, section.start, section.end) in pauses]


def _components(tree: Tree, held: Mapping[str, int], by_id: dict[str, StoredSpan]) -> list[ComponentShare]:
    """The components that held the path longest, each with what its absence would gain."""
    spans: defaultdict[str, set[Hashable]] = defaultdict(set)
    times: defaultdict[str, int] = defaultdict(int)
    for at, span in by_id.items():
        spans[span.component].add(at)
        times[span.component] += held.get(at, 0)
    whole = sum(times.values())
    longest = sorted((name for name in times if times[name]), key=lambda name: (-times[name], name))[:_COMPONENTS]
    now = tree.duration()
    return [
        ComponentShare(name, times[name], times[name] / whole, now - tree.duration(spans[name])) for name in longest
    ]


def _shown(span: StoredSpan, depth: int, parent: str | None, critical: int, drag: int, early: int) -> TraceSpan:
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
        critical_ns=critical,
        drag_ns=drag,
        tokens=span.tokens,
        message=span.status_message or None,
        adopted=span.parent_id is not None and parent != span.parent_id,
        early_ns=early,
        told_parent_id=span.parent_id,
        content=SpanContent(
            span.kind, span.status_code, span.scope_name, span.attributes, span.resource, span.events, span.links
        ),
    )
