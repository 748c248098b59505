"""Findings into recommendations: drafted, merged, sized, held against each other, ranked."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import reduce
from typing import Final

from tachograph.measure.replay import Change, Runs
from tachograph.recommend.calibration import Calibration
from tachograph.recommend.draft import Draft
from tachograph.recommend.measured_on import executions, role_of, weeks
from tachograph.recommend.merging import conflict, merged
from tachograph.recommend.recipe_file import RecipeFile
from tachograph.recommend.remedies import drafts
from tachograph.recommend.sizing import Sized, forecasted, sized
from tachograph.recommend.tools import ToolDraft, tool_drafts
from tachograph.records import (
    BottleneckDetection,
    Evidence,
    ExpectedImprovement,
    PerformanceRecommendation,
    Prediction,
    ToolUsage,
)
from tachograph.records.history import History
from tachograph.records.judgements import SEVERITIES

_EFFORTS: Final = ((4.0, "low"), (16.0, "medium"))
_MERGED_EVIDENCE: Final = 12


@dataclass(frozen=True, slots=True)
class Material:
    """What recommendations are made from."""

    bottlenecks: Sequence[BottleneckDetection]
    history: History
    runs: Sequence[Runs] = ()
    tools: Sequence[ToolUsage] = ()
    files: Sequence[RecipeFile] = ()
    calibration: Calibration = field(default_factory=Calibration)


def recommend(material: Material) -> list[PerformanceRecommendation]:
    """What is worth changing, what an hour of effort brings most first."""
    runs = {of.recipe: of for of in material.runs}
    kept: list[tuple[Draft, Sized]] = []
    for draft in merged(drafts(list(material.bottlenecks), runs)):
        found = sized(draft, runs, role_of(material.history, draft.component), material.calibration)
        if found is not None:
            kept.append((draft, found))
    together = _together(kept, runs)
    made = [_one(draft, found, kept, material, together.get(draft.recipe or "")) for draft, found in kept]
    made += [_of_tool(draft, weeks(material.history)) for draft in tool_drafts(material.tools)]
    return sorted(made, key=lambda one: (-one.score, one.id))


def _one(
    draft: Draft,
    found: Sized,
    all_kept: Sequence[tuple[Draft, Sized]],
    material: Material,
    together: Prediction | None,
) -> PerformanceRecommendation:
    made_id, saved = _id(draft.kind, draft.about), _saved_seconds(draft, found, material.history)
    hours_a_week = saved / 3600 / weeks(material.history)
    sure = 1 - min(finding.q_value for finding in draft.findings)
    against = [(other, conflict(draft, other)) for other, _ in all_kept if other is not draft]
    diff, where = _diff(draft, material.files)
    return PerformanceRecommendation(
        category=draft.category,
        priority=max((finding.severity for finding in draft.findings), key=SEVERITIES.index),
        title=draft.title,
        description=f"{draft.description} {_promise(found)}",
        expected_improvement=ExpectedImprovement(found.gain_pct, found.points, _words(hours_a_week, saved, material)),
        implementation_effort=_effort(draft.hours),
        implementation_steps=[*draft.steps, *([where] if where else [])],
        success_criteria=_criteria(made_id, draft, found),
        id=made_id,
        bottleneck_ids=[finding.id for finding in draft.findings],
        prediction=found.prediction,
        claim=found.claim,
        evidence=_evidence(draft.findings),
        assumptions=list(found.assumptions),
        effort_hours=draft.hours,
        saved_hours_per_week=round(hours_a_week, 4),
        score=round(hours_a_week * sure / draft.hours, 6),
        role=found.role,
        component=found.component,
        diff=diff,
        conflicts=[f"{_id(other.kind, other.about)} ({other.title}) {why}" for other, why in against if why],
        combined=together,
    )


def _id(kind: str, about: str) -> str:
    """The same for the same change next week."""
    return "r" + hashlib.blake2b(f"{kind}\0{about}".encode(), digest_size=5).hexdigest()


def _effort(hours: float) -> str:
    return next((name for most, name in _EFFORTS if hours <= most), "high")


def _saved_seconds(draft: Draft, found: Sized, history: History) -> float:
    """Seconds saved over the window. An execution that succeeds instead saves having it made again."""
    rows = executions(history, found.role, found.component)
    total = float((rows["weight"] * rows["duration"]).sum()) if len(rows) else 0.0
    share = (found.gain_pct or 0.0) / 100 if found.gain_pct is not None else (found.points or 0.0) / 100
    return max(share, 0.0) * total


def _words(hours_a_week: float, saved: float, material: Material) -> str:
    each = 1000 * saved / max(material.history.executions, 1.0)
    whole = f"{hours_a_week:.1f} h a week" if hours_a_week >= 1 else f"{60 * hours_a_week:.1f} min a week"
    return f"about {whole} at the present load ({each / 1000:.2g} s an execution)"


def _promise(found: Sized) -> str:
    """The prediction in words."""
    said, interval = found.prediction, found.prediction.interval_pct
    what = {"p50_duration": "median duration", "mean_duration": "mean duration", "success_rate": "success rate"}
    unit = " points" if said.measure == "success_rate" else " %"
    spread = f" (90 % interval {interval[0]:+.0f} to {interval[1]:+.0f}{unit})" if interval else ""
    basis = "By replay" if found.claim == "simulated" and found.role == "recipe" else "By an observational estimate"
    return f"{basis} the {what[said.measure]} of {found.component} changes by {said.change_pct:+.0f}{unit}{spread}."


def _criteria(made_id: str, draft: Draft, found: Sized) -> list[str]:
    """What says that it worked, each with the command that checks it."""
    predicted = found.prediction.change_pct or 0.0
    unit = "points" if found.prediction.measure == "success_rate" else "%"
    said = [
        f"`tachograph verify {made_id}` says confirmed: the measured change excludes zero and reaches at least half of "
        f"{predicted:+.0f} {unit} (once it is noted with `tachograph apply {made_id}`)"
    ]
    ids = " or ".join(finding.id for finding in draft.findings)
    if ids:
        said.append(f"`tachograph bottlenecks --since 7d --format json` no longer lists {ids} a week later")
    if found.points is None and found.role in ("recipe", "agent"):
        said.append(f"`tachograph {found.role}s {_quoted(found.component)}` shows a success rate no lower than before")
    return said


def _quoted(name: str) -> str:
    return name if name.replace("_", "").replace("-", "").isalnum() else "'" + name.replace("'", "'\\''") + "'"


def _diff(draft: Draft, files: Sequence[RecipeFile]) -> tuple[str | None, str]:
    """The change to the recipe's file, and how to make it."""
    file = next((file for file in files if draft.recipe is not None and file.recipe == draft.recipe), None)
    diff = draft.edit(file) if file is not None and draft.edit is not None else None
    if file is None or diff is None:
        return None, ""
    return diff, f"In {file.folder}, apply the diff to {file.path}: git apply, or patch -p1"


def _evidence(findings: Sequence[BottleneckDetection]) -> Evidence:
    executions_of = [name for finding in findings for name in finding.evidence.execution_ids]
    traces = [name for finding in findings for name in finding.evidence.trace_ids]
    return Evidence(
        list(dict.fromkeys(executions_of))[:_MERGED_EVIDENCE], list(dict.fromkeys(traces))[:_MERGED_EVIDENCE]
    )


def _together(kept: Sequence[tuple[Draft, Sized]], runs: Mapping[str, Runs]) -> dict[str, Prediction]:
    """What all simulated changes to a recipe bring at once, by one replay: it is not the sum."""
    by_recipe: dict[str, list[Change]] = {}
    for draft, found in kept:
        if draft.change is not None and draft.recipe is not None and found.role == "recipe":
            by_recipe.setdefault(draft.recipe, []).append(draft.change)
    made = {}
    for recipe, changes in by_recipe.items():
        whole = reduce(lambda one, other: one | other, changes)
        forecast = forecasted(runs[recipe], whole) if len(changes) > 1 else None
        if forecast is not None:
            change, interval = round(forecast.change_pct, 3), _rounded(forecast.ci_pct)
            made[recipe] = Prediction(change, interval, "p50_duration", change, interval)
    return made


def _rounded(interval: tuple[float, float] | None) -> tuple[float, float] | None:
    return None if interval is None else (round(interval[0], 3), round(interval[1], 3))


def _of_tool(draft: ToolDraft, over_weeks: float) -> PerformanceRecommendation:
    made_id, hours_a_week = _id(draft.kind, draft.command), draft.saved_s / 3600 / over_weeks
    name = _quoted(draft.command)
    measured = draft.points is not None or draft.gain_pct is not None
    verify = f"`tachograph verify {made_id}` says confirmed (after `tachograph apply {made_id}`)"
    return PerformanceRecommendation(
        category="tool_optimization",
        priority="medium" if draft.points is not None else "low",
        title=draft.title,
        description=draft.description,
        expected_improvement=ExpectedImprovement(
            draft.gain_pct, draft.points, f"about {60 * hours_a_week:.1f} min a week where the target is reached"
        ),
        implementation_effort=_effort(draft.hours),
        implementation_steps=list(draft.steps),
        success_criteria=[
            *([verify] if measured else []),
            f"`tachograph tools {name}` shows the difference",
        ],
        id=made_id,
        bottleneck_ids=[],
        prediction=_tool_prediction(draft),
        claim="observational",
        assumptions=["the target of the key figure is reached, and nothing beyond it"],
        effort_hours=draft.hours,
        saved_hours_per_week=round(hours_a_week, 4),
        score=round(hours_a_week / draft.hours, 6),
        role="command",
        component=draft.command,
    )


def _tool_prediction(draft: ToolDraft) -> Prediction:
    if draft.points is not None:
        return Prediction(None, None, "success_rate", draft.points, draft.points_ci)
    change = None if draft.gain_pct is None else -draft.gain_pct
    return replace(Prediction(change, None), change_pct=change)
