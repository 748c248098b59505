"""An assessment as evaluations: scores, what is said of each, and who says it."""

from tachograph import vocabulary as v
from tachograph.records import QualityAssessment
from tachograph.semantics.evaluations import OVERALL, WEIGHTS


def scores(made: QualityAssessment) -> dict[str, float]:
    """What was measured, by dimension, with the overall score (0-10)."""
    every = {**{name: getattr(made.scores, name) for name in WEIGHTS}, OVERALL: made.overall_score}
    return {name: score for name, score in every.items() if score is not None}


def told(made: QualityAssessment) -> tuple[dict[str, float], dict[str, str | None], dict[str, str]]:
    """Scores, comments and the reviewer, as `evaluations.write` takes them."""
    lines = made.feedback.splitlines()
    said = {name: next((line for line in lines if line.startswith(_title(name))), None) for name in WEIGHTS}
    reviewer = {v.EVALUATION_REVIEWER: made.reviewer, v.EVALUATION_REVIEWER_VERSION: made.reviewer_version}
    return scores(made), {**said, OVERALL: made.feedback}, reviewer


def _title(name: str) -> str:
    return name.replace("_", " ").capitalize()
