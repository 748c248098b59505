"""A trace as a tree, and its critical path."""

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class SpanContent:
    """What else a span holds, for those who show or pass on all of it; `kind` and `status_code` are those of OTLP."""

    kind: int = 0
    status_code: int = 0
    scope_name: str | None = None
    attributes: dict[str, Any] = field(default_factory=dict)
    resource: dict[str, Any] = field(default_factory=dict)
    events: list[dict[str, Any]] = field(default_factory=list)
    links: list[dict[str, Any]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class TraceSpan:
    """A span in its place in the tree; times in ns.

    `critical_ns` is the time for which it, and nothing below it, held the root up; `drag_ns` what the root would gain
    if the span and all below it took no time. `early_ns` is by how much it begins before its parent, or before the end
    of a step that it says it waits for: clocks that differ, which are told and never set right.
    """

    span_id: str
    parent_id: str | None
    name: str
    role: str
    component: str
    outcome: str
    start_ns: int
    end_ns: int
    depth: int
    critical_ns: int
    drag_ns: int
    tokens: int | None
    message: str | None
    adopted: bool  # its own parent never came; it hangs where the time says
    early_ns: int = 0
    told_parent_id: str | None = None  # what the span itself says
    content: SpanContent = field(default_factory=SpanContent, repr=False, compare=False)


@dataclass(frozen=True, slots=True)
class CriticalSection:
    """A stretch of the critical path, ns since the epoch."""

    span_id: str
    start_unix_nano: int
    end_unix_nano: int


@dataclass(frozen=True, slots=True)
class ComponentShare:
    """A component on the critical path: for how long it held the root up, its share of the path (0-1), and what the
    root would gain if all of its spans took no time."""

    component: str
    critical_ns: int
    share: float
    drag_ns: int


@dataclass(frozen=True, slots=True)
class Trace:
    """A trace as a tree in order of display, parents before children; `partial` where spans are missing.

    `blocked` are the parts of the critical path that were spent waiting until a call that had failed was made again.
    `components` are those that held the root up longest. `skew_ns` is how much the clocks differ at least.
    """

    trace_id: str
    spans: list[TraceSpan]
    critical_path: list[CriticalSection]
    partial: bool
    blocked: list[CriticalSection] = field(default_factory=list)
    components: list[ComponentShare] = field(default_factory=list)
    skew_ns: int = 0
