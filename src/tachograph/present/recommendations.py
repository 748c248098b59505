"""Recommendations as text: what to do, what it brings, how to do it and how to tell; and what applied ones brought."""

from collections.abc import Iterator, Sequence

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from tachograph.present import readable, tables
from tachograph.present.numbers import NOTHING, count
from tachograph.present.words import word
from tachograph.records import PerformanceRecommendation, Prediction, Verification

_COLOURS = {"critical": "bold red", "high": "red", "medium": "yellow", "low": "dim"}
_VERDICTS = {"confirmed": "green", "weaker": "yellow", "worse": "red"}
_LONG = 400
_WHAT = {"p50_duration": "median", "mean_duration": "mean time", "success_rate": "success rate"}


def recommendations(found: Sequence[PerformanceRecommendation]) -> RenderableType:
    """In order of what an hour of effort brings."""
    return Group(*_parts(found))


def _parts(found: Sequence[PerformanceRecommendation]) -> Iterator[RenderableType]:
    if not found:
        yield Text("No recommendation: no change would surely bring enough in this window.")
    for number, one in enumerate(found, 1):
        yield Text.assemble(f"{number}. ", word(one.title, longest=_LONG), style="bold")
        yield _indented(Text.assemble((one.priority, _COLOURS[one.priority]), f" · {_figures(one)}"))
        yield _indented(word(one.description, longest=_LONG * 2))
        yield from (_indented(word(f"→ {step}", longest=_LONG)) for step in one.implementation_steps)
        yield from (_indented(word(line, "dim", longest=_LONG)) for line in (one.diff or "").splitlines())
        yield from (_indented(word(f"✓ {criterion}", longest=_LONG)) for criterion in one.success_criteria)
        yield from (_indented(word(f"! {conflict}", "yellow", longest=_LONG)) for conflict in one.conflicts)
        yield Text()
    yield from _together(found)


def _indented(text: Text) -> Padding:
    return Padding(text, (0, 0, 0, 3))


def _figures(one: PerformanceRecommendation) -> str:
    said = [
        _prediction(one.prediction),
        one.claim,
        f"effort {one.implementation_effort} ({one.effort_hours:g} h)",
        f"saves {one.expected_improvement.time_savings_estimate}",
        f"id {one.id}",
    ]
    return " · ".join(part for part in said if part)


def _prediction(said: Prediction) -> str:
    if said.change_pct is None:
        return ""
    unit = "points" if said.measure == "success_rate" else "%"
    spread = f" [{said.interval_pct[0]:+.0f}, {said.interval_pct[1]:+.0f}]" if said.interval_pct else ""
    return f"{_WHAT[said.measure]} {said.change_pct:+.0f} {unit}{spread}"


def _together(found: Sequence[PerformanceRecommendation]) -> Iterator[RenderableType]:
    """What the simulated changes to a recipe bring at once, which is not their sum."""
    for recipe, said in {one.component: one.combined for one in found if one.combined is not None}.items():
        yield Text(f"All replayed changes to {word(recipe).plain} together, by one replay: {_prediction(said)}")


def verifications(found: Sequence[Verification]) -> RenderableType:
    """Predicted beside measured."""
    if not found:
        return Text("Nothing was applied yet; tachograph apply ID notes that a recommendation was.")
    return Group(_table(found), *(word(f"{one.id}: {one.baseline}", "dim", longest=_LONG) for one in found))


def _table(found: Sequence[Verification]) -> Table:
    made = tables.table("Predicted and measured", "id", "change", "measure", "predicted", "measured", readable.VERIFIED,
                        "executions", "verdict", left=3)  # fmt: skip
    made.columns[-1].justify = "left"
    for one in found:
        made.add_row(
            one.id, word(one.title, longest=60), _WHAT[one.measure], _change(one, one.predicted_pct),
            _change(one, one.measured_pct), _interval(one), f"{count(one.n_before)} then {count(one.n_after)}",
            Text(one.verdict, style=_VERDICTS.get(one.verdict, "")),
        )  # fmt: skip
    return made


def _change(one: Verification, value: float | None) -> str:
    unit = "points" if one.measure == "success_rate" else "%"
    return NOTHING if value is None else f"{value:+.1f} {unit}"


def _interval(one: Verification) -> str:
    return NOTHING if one.ci_pct is None else f"{one.ci_pct[0]:+.1f} to {one.ci_pct[1]:+.1f}"
