"""A trace as a tree, and its critical path."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class TraceSpan:
    """A span in its place in the tree; times in ns, `critical_ns` is the time it held the root up."""

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
    tokens: int | None
    message: str | None
    adopted: bool  # its own parent never came; it hangs where the time says


@dataclass(frozen=True, slots=True)
class CriticalSection:
    """A stretch of the critical path, ns since the epoch."""

    span_id: str
    start_unix_nano: int
    end_unix_nano: int


@dataclass(frozen=True, slots=True)
class Trace:
    """A trace as a tree in order of display, parents before children; `partial` where spans are missing."""

    trace_id: str
    spans: list[TraceSpan]
    critical_path: list[CriticalSection]
    partial: bool
