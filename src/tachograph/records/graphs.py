"""A recipe as its steps and what each waits for, as it ran in a window."""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class GraphStep:
    """A step of a recipe over all executions of a window; medians in ms, shares 0-1.

    `depends_on` names the steps that end before this one starts: as the recipe says, or where `declared` is false as
    it was observed. `critical_share` is the median share of the recipe's time during which this step held it up.
    """

    name: str
    depends_on: list[str]
    declared: bool
    executions: int
    p50_duration_ms: float | None
    success_rate: float | None
    critical_share: float | None


@dataclass(frozen=True, slots=True)
class RecipeGraph:
    """The steps of a recipe as a graph, in the order in which they start.

    `critical_path` names the steps that held up a typical execution, first to last.
    """

    recipe_name: str
    executions: int
    steps: list[GraphStep] = field(default_factory=list)
    critical_path: list[str] = field(default_factory=list)
