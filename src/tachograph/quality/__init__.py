"""Quality of what agents produce: reviewers, automated and human."""

from tachograph.quality.assess import WEIGHTS, CannotAssess, assess
from tachograph.quality.bench import Bench, Order
from tachograph.quality.judged import Judgement, Reviewer, reviewer

__all__ = ["WEIGHTS", "Bench", "CannotAssess", "Judgement", "Order", "Reviewer", "assess", "reviewer"]
