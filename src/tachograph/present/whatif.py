"""A forecast for people to read."""

from collections.abc import Sequence

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from tachograph.measure.replay import Forecast
from tachograph.present import tables
from tachograph.present.numbers import NOTHING, count, duration
from tachograph.present.words import word

_SENTENCE = 400  # characters


def forecast(found: Forecast, changes: Sequence[str]) -> RenderableType:
    """What a change would bring, with 90 % intervals and what was assumed."""
    made = tables.table(f"What if {word(found.recipe).plain}: {'; '.join(changes) or 'nothing changed'}", "", *_COLUMNS)
    _row(made, "p50", found.baseline_p50_ms, found.predicted_p50_ms, found.change_pct, found.ci_pct)
    _row(made, "p95", found.baseline_p95_ms, found.predicted_p95_ms, found.p95_change_pct, found.p95_ci_pct)
    before, after = (f"{100 * rate:.1f} %" for rate in (found.baseline_success, found.predicted_success))
    made.add_row("success", before, after, f"{found.success_change_pp:+.1f} points", _interval(found.success_ci_pp, ""))
    return Group(made, _verdict(found), *(word(f"- {said}", "dim", _SENTENCE) for said in found.assumptions))


_COLUMNS = ("recorded", "predicted", "change", "90 % interval")


def _row(made: Table, name: str, before: float, after: float, change: float, ci: tuple[float, float] | None) -> None:
    style = "green" if change < 0 else "red" if change > 0 else ""
    made.add_row(name, duration(before), duration(after), Text(f"{change:+.1f} %", style=style), _interval(ci, " %"))


def _interval(ci: tuple[float, float] | None, unit: str) -> str:
    return NOTHING if ci is None else f"{ci[0]:+.1f} to {ci[1]:+.1f}{unit}"


def _verdict(found: Forecast) -> Text:
    said = (
        f"From {count(found.executions)} executions; their unchanged replay is off by {found.replay_error_pct:.1f} %."
    )
    if found.ci_pct is None:
        return Text(f"{said} Too few for an interval.", style="yellow")
    text = Text(f"{said} The interval is for a later measurement on {count(found.later_runs)} executions.")
    if found.ci_pct[0] <= 0 <= found.ci_pct[1]:
        text.append(" It spans zero: no gain can be promised.", style="yellow")
    return text
