"""How right a system was: findings held against truths, one run at a time, then added up."""

from dataclasses import dataclass, field
from typing import Any

from detection.faults import ANY, CATEGORIES
from detection.scenario import Truth

Finding = dict[str, Any]
SEVERE = ("medium", "high", "critical")
BASES = ("percent", "median", "increase")  # what a percentage may be meant to be relative to


@dataclass
class Told:
    """What was said of one truth: the place of the first finding of its cause (from 1), and of its category."""

    category: str
    cause: str
    strength: int
    matters: bool
    rank: int | None
    in_category: bool
    covers: dict[str, bool] | None  # by basis; None where no interval was given or the truth is not known there


@dataclass
class Judged:
    """One system on one run."""

    told: list[Told] = field(default_factory=list)
    right: list[str] = field(default_factory=list)  # categories of findings that name a truth
    false: list[tuple[str, str, str]] = field(default_factory=list)  # category, cause, first component
    severe: int = 0
    failed: str = ""  # what the command said where it did not work


def judge(findings: list[Finding], truths: list[Truth]) -> Judged:
    """A finding is right where one of its first three components and its category (or a cause that is `also` true of
    them) are a truth's; false where that holds for none."""
    judged = Judged(severe=sum(finding["severity"] in SEVERE for finding in findings))
    for finding in findings:
        if any(_is_of(finding, truth) for truth in truths):
            judged.right.append(finding["category"])
        else:
            components = finding["affected_components"] or [""]
            judged.false.append((finding["category"], finding["cause"], components[0]))
    judged.told = [_told(truth, findings) for truth in truths]
    return judged


def _is_of(finding: Finding, truth: Truth) -> bool:
    also = finding["cause"] in truth.also
    if also and not set(finding["affected_components"][:3]).isdisjoint(truth.others):
        return True
    return (also or truth.category in (finding["category"], ANY)) and _names(finding, truth)


def _names(finding: Finding, truth: Truth) -> bool:
    return not set(finding["affected_components"][:3]).isdisjoint(truth.names)


def _told(truth: Truth, findings: list[Finding]) -> Told:
    places = [
        place
        for place, finding in enumerate(findings, 1)
        if _names(finding, truth) and (finding["cause"] == truth.cause or truth.category == ANY)
    ]
    in_category = any(_names(each, truth) and truth.category in (each["category"], ANY) for each in findings)
    covers = _covers(findings[places[0] - 1], truth) if places else None
    return Told(
        truth.category, truth.cause, truth.strength, truth.matters, places[0] if places else None, in_category, covers
    )


def _covers(finding: Finding, truth: Truth) -> dict[str, bool] | None:
    """Whether the interval holds the effect on the component that is named first."""
    known = truth.effects.get((finding["affected_components"] or [""])[0])
    interval = finding["effect"].get("ci")
    if not known or not interval or None in interval:
        return None
    low, high = interval
    unit = finding["effect"]["unit"]
    bases = BASES if unit == "percent" else ("points",)
    found = {basis: any(low <= each[basis] <= high for each in known) for basis in bases}
    return {"own": found[unit], **found}


def f1(runs: list[Judged], category: str) -> tuple[float | None, float | None, float | None]:
    """Precision over findings, recall over truths that matter, and their harmonic mean; None where there is nothing."""
    right = sum(run.right.count(category) for run in runs)
    false = sum(each[0] == category for run in runs for each in run.false)
    truths = [told for run in runs for told in run.told if told.category == category and told.matters]
    precision = right / (right + false) if right + false else None
    recall = sum(told.in_category for told in truths) / len(truths) if truths else None
    if not precision or not recall:
        return precision, recall, 0.0 if truths else None
    return precision, recall, 2 * precision * recall / (precision + recall)


def accuracy(runs: list[Judged], within: int) -> float | None:
    """AC@k: of single faults that matter, the share of which the true cause and component are among the first k."""
    ranks = [run.told[0].rank for run in runs if len(run.told) == 1 and run.told[0].matters]
    return sum(rank is not None and rank <= within for rank in ranks) / len(ranks) if ranks else None


def alarms(runs: list[Judged]) -> float | None:
    """Of null runs, the share with any finding of medium or more."""
    return sum(run.severe > 0 for run in runs) / len(runs) if runs else None


def false_share(runs: list[Judged]) -> float | None:
    """The mean over runs of the share of findings that are false (0 where there are none)."""
    shares = [len(run.false) / max(len(run.false) + len(run.right), 1) for run in runs]
    return sum(shares) / len(shares) if shares else None


def coverage(runs: list[Judged], basis: str) -> tuple[float | None, int]:
    """The share of intervals that hold the truth, and of how many."""
    held = [told.covers[basis] for run in runs for told in run.told if told.covers and basis in told.covers]
    return (sum(held) / len(held) if held else None), len(held)


def categories() -> tuple[str, ...]:
    return (*CATEGORIES, ANY)
