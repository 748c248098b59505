"""The reviewers, one file each, in the order in which they are asked; others come by entry point."""

from importlib.metadata import entry_points

from tachograph.quality.judged import Declared, Reviewer
from tachograph.quality.reviewers.code_quality import code_quality
from tachograph.quality.reviewers.completeness import completeness
from tachograph.quality.reviewers.correctness import correctness
from tachograph.quality.reviewers.efficiency import efficiency

REVIEWERS: tuple[Declared, ...] = (correctness, completeness, code_quality, efficiency)
GROUP = "tachograph_reviewers"


def others() -> list[tuple[str, Reviewer]]:
    """Reviewers that are installed, by the name of their entry point; whatever loading one raises is raised."""
    return [(entry.name, entry.load()) for entry in sorted(entry_points(group=GROUP), key=lambda entry: entry.name)]
