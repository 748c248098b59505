"""Bottlenecks as text: what each costs, how sure that is, what to do, and where to look."""

from collections.abc import Iterator, Sequence

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.text import Text

from tachograph.present.readable import described
from tachograph.present.words import word
from tachograph.records import BottleneckDetection, NotEnoughData

_COLOURS = {"critical": "bold red", "high": "red", "medium": "yellow", "low": "dim"}


def bottlenecks(found: Sequence[BottleneckDetection], insufficient: Sequence[NotEnoughData]) -> RenderableType:
    """Findings in order of priority, then what could not be judged."""
    return Group(*_parts(found, insufficient))


def _parts(found: Sequence[BottleneckDetection], insufficient: Sequence[NotEnoughData]) -> Iterator[RenderableType]:
    if not found:
        yield Text("No bottleneck: nothing costs enough, surely enough, in this window.")
    for number, one in enumerate(found, 1):
        yield _title(number, one)
        yield _indented(word(one.description, longest=400))
        yield _indented(Text(_figures(one), style="dim"))
        yield from (_indented(word(f"→ {fix}", longest=400)) for fix in one.suggested_fixes)
        yield _indented(Text(_evidence(one), style="dim"))
        yield Text()
    for lacking in insufficient:
        costs = f"{lacking.value:.0f} {'% of its time' if lacking.unit == 'percent' else 'points of its success rate'}"
        said = (
            f"Not enough data to say whether {lacking.component} loses {costs} to {described(lacking.cause)}: "
            f"about {lacking.more:,} more executions"
        )
        yield word(said, "dim", longest=240)


def _indented(text: Text) -> Padding:
    return Padding(text, (0, 0, 0, 3), expand=False)  # no blanks up to the end of the line


def _title(number: int, one: BottleneckDetection) -> Text:
    cause = one.cause.replace("_", " ")
    where = " · ".join(word(name).plain for name in one.affected_components[:3])
    return Text.assemble(f"{number}. ", (one.severity, _COLOURS[one.severity]), f"  {cause}  {where}", style="bold")


def _figures(one: BottleneckDetection) -> str:
    impact = one.performance_impact
    costs = [
        f"{impact.avg_delay_increase_ms / 1000:.3g} s an execution" if impact.avg_delay_increase_ms else "",
        f"{impact.success_rate_decrease_pct:.3g} points of success" if impact.success_rate_decrease_pct else "",
        f"{impact.affected_executions_pct:.0f} % of executions affected",
        f"{one.claim}, n = {one.n:,}, q = {one.q_value:.2g}, priority {one.priority_score:.0f}",
    ]
    return " · ".join(cost for cost in costs if cost)


def _evidence(one: BottleneckDetection) -> str:
    return f"look at: tachograph trace {one.evidence.trace_ids[0]}" if one.evidence.trace_ids else ""
