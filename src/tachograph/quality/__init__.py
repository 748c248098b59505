"""Quality of what agents produce: reviewers, automated and human."""

from tachograph.quality.assess import CannotAssess, assess
from tachograph.quality.bench import Bench, Order
from tachograph.quality.judged import Judgement, Reviewer, reviewer

__all__ = ["Bench", "CannotAssess", "Judgement", "Order", "Reviewer", "assess", "reviewer"]
