"""Accepted candidates as the findings that are published: named, ranked, with their evidence."""

import hashlib
from collections.abc import Sequence
from typing import Any, Final

import numpy as np

from tachograph.detect.candidate import PERCENT, POINTS, Candidate
from tachograph.detect.judged import Judged
from tachograph.records import BottleneckDetection, Effect, Evidence, PerformanceImpact
from tachograph.records.history import History, Reals, Units, Wholes

CATEGORIES: Final = {
    "oversized_context": "context",
    "slow_context_preparation": "context",
    "redundant_context": "context",
    "wrong_agent": "agent_selection",
    "agent_sequence": "agent_selection",
    "missing_specialist": "agent_selection",
    "underutilised_agent": "agent_selection",
    "step_order": "recipe_execution",
    "unnecessary_sequential_dependency": "recipe_execution",
    "resource_contention": "recipe_execution",
    "retry_loop": "recipe_execution",
    "network_latency": "infrastructure",
    "memory_pressure": "infrastructure",
    "cpu_pressure": "infrastructure",
}
# What the whole host or network suffers is one finding, however many components feel it.
_SHARED: Final = frozenset({"network_latency", "memory_pressure", "cpu_pressure", "resource_contention"})
_SEVERITIES: Final = (("critical", 0.30, 0.20), ("high", 0.15, 0.10), ("medium", 0.05, 0.05))
_WIDESPREAD: Final = 0.10
_EFFORT_HOURS: Final = {"context": 8.0, "agent_selection": 6.0, "recipe_execution": 10.0, "infrastructure": 6.0}
_EXAMPLES: Final = 3
_SAME: Final = 0.5  # of the losing executions, from which on two findings of a cause are about the same


def published(history: History, accepted: Sequence[Judged]) -> list[BottleneckDetection]:
    """Findings, the highest priority first; those of one shared cause as one."""
    return sorted((_one(history, group) for group in _groups(history, accepted)), key=lambda one: -one.priority_score)


def _groups(history: History, accepted: Sequence[Judged]) -> list[list[Judged]]:
    """Findings that say the same (one shared cause, one version) about several components, what costs most first."""
    groups: dict[tuple[str, ...], list[Judged]] = {}
    for one in sorted(accepted, key=lambda one: -_weekly(one.candidate, one.ci[0])):
        cause = one.candidate.cause
        value = one.candidate.remedy.get("value")
        key = (cause,) if cause in _SHARED else (cause, str(value) if value else _subject(one.candidate))
        if not _is_told(one, groups.setdefault(key, [])):
            groups[key].append(one)
    return list(groups.values())


def _subject(candidate: Candidate) -> str:
    return candidate.subject or candidate.components[0]


def _is_told(one: Judged, group: Sequence[Judged]) -> bool:
    """Whether most of the executions that lose were already counted: as all of what an agent does holds each part."""
    mine = _losing(one)
    return any(len(mine & _losing(other)) > _SAME * len(mine) for other in group if _unit(other) == _unit(one))


def _unit(one: Judged) -> str:
    return one.candidate.unit


def _losing(one: Judged) -> set[str]:
    rows = one.candidate.rows.take(one.candidate.lost > 0)
    words = rows.words["span_id"]
    return {words.names[code] for code in words.codes.tolist()}


def _weekly(candidate: Candidate, share: float) -> float:
    """Seconds lost over the window, for ranking; a lost execution counts as a whole one's time to be made again."""
    rows = candidate.rows
    total = float(np.sum(rows["weight"] * rows["duration"]))
    return max(share, 0.0) * total


def _one(history: History, group: Sequence[Judged]) -> BottleneckDetection:
    first = group[0]
    candidate = first.candidate
    components = list(dict.fromkeys(name for one in group for name in one.candidate.components))
    affected = _affected(history, candidate)
    severity = _severity(candidate.unit, first.ci[0], affected)
    value, (low, high) = first.value, first.ci
    return BottleneckDetection(
        category=_category(candidate),
        severity=severity,
        description=candidate.says.format(effect=_words(candidate.unit, value, (low, high))),
        affected_components=components,
        performance_impact=_impact(history, group, affected),
        suggested_fixes=list(candidate.fixes),
        priority_score=_priority(history, first),
        id=_id(candidate),
        detector=candidate.detector,
        cause=candidate.cause,
        claim=candidate.claim,
        effect=Effect(round(100 * value, 3), candidate.unit, (round(100 * low, 3), round(100 * high, 3))),
        q_value=first.q_value,
        n=len(candidate.rows),
        evidence=_evidence(candidate),
        assumptions=list(candidate.assumptions),
        remedy={**candidate.remedy, **_median(first), "cause": candidate.cause, "components": components},
    )


def _median(judged: Judged) -> dict[str, Any]:
    """The change of the median, in percent, if what is lost were not; what few executions lose hardly moves it."""
    rows, seen = judged.candidate.rows, judged.candidate.estimate.value
    if judged.candidate.unit != PERCENT or seen <= 0:
        return {}
    order, weight = np.argsort(rows["duration"]), rows["weight"]
    before = _middle(rows["duration"][order], weight[order])
    found = []
    for value in (judged.value, judged.ci[1], judged.ci[0]):
        time = np.maximum(rows["duration"] - judged.candidate.lost * (value / seen), 0.0)
        order = np.argsort(time)
        found.append(round(100 * (_middle(time[order], weight[order]) / max(before, 1e-12) - 1), 3))
    return {"p50_change_pct": found[0], "p50_ci_pct": found[1:]}


def _middle(ordered: Reals, weight: Reals) -> float:
    heaps = np.cumsum(weight)
    return float(np.interp(0.5, (heaps - weight / 2) / heaps[-1], ordered))


def _category(candidate: Candidate) -> str:
    return str(candidate.remedy.get("category") or CATEGORIES[candidate.cause])


def _id(candidate: Candidate) -> str:
    """The same for the same finding next week: what it is about, and not how large it is now."""
    text = "\0".join((candidate.detector, candidate.cause, _subject(candidate)))
    return hashlib.blake2b(text.encode(), digest_size=6).hexdigest()


def _words(unit: str, value: float, ci: tuple[float, float]) -> str:
    if unit == PERCENT:
        return f"{100 * value:.0f} % of its time (90 % interval {100 * ci[0]:.0f} to {100 * ci[1]:.0f} %)"
    return f"{100 * value:.0f} points of its success rate (90 % interval {100 * ci[0]:.0f} to {100 * ci[1]:.0f})"


def _affected(history: History, candidate: Candidate) -> float:
    """The share of all executions in which something was lost."""
    rows = candidate.rows.take(candidate.lost > 0)
    _, first = np.unique(rows.codes("trace_id"), return_index=True)
    return min(float(np.sum(rows["weight"][first])) / max(history.executions, 1.0), 1.0)


def _severity(unit: str, low: float, affected: float) -> str:
    for name, time, success in _SEVERITIES:
        reaches = low >= (time if unit == PERCENT else success)
        if reaches and (name != "critical" or affected >= _WIDESPREAD):
            return name
    return "low"


def _impact(history: History, group: Sequence[Judged], affected: float) -> PerformanceImpact:
    """Relative to all executions of the window."""
    executions = max(history.executions, 1.0)
    delay = sum(_weekly(one.candidate, one.value) for one in group if one.candidate.unit == PERCENT)
    lost = [one for one in group if one.candidate.unit == POINTS]
    failed = sum(one.value * float(np.sum(one.candidate.rows["weight"])) for one in lost)
    return PerformanceImpact(
        avg_delay_increase_ms=round(1000 * delay / executions, 3),
        success_rate_decrease_pct=round(100 * failed / executions, 3),
        affected_executions_pct=round(100 * affected, 3),
    )


def _priority(history: History, judged: Judged) -> float:
    """(1 - q) x what is surely lost / effort, on a scale on which all time of all executions is 100."""
    candidate = judged.candidate
    whole = sum(float(np.sum(units["weight"] * units["duration"])) for units in _tops(history))
    lost = _weekly(candidate, judged.ci[0]) / max(whole, 1e-9)
    effort = _EFFORT_HOURS[_category(candidate)]
    return round(100 * float(np.sqrt(min((1 - judged.q_value) * lost, 1.0) * 4.0 / max(effort, 4.0))), 2)


def _tops(history: History) -> list[Units]:
    return [units.take(units.codes("parent_id") < 0) for units in (history.recipes, history.agents, history.commands)]


def _evidence(candidate: Candidate) -> Evidence:
    """The worst executions, a median one among those that lost, and counter-examples."""
    order = np.argsort(-candidate.lost, kind="stable")
    affected = order[candidate.lost[order] > 0]
    middle = affected[len(affected) // 2 :][:1]
    unharmed = order[candidate.lost[order] <= 0][::-1]
    rows = np.concatenate([affected[:_EXAMPLES], middle, unharmed[:_EXAMPLES]])
    return Evidence(_names(candidate, "execution_id", rows), _names(candidate, "trace_id", rows))


def _names(candidate: Candidate, column: str, rows: Wholes) -> list[str]:
    words = candidate.rows.words[column]
    return list(dict.fromkeys(words.names[code] for code in words.codes[rows].tolist()))
