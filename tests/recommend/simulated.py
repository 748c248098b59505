"""Histories made of luck alone, for tests of what is measured before and after a change."""

import random
from collections.abc import Sequence

import numpy as np

from tachograph.records import Applied
from tachograph.records.history import History, Units, Words

NANOSECONDS = 1_000_000_000


def recipes(runs: Sequence[tuple[str, float, float, str]], *, success: Sequence[bool] | None = None) -> Units:
    """Executions of recipes: (recipe, start in seconds, duration in seconds, complexity)."""
    numbers = {
        "start": np.array([run[1] for run in runs], dtype=np.float64),
        "end": np.array([run[1] + run[2] for run in runs], dtype=np.float64),
        "duration": np.array([run[2] for run in runs], dtype=np.float64),
        "success": np.array(success if success is not None else [True] * len(runs), dtype=np.float64),
        "weight": np.ones(len(runs)),
    }
    return Units(numbers, {
        "name": words([run[0] for run in runs]),
        "recipe_name": words([run[0] for run in runs]),
        "complexity": words([run[3] for run in runs]),
        "task_class": words(["fix"] * len(runs)),
        "trace_id": words([f"{run[0]}/{run[1]}" for run in runs]),
    })  # fmt: skip


def words(names: Sequence[str]) -> Words:
    """A column of names."""
    index = {name: place for place, name in enumerate(dict.fromkeys(names))}
    return Words(np.array([index[name] for name in names], dtype=np.int64), tuple(index))


def history(units: Units) -> History:
    """A history of recipes only."""
    none = units.take(np.zeros(0, dtype=np.int64))
    return History(none, units, none, none, none, none, float(len(units)))


def applied(
    predicted: float = -30.0, *, component: str = "ship", at: float = 1_000.0, claim: str = "simulated",
    rivals: int = 1, since: float = 0.0, measure: str = "p50_duration",
) -> Applied:  # fmt: skip
    """An applied recommendation for a recipe; times in seconds."""
    return Applied(
        "r1", int(at * NANOSECONDS), "Run a beside b", "", claim, "recipe", component, measure, predicted, predicted,
        predicted - 5, predicted + 5, rivals, int(since * NANOSECONDS), int(at * NANOSECONDS), "{}",
    )  # fmt: skip


def lucky(chance: random.Random, names: Sequence[str], count: int, start: float, factor: float = 1.0) -> Units:
    """`count` executions of each recipe, log-normal around 10 s times `factor`, 1 s apart."""
    runs = [
        (name, start + number, 10 * factor * chance.lognormvariate(0, 0.3), ("simple", "complex")[number % 2])
        for name in names
        for number in range(count)
    ]
    return recipes(runs)
