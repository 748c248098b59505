"""A trace as text: the tree, a time line, and what held up the critical path."""

from rich.console import Group, RenderableType
from rich.text import Text

from tachograph.present import tables
from tachograph.present.numbers import NOTHING, count, duration, share
from tachograph.present.words import word
from tachograph.records import ComponentShare, Trace, TraceSpan

_WIDTH = 32  # characters of the time line
_ROWS = 1_000  # spans shown; nobody reads more, and a table of them takes minutes
_STYLES = {"agent": "magenta", "recipe": "blue", "step": "cyan", "command": "bold", "model": "yellow", "tool": "green"}


def trace(trace: Trace) -> RenderableType:
    """The tree of a trace. Bars show when a span ran; the heavy part is what the critical path passed through."""
    made = tables.table(f"Trace {trace.trace_id}", "span", "", "time", "critical", "drag", "tokens", "", left=2)
    made.columns[1].no_wrap, made.columns[-1].justify, made.columns[-1].no_wrap = True, "left", False
    start = min(span.start_ns for span in trace.spans)
    total = max(1, max(span.end_ns for span in trace.spans) - start)
    whole = sum(section.end_unix_nano - section.start_unix_nano for section in trace.critical_path) or 1
    for span in trace.spans[:_ROWS]:
        made.add_row(
            _name(span),
            _bar(span, start, total),
            duration((span.end_ns - span.start_ns) / 1e6),
            Text(share(span.critical_ns / whole), style="red") if span.critical_ns else NOTHING,
            duration(span.drag_ns / 1e6) if span.drag_ns else NOTHING,
            count(span.tokens) if span.tokens is not None else "",
            _remark(span),
        )
    return Group(made, _footer(trace))


def _name(span: TraceSpan) -> Text:
    return Text("  " * min(span.depth, 40)) + word(span.name, _STYLES.get(span.role, ""))


def _bar(span: TraceSpan, start: int, total: int) -> Text:
    first = min(_WIDTH - 1, (span.start_ns - start) * _WIDTH // total)
    last = max(first + 1, min(_WIDTH, -(-(span.end_ns - start) * _WIDTH // total)))
    style = "red" if span.critical_ns else "dim"
    return Text(" " * first + ("━" if span.critical_ns else "─") * (last - first), style=style)


def _remark(span: TraceSpan) -> Text:
    remarks = [] if span.outcome == "success" else [f"{span.outcome}: {span.message}" if span.message else span.outcome]
    remarks += ["its parent is missing"] if span.adopted else []
    remarks += [f"begins {duration(span.early_ns / 1e6)} too early"] if span.early_ns else []
    return word("; ".join(remarks) or " ", style="red" if span.outcome not in ("success", "skip") else "dim")


def _footer(trace: Trace) -> Text:
    text = Text()
    if len(trace.spans) > _ROWS:
        text.append(f"{count(len(trace.spans) - _ROWS)} more spans; --format json has all of them\n", style="yellow")
    text.append("On the critical path: ", style="bold")
    text.append(Text(", ").join(_part(part) for part in trace.components[:3]))
    for remark in _remarks(trace):
        text.append(f"\n{remark}", style="yellow")
    return text


def _part(part: ComponentShare) -> Text:
    """A share says how long it held the trace up, the drag what its absence would gain."""
    gain = duration(part.drag_ns / 1e6) if part.drag_ns else "nothing"
    return word(part.component).append(f" {share(part.share)} (without it {gain} less)")


def _remarks(trace: Trace) -> list[str]:
    waited = sum(section.end_unix_nano - section.start_unix_nano for section in trace.blocked)
    said = [f"Waiting to try again took {duration(waited / 1e6)} of it."] if waited else []
    if trace.partial:
        said.append("Spans are missing; the path covers what is there.")
    if trace.skew_ns:
        said.append(f"Clocks differ by {duration(trace.skew_ns / 1e6)} or more; times are shown as they were recorded.")
    return said
