"""The difference between two windows as text."""

from collections.abc import Sequence

from rich.console import Group, RenderableType
from rich.text import Text

from tachograph.present import tables
from tachograph.present.words import word
from tachograph.records import Difference

_SHOWN = 15
_SURE = 0.1


def comparison(found: Sequence[Difference]) -> RenderableType:
    """What changed, the largest part first; what may be chance stands dimmed behind."""
    if not found:
        return Text("Nothing to compare: no task was done in both windows.")
    made = tables.table("What changed", "component", "kind", "time", "success", "share", "q", left=2)
    for one in found[:_SHOWN]:
        style = "" if one.q_value <= _SURE else "dim"
        made.add_row(
            word(one.component, style),
            Text(one.kind, style),
            Text(f"{one.effect_ms / 1000:+.3g} s", style),
            Text(f"{one.effect_pp:+.1f} pp" if one.effect_pp else "–", style),
            Text(f"{one.share_pct:.0f} %", style),
            Text(f"{one.q_value:.2g}", style),
        )
    traces = found[0].evidence.trace_ids
    look = Text(f"Look at: tachograph trace {traces[0]}", style="dim") if traces else Text()
    return Group(made, look)
