"""Scores by people from Python: `tachograph.review` and `tachograph.rate`, as the commands of the same names."""

from tachograph import settings
from tachograph import vocabulary as v


def review(
    execution_id: str,
    *,
    correctness: float | None = None,
    completeness: float | None = None,
    code_quality: float | None = None,
    efficiency: float | None = None,
    overall: float | None = None,
    comment: str | None = None,
) -> None:
    """Give an execution that has ended a person's scores, 0 to 10; its id or span id says which.

    Raises ValueError for scores out of range or none at all, LookupError where the store has no such execution, and
    store errors where it cannot be opened.
    """
    given = dict(zip(v.QUALITY_DIMENSIONS, (correctness, completeness, code_quality, efficiency, overall), strict=True))
    _record(execution_id, {name: score for name, score in given.items() if score is not None}, comment, 0, 10)


def rate(execution_id: str, rating: float, *, comment: str | None = None) -> None:
    """Say how satisfied a user is with an execution, 1 to 5; raises as `review` does."""
    _record(execution_id, {v.USER_SATISFACTION: rating}, comment, 1, 5)


def _record(execution_id: str, scores: dict[str, float], comment: str | None, low: float, high: float) -> None:
    if not scores:
        raise ValueError("no score was given; say for instance correctness=8")
    for name, score in scores.items():
        if not low <= score <= high:
            raise ValueError(f"{name} is {score!r}, no number from {low:g} to {high:g}")
    # Loaded when they are asked for: a traced process may be without what the store is built on.
    from tachograph.cli import evaluations
    from tachograph.store import open_store

    configured = settings.load()
    with open_store(configured.store_path) as store:
        execution = evaluations.found(store, execution_id)
        if execution is None:
            raise LookupError(f"no execution has the id {execution_id!r}; tachograph ingest reads new telemetry")
        evaluations.write(store, configured, execution, scores, dict.fromkeys(scores, comment))
