"""What an injection is, how its components are chosen, and the causes by category."""

import random
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from detection.agency import Agency

STRENGTHS = (1, 2, 3, 4, 5)
CATEGORIES = {
    "context": ("oversized_context", "slow_context_preparation", "redundant_context"),
    "agent_selection": ("wrong_agent", "agent_sequence", "missing_specialist", "underutilised_agent"),
    "recipe_execution": ("step_order", "unnecessary_sequential_dependency", "resource_contention", "retry_loop"),
    "infrastructure": ("network_latency", "memory_pressure", "cpu_pressure"),
}
CATEGORY = {cause: category for category, causes in CATEGORIES.items() for cause in causes}
ANY = "any"  # the category of what is found by when or where it happens, whatever its cause

Change = Callable[[Agency], None]


@dataclass
class Injection:
    """A fault: `prepare` makes the world in which it can be, with and without it; `harm` is the fault itself.

    `names` are components of which a right finding names one; `also` are causes that may be told of them, or of
    `others`, without being false; `whole` says that the effect on these components counts, whichever is named.
    """

    cause: str
    category: str
    form: str
    strength: int
    names: frozenset[str]
    prepare: Change
    harm: Change
    also: frozenset[str] = frozenset()
    others: frozenset[str] = frozenset()
    whole: tuple[str, ...] = ()


@dataclass
class Choice:
    """Takes components of an agency so that no two faults share one."""

    agency: Agency
    draw: random.Random
    used: set[str] = field(default_factory=set)

    def form(self, *forms: str) -> str:
        return self.draw.choice(forms)

    def agent(self) -> str:
        return self._take(sorted(self.agency.agents))

    def task_class(self) -> str:
        """One of the four classes that most steps have, and with agents of its own where there is one."""
        common = sorted(self.agency.pools, key=lambda each: -len(self.agency.steps_of_class(each)))[:4]
        free = [each for each in common if self.used.isdisjoint(self.agency.pools[each])]
        return self._take(free or common)

    def another(self, *but: str) -> str:
        """An agent besides these, free where there is one."""
        others = [each for each in sorted(self.agency.agents) if each not in but]
        return next((each for each in others if each not in self.used), others[0])

    def recipe(self) -> str:
        return self._take(list(self.agency.recipes))

    def chain(self) -> str:
        """A recipe of which every step needs the one before."""
        return self._take([each.name for each in self.agency.recipes.values() if each.workers == 1])

    def _take(self, names: list[str]) -> str:
        free = [name for name in names if name not in self.used] or names
        chosen = self.draw.choice(free)
        self.used.add(chosen)
        return chosen


def nothing(agency: Agency) -> None:
    """No change."""


def injection(
    cause: str,
    form: str,
    strength: int,
    names: Iterable[str],
    harm: Change,
    prepare: Change = nothing,
    also: Iterable[str] = (),
    others: Iterable[str] = (),
    whole: tuple[str, ...] = (),
) -> Injection:
    """An injection in the category of its cause."""
    category = CATEGORY.get(cause, ANY)
    sets = (frozenset(also), frozenset(others))
    return Injection(cause, category, form, strength, frozenset(names), prepare, harm, *sets, whole)


def of_agent(choice: Choice, agent: str) -> set[str]:
    """The agent and the steps that it may get."""
    return {agent, *choice.agency.steps_of_agent(agent)}
