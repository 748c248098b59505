"""What reviewers say of agents: by kind and version of reviewer, and how far programs and people are apart."""

from collections import defaultdict
from collections.abc import Mapping
from typing import Any

from tachograph import vocabulary as v
from tachograph.measure.statistics import mean
from tachograph.records import QualityByReviewer, ReviewDifference, Window
from tachograph.store import Store


def by_reviewer(store: Store, window: Window, name: str | None = None) -> defaultdict[str, list[QualityByReviewer]]:
    """For each agent the mean overall score (0-10) of each kind and version of reviewer."""
    found: defaultdict[str, list[QualityByReviewer]] = defaultdict(list)
    for row in store.query("quality_by_reviewer", only=name, since=window.since_ns, until=window.until_ns):
        made = QualityByReviewer(row["reviewer"], row["reviewer_version"], row["executions"], row["quality"])
        found[row["agent_name"]].append(made)
    return found


def differences(store: Store, window: Window, name: str | None = None) -> defaultdict[str, list[ReviewDifference]]:
    """For each agent and dimension, automated scores less a person's of the same executions (-10 to 10)."""
    found: defaultdict[str, list[ReviewDifference]] = defaultdict(list)
    for row in store.query("review_differences", only=name, since=window.since_ns, until=window.until_ns):
        estimate = mean(row["executions"], row["total"], row["squares"])
        if estimate.value is not None:
            made = ReviewDifference(row["dimension"], estimate.value, estimate.ci, estimate.n)
            found[row["agent_name"]].append(made)
    return found


def scores_of(store: Store, ids: Mapping[str, Any], reviewer: str) -> dict[str, float]:
    """The latest scores (0-10) that a kind of reviewer gave one execution, by dimension, `overall` among them."""
    rows = store.query("reviews_of", trace_id=ids["trace_id"], span_id=ids["span_id"])
    mine = next((row for row in rows if row["reviewer"] == reviewer), {})
    return {name: mine[name] for name in v.QUALITY_DIMENSIONS if mine.get(name) is not None}
