"""What evaluations on a span come to: its overall quality, known before it ended."""

from collections.abc import Iterable, Mapping
from typing import Any

from tachograph import vocabulary as v

# In percent; the overall score is the mean of the dimensions that were scored, weighted by these.
WEIGHTS = {"correctness": 40, "completeness": 30, "code_quality": 20, "efficiency": 10}
OVERALL = "overall"


def overall(scores: Mapping[str, float]) -> float | None:
    """The overall score (0-10) that was given, else the weighted mean of the dimensions; None without any."""
    if OVERALL in scores:
        return scores[OVERALL]
    weights = {name: WEIGHTS[name] for name in scores if name in WEIGHTS}
    return sum(scores[name] * weight for name, weight in weights.items()) / sum(weights.values()) if weights else None


def told(events: Iterable[Any]) -> float | None:
    """The overall score (0-10) in the events of a span, the latest of each dimension; None where nobody judged it."""
    scores: dict[str, float] = {}
    for event in events:
        said = (event.attributes or {}) if event.name == v.EVALUATION_RESULT else {}
        name, score = said.get(v.EVALUATION_NAME), said.get(v.EVALUATION_SCORE)
        if name in v.QUALITY_DIMENSIONS and isinstance(score, int | float) and 0 <= score <= 10:
            scores[str(name)] = float(score)
    return overall(scores)
