"""Who asks for what, and when."""

import math
import random
from dataclasses import dataclass, field
from typing import Any

from detection import spans as name
from detection.agency import COMPLEXITIES, Agency, Recipe, Release
from detection.chance import Chance

DAY = 86_400.0


@dataclass
class Run:
    """One execution of a recipe: what was asked, by whom, when."""

    number: int
    recipe: Recipe
    complexity: int
    user: str
    session: str
    start: float
    place: int  # in a burst of executions
    chance: Chance
    ids: random.Random
    trace: str = ""
    failed: bool = False
    versions: dict[tuple[str, str], Release | None] = field(default_factory=dict)

    @property
    def day(self) -> float:
        return self.start / DAY

    def common(self) -> dict[str, Any]:
        return {
            name.RECIPE: self.recipe.name,
            name.COMPLEXITY: COMPLEXITIES[self.complexity],
            "user.id": self.user,
            "session.id": self.session,
        }


def arrivals(agency: Agency, executions: int) -> list[Run]:
    """People start some executions at once, on weekdays, more about noon."""
    chance = Chance(agency.seed, "arrivals")
    made: list[Run] = []
    burst = 0
    while len(made) < executions:
        draw = chance.of(burst)
        day = draw.choice([day for day in range(agency.days) if day % 7 < 5])
        moment = day * DAY + min(max(draw.gauss(13, 2.6), 6), 21) * 3600
        user = f"user-{int(draw.triangular(0, 12, 0))}"
        count = min(1 + int(draw.expovariate(1 / agency.burst)), 3 * agency.burst, executions - len(made))
        for place in range(count):
            made.append(_run(agency, len(made), user, f"session-{burst}", moment, place))
            moment += draw.expovariate(1 / 12)
        burst += 1
    return made


def _run(agency: Agency, number: int, user: str, session: str, start: float, place: int) -> Run:
    chance = Chance(agency.seed, "run", number)
    draw = chance.of("task")
    recipes = list(agency.recipes.values())
    recipe = draw.choices(recipes, [each.weight for each in recipes])[0]
    hard = recipe.hard + (0.25 if start / DAY > agency.harder_from else 0) + agency.busy_is_hard * busy(start)
    complexity = draw.choices((0, 1, 2), (0.35, 0.4, min(hard / (1 - min(hard, 0.9)), 4) * 0.75))[0]
    ids = chance.of("ids")
    return Run(number, recipe, complexity, user, session, start, place, chance, ids, f"{ids.getrandbits(128):032x}")


def busy(moment: float) -> float:
    """0 at night, 1 at the busiest hour."""
    return math.exp(-((((moment % DAY) / 3600 - 13) / 3) ** 2))
