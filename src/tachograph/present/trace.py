"""A trace as text: the tree, a time line, and what held up the critical path."""

from collections import defaultdict

from rich.console import Group, RenderableType
from rich.text import Text

from tachograph.present import tables
from tachograph.present.numbers import NOTHING, count, duration, share
from tachograph.present.words import word
from tachograph.records import Trace, TraceSpan

_WIDTH = 32  # characters of the time line
_ROWS = 1_000  # spans shown; nobody reads more, and a table of them takes minutes
_STYLES = {"agent": "magenta", "recipe": "blue", "step": "cyan", "command": "bold", "model": "yellow", "tool": "green"}


def trace(trace: Trace) -> RenderableType:
    """The tree of a trace. Bars show when a span ran; the heavy part is what the critical path passed through."""
    made = tables.table(f"Trace {trace.trace_id}", "span", "", "time", "critical", "tokens", "", left=2)
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
    return word("; ".join(remarks) or " ", style="red" if span.outcome not in ("success", "skip") else "dim")


def _footer(trace: Trace) -> Text:
    held: dict[str, int] = defaultdict(int)
    for span in trace.spans:
        held[span.component] += span.critical_ns
    whole = sum(held.values()) or 1
    longest = sorted(held, key=held.__getitem__, reverse=True)[:3]
    parts = [f"{component} {share(held[component] / whole)}" for component in longest if held[component]]
    text = Text()
    if len(trace.spans) > _ROWS:
        text.append(f"{count(len(trace.spans) - _ROWS)} more spans; --format json has all of them\n", style="yellow")
    text.append("On the critical path: ", style="bold").append(word(", ".join(parts)))
    return text.append("\nSpans are missing; the path covers what is there.", style="yellow") if trace.partial else text
