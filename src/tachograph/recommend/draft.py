"""What a remedy proposes for a finding: a change, how to make it, and what it takes; not yet what it brings."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from tachograph.measure.replay import Change
from tachograph.recommend.recipe_file import RecipeFile
from tachograph.records import BottleneckDetection

CATEGORIES: Final = {"agent_selection": "agent_optimization", "recipe_execution": "recipe_optimization"}

# Changes that work against each other on the same component: more at once and less at once, one order and another,
# a new agent and more work for an old one.
AGAINST: Final = (
    frozenset({"parallelise", "limit"}),
    frozenset({"parallelise", "reorder"}),
    frozenset({"fail_fast", "parallelise"}),
    frozenset({"fail_fast", "reorder"}),
    frozenset({"route", "specialist"}),
    frozenset({"roll_back", "route"}),
    frozenset({"merge_steps", "parallelise"}),
    frozenset({"merge_steps", "reorder"}),
    frozenset({"prune", "share_context"}),
)


@dataclass(frozen=True, slots=True)
class Draft:
    """A proposed change.

    `kind` and `about` make its identity: drafts that share both are one change. `hours` is the effort. `touches` are
    the components that it changes. `change` is what replay is asked with, for the recipe `recipe`; `edit` what is done
    to the recipe's file.
    """

    kind: str
    about: str
    title: str
    description: str
    steps: tuple[str, ...]
    hours: float
    findings: tuple[BottleneckDetection, ...]
    touches: frozenset[str]
    category: str = ""
    recipe: str | None = None
    change: Change | None = None
    edit: Callable[[RecipeFile], str | None] | None = None
    measured_on: str = ""  # where it is not the finding's first component

    @property
    def component(self) -> str:
        """What it is measured on."""
        return self.measured_on or self.first.affected_components[0]

    @property
    def first(self) -> BottleneckDetection:
        """The finding that matters most."""
        return self.findings[0]


def of(
    finding: BottleneckDetection, kind: str, title: str, hours: float, *steps: str, about: str = "", why: str = ""
) -> Draft:
    """A draft for a finding, about its first component."""
    about = about or finding.affected_components[0]
    return Draft(
        kind=kind,
        about=about,
        title=title,
        description=f"{finding.description}. {why.rstrip('.')}." if why else f"{finding.description}.",
        steps=tuple(step for step in steps if step),
        hours=hours,
        findings=(finding,),
        touches=frozenset({about, finding.affected_components[0]}),
        category=CATEGORIES.get(finding.category, "tool_optimization"),
    )
