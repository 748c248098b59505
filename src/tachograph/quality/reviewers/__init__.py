"""The reviewers, one file each, in the order in which they are asked; others come by entry point."""

from importlib.metadata import entry_points

from tachograph.quality.judged import Declared, Reviewer
from tachograph.quality.reviewers.code_quality import code_quality
from tachograph.quality.reviewers.completeness import completeness
from tachograph.quality.reviewers.correctness import correctness
from tachograph.quality.reviewers.efficiency import efficiency

REVIEWERS: tuple[Declared, ...] = (correctness, completeness, code_quality, efficiency)
GROUP = "tachograph_reviewers"


def others() -> tuple[list[tuple[str, Reviewer]], list[str]]:
    """Reviewers that are installed, by the name of their entry point; and a line for each that cannot be loaded."""
    found: list[tuple[str, Reviewer]] = []
    problems: list[str] = []
    for entry in sorted(entry_points(group=GROUP), key=lambda entry: entry.name):
        try:
            reviewer = entry.load()
            _ = reviewer.dimension, reviewer.version, reviewer.languages
        except Exception as error:
            problems.append(f"{entry.name}: {type(error).__name__}: {error}".partition("\n")[0])
        else:
            found.append((entry.name, reviewer))
    return found, problems
