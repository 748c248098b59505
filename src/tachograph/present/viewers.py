"""A trace in the formats of trace viewers: Perfetto (Trace Event Format) and speedscope.

Both show spans as stacks, in which one lies within the one below it. Spans that overlap without that, as parallel steps
do, therefore get lanes of their own; the critical path has one, too.
"""

from collections.abc import Sequence
from typing import Any, Final

from tachograph.present import as_json
from tachograph.records import Trace, TraceSpan

_SCHEMA: Final = "https://www.speedscope.app/file-format-schema.json"
_PATH: Final = "critical path"

Lane = list[TraceSpan]
Event = dict[str, Any]


def perfetto(trace: Trace) -> str:
    """JSON in the Trace Event Format, for https://ui.perfetto.dev and chrome://tracing; microseconds since the start.

    Each process of the trace is a process there. The first has the critical path as its first thread.
    """
    zero = _zero(trace)
    names = {span.span_id: span.name for span in trace.spans}
    events = [_named("process_name", 1, 0, _PATH), _named("thread_name", 1, 1, _PATH)]
    for section in trace.critical_path:
        start, end = section.start_unix_nano, section.end_unix_nano
        events.append(
            _complete(names[section.span_id], _PATH, (start, end), zero, (1, 1), {"span_id": section.span_id})
        )
    for process, (name, spans) in enumerate(_processes(trace).items(), 2):
        events.append(_named("process_name", process, 0, name))
        for thread, lane in enumerate(_lanes(spans), 1):
            events.append(_named("thread_name", process, thread, f"lane {thread}"))
            events += [_span_event(span, zero, (process, thread)) for span in lane]
    more = {"trace_id": trace.trace_id, "start_unix_nano": str(zero)}
    return as_json.dumps({"traceEvents": events, "displayTimeUnit": "ms", "otherData": more})


def _span_event(span: TraceSpan, zero: int, place: tuple[int, int]) -> Event:
    facts = {
        "span_id": span.span_id,
        "outcome": span.outcome,
        "critical_ms": span.critical_ns / 1e6,
        "drag_ms": span.drag_ns / 1e6,
        **({"message": span.message} if span.message else {}),
        **({"tokens": span.tokens} if span.tokens is not None else {}),
    }
    return _complete(span.name, span.role, (span.start_ns, span.end_ns), zero, place, facts)


def _complete(
    name: str, category: str, times: tuple[int, int], zero: int, place: tuple[int, int], facts: dict[str, Any]
) -> Event:
    start, end = times
    return {
        "name": name or category,
        "cat": category,
        "ph": "X",
        "ts": (start - zero) / 1e3,
        "dur": (end - start) / 1e3,
        "pid": place[0],
        "tid": place[1],
        "args": facts,
    }


def _named(what: str, process: int, thread: int, name: str) -> Event:
    return {"name": what, "ph": "M", "pid": process, "tid": thread, "args": {"name": name}}


def speedscope(trace: Trace) -> str:
    """JSON for https://www.speedscope.app: the critical path with what it passed through, then the lanes of spans."""
    zero = _zero(trace)
    frames: dict[str, int] = {}
    by_id = {span.span_id: span for span in trace.spans}
    profiles = [_profile(_PATH, _path_events(trace, by_id, frames), zero)] if trace.critical_path else []
    for process, spans in _processes(trace).items():
        for number, lane in enumerate(_lanes(spans), 1):
            profiles.append(_profile(f"{process}, lane {number}", _stack_events(lane, frames), zero))
    return as_json.dumps(
        {
            "$schema": _SCHEMA,
            "exporter": "tachograph",
            "name": trace.trace_id,
            "activeProfileIndex": 0,
            "shared": {"frames": [{"name": name} for name in frames]},
            "profiles": profiles,
        }
    )


def _profile(name: str, events: Sequence[tuple[str, int, int]], zero: int) -> dict[str, Any]:
    return {
        "type": "evented",
        "name": name,
        "unit": "nanoseconds",
        "startValue": events[0][2] - zero,
        "endValue": events[-1][2] - zero,
        "events": [{"type": kind, "frame": frame, "at": at - zero} for kind, frame, at in events],
    }


def _frame(frames: dict[str, int], name: str) -> int:
    return frames.setdefault(name, len(frames))


def _stack_events(lane: Lane, frames: dict[str, int]) -> list[tuple[str, int, int]]:
    """Spans of a lane opened and closed, the innermost first."""
    events: list[tuple[str, int, int]] = []
    open_ones: list[TraceSpan] = []
    for span in lane:
        while open_ones and open_ones[-1].end_ns <= span.start_ns:
            events.append(_closed(open_ones.pop(), frames))
        events.append(("O", _frame(frames, span.name), span.start_ns))
        open_ones.append(span)
    return events + [_closed(span, frames) for span in reversed(open_ones)]


def _closed(span: TraceSpan, frames: dict[str, int]) -> tuple[str, int, int]:
    return "C", _frame(frames, span.name), span.end_ns


def _path_events(trace: Trace, by_id: dict[str, TraceSpan], frames: dict[str, int]) -> list[tuple[str, int, int]]:
    """The stack of spans from the root down to the one that held it up, from section to section."""
    events: list[tuple[str, int, int]] = []
    stack: dict[str, None] = {}  # in order, the root first
    for section in trace.critical_path:
        line = _below(stack, section.span_id, by_id)
        shared = by_id[line[0]].parent_id if line else section.span_id
        while stack and next(reversed(stack)) != shared:
            events.append(("C", _frame(frames, by_id[stack.popitem()[0]].name), section.start_unix_nano))
        events += [("O", _frame(frames, by_id[at].name), section.start_unix_nano) for at in line]
        stack.update(dict.fromkeys(line))
    end = trace.critical_path[-1].end_unix_nano
    return events + [("C", _frame(frames, by_id[at].name), end) for at in reversed(stack)]


def _below(stack: dict[str, None], at: str, by_id: dict[str, TraceSpan]) -> list[str]:
    """What lies between the stack and a span, the span last; each once, whatever the data says."""
    line: dict[str, None] = {}
    above: str | None = at
    while above is not None and above not in stack and above not in line:
        line[above] = None
        above = by_id[above].parent_id
    return list(reversed(line))


def _zero(trace: Trace) -> int:
    return min(span.start_ns for span in trace.spans)


def _processes(trace: Trace) -> dict[str, list[TraceSpan]]:
    """The spans by the process that made them, as its resource names it."""
    found: dict[str, list[TraceSpan]] = {}
    for span in trace.spans:
        resource = span.content.resource
        number = resource.get("process.pid")
        name = str(resource.get("service.name") or "unknown")
        found.setdefault(name if number is None else f"{name} ({number})", []).append(span)
    return found


def _lanes(spans: Sequence[TraceSpan]) -> list[Lane]:
    """Spans in as few stacks as the first that fits gives; each span lies within the one below it, or after it."""
    lanes: list[Lane] = []
    stacks: list[list[int]] = []  # when those that are open in each lane end, the innermost last
    for span in sorted(spans, key=lambda span: (span.start_ns, -span.end_ns, span.depth)):
        place = next((at for at, stack in enumerate(stacks) if _fits(stack, span)), len(lanes))
        if place == len(lanes):
            lanes.append([])
            stacks.append([])
        lanes[place].append(span)
        stacks[place].append(span.end_ns)
    return lanes


def _fits(stack: list[int], span: TraceSpan) -> bool:
    while stack and stack[-1] <= span.start_ns:
        stack.pop()
    return not stack or span.end_ns <= stack[-1]
