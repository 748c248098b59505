"""An assessment: every reviewer in its turn, and what they say together."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from tachograph.quality import tools
from tachograph.quality.bench import Bench, Order, laid_out
from tachograph.quality.containment import TooLarge
from tachograph.quality.git import NoBase
from tachograph.quality.judged import Judgement, Reviewer
from tachograph.quality.reviewers import REVIEWERS, others
from tachograph.quality.tools import Clock
from tachograph.records import Cost, Observation, QualityAssessment, Scores
from tachograph.semantics.evaluations import WEIGHTS

_LANGUAGE = "python"
_TOOLS = ("ruff", "complexipy", "mypy", "coverage", "pytest", "symilar")
_MOST_SEEN = 200  # observations kept of one dimension, the worst first
_MOST_SAID = 10  # suggestions
_SEVERITIES = ("high", "medium", "low", "note")


class CannotAssess(Exception):
    """There is nothing that could be assessed; the message is one line that says why."""


@dataclass(slots=True)
class _Dimension:
    """What the reviewers of one dimension say."""

    scores: list[float] = field(default_factory=list)
    summaries: list[str] = field(default_factory=list)
    reasons: list[str] = field(default_factory=list)
    observations: list[Observation] = field(default_factory=list)
    suggestions: list[str] = field(default_factory=list)

    @property
    def score(self) -> float | None:
        return round(sum(self.scores) / len(self.scores), 2) if self.scores else None

    def add(self, said: Judgement) -> None:
        if said.score is None:
            self.reasons.append(said.summary)
        else:
            self.scores.append(min(10.0, max(0.0, said.score)))
            self.summaries.append(said.summary)
        self.observations += said.observations
        self.suggestions += said.suggestions


def assess(
    order: Order,
    progress: Callable[[str], None] = lambda _: None,
    ready: Callable[[], None] = lambda: None,
) -> QualityAssessment:
    """Review what is ordered; raises CannotAssess.

    `progress` is told which dimension is looked at; `ready` is called once private copies have been made.
    """
    began = time.monotonic()
    clock = Clock()
    try:
        with laid_out(order, clock) as bench:
            ready()
            more, problems = others()
            found = _judged(bench, more, progress)
            subject = {**_subject(bench, order), "reviewers_left_out": problems}
    except NoBase as error:
        raise CannotAssess(str(error)) from error
    except (TooLarge, OSError, ValueError) as error:
        raise CannotAssess(" ".join(str(error).split())) from error
    seconds = time.monotonic() - began
    cost = Cost(round(seconds, 3), round(clock.seconds, 3), round(seconds - clock.seconds, 3))
    return _together(found, _versions(more), subject, cost)


def _judged(
    bench: Bench, more: Sequence[tuple[str, Reviewer]], progress: Callable[[str], None]
) -> dict[str, _Dimension]:
    found = {dimension: _Dimension() for dimension in WEIGHTS}
    every: list[Reviewer] = [*REVIEWERS, *(it for _, it in more)]
    for reviewer in every:
        if reviewer.dimension in found and _LANGUAGE in reviewer.languages:
            progress(reviewer.dimension)
            found[reviewer.dimension].add(_asked(reviewer, bench))
    return found


def _asked(reviewer: Reviewer, bench: Bench) -> Judgement:
    """What a reviewer says; one that breaks down has measured nothing, and the others go on."""
    try:
        return reviewer(bench)
    except tools.ToolFailed as error:
        return Judgement(None, str(error))
    except Exception as error:
        return Judgement(None, f"the reviewer broke down: {type(error).__name__}: {error}".partition("\n")[0])


def _versions(more: Sequence[tuple[str, Reviewer]]) -> str:
    """The versions of all reviewers in one word: scores are comparable where it is the same."""
    ours = ".".join(reviewer.version for reviewer in REVIEWERS)
    return "+".join([ours, *(f"{name}-{it.version}" for name, it in more)])


def _together(found: dict[str, _Dimension], versions: str, subject: dict[str, Any], cost: Cost) -> QualityAssessment:
    scores = {dimension: it.score for dimension, it in found.items()}
    weights = _weights(scores)
    overall = sum(weights[name] * score for name, score in scores.items() if score is not None) / 100
    return QualityAssessment(
        execution_id=None,
        agent_name=None,
        timestamp=datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z"),
        scores=Scores(**scores),
        overall_score=round(overall, 2) if weights else None,
        reviewer="automated",
        feedback=_feedback(found, weights),
        improvement_suggestions=_suggestions(found, scores),
        reviewer_version=versions,
        not_measured={name: "; ".join(it.reasons) for name, it in found.items() if it.score is None},
        evidence=[seen for it in found.values() for seen in _worst_first(it.observations)],
        weights=weights,
        subject=subject,
        tools={tool: version for tool in _TOOLS if (version := tools.version(tool))},
        cost=cost,
    )


def _weights(scores: dict[str, float | None]) -> dict[str, float]:
    """The weights of what was measured, in percent of the whole."""
    measured = {name: WEIGHTS[name] for name, score in scores.items() if score is not None}
    return {name: 100 * weight / sum(measured.values()) for name, weight in measured.items()}


def _feedback(found: dict[str, _Dimension], weights: dict[str, float]) -> str:
    lines = []
    for name, it in found.items():
        title = name.replace("_", " ").capitalize()
        if it.score is None:
            lines.append(f"{title} was not measured: {'; '.join(it.reasons)}.")
        else:
            said = "; ".join(filter(None, [*it.summaries, *it.reasons])) or "nothing was found"
            lines.append(f"{title} {it.score:g}: {said}.")
    if weights and len(weights) < len(WEIGHTS):
        shares = ", ".join(f"{name.replace('_', ' ')} {share:.0f} %" for name, share in weights.items())
        lines.append(f"The overall score weighs what was measured: {shares}.")
    return "\n".join(lines)


def _worst_first(observations: Sequence[Observation]) -> list[Observation]:
    ranked = sorted(observations, key=lambda it: _SEVERITIES.index(it.severity))
    kept = ranked[:_MOST_SEEN]
    if len(ranked) > len(kept):
        kept.append(Observation(ranked[0].dimension, f"{len(ranked) - len(kept)} more observations are left out"))
    return kept


def _suggestions(found: dict[str, _Dimension], scores: dict[str, float | None]) -> list[str]:
    """What would bring most first: by the points that a dimension has lost, times its weight; each has its say."""
    lost = {name: (10 - score) * WEIGHTS[name] for name, score in scores.items() if score is not None}
    ranked = sorted(lost, key=lambda name: -lost[name])
    turns = [it for turn in range(_MOST_SAID) for name in ranked for it in found[name].suggestions[turn : turn + 1]]
    return turns[:_MOST_SAID]


def _subject(bench: Bench, order: Order) -> dict[str, Any]:
    """What was judged, and how its code was run."""
    box: Any = bench.after.box
    return {
        "path": str(order.path),
        "base": order.base,
        "files": len(bench.judged) if bench.changes is None else len(bench.changes),
        "python_lines": bench.size,
        "containment": box.mechanism,
        "not_contained": list(box.gaps),
        "not_run": bench.after.may_not_run,
    }
