"""Recipes: which agents work on an issue, and in which order."""

from dataclasses import dataclass
from importlib.resources import files
from typing import Any

import yaml


class RecipeError(Exception):
    """A recipe is unknown, or names a step or an agent that does not exist."""


@dataclass(frozen=True)
class Step:
    """One agent's part in a recipe."""

    name: str
    agent: str
    depends_on: list[str]
    index: int
    retries: int = 0


@dataclass(frozen=True)
class Recipe:
    """Steps towards one goal, and the time a person takes for the same work."""

    name: str
    version: str
    description: str
    steps: list[Step]
    manual_seconds: float
    workers: int = 1


def recipe_names() -> list[str]:
    """Return the names of all recipes."""
    names = (entry.name for entry in files(__name__).iterdir())
    return sorted(name.removesuffix(".yaml") for name in names if name.endswith(".yaml"))


def load_recipe(name: str) -> Recipe:
    """Read one recipe."""
    if name not in recipe_names():
        raise RecipeError(f"unknown recipe {name}; known are {', '.join(recipe_names())}")
    text = files(__name__).joinpath(f"{name}.yaml").read_text(encoding="utf-8")
    return parse_recipe(yaml.safe_load(text))


def parse_recipe(data: dict[str, Any]) -> Recipe:
    """Turn the content of a recipe file into a recipe."""
    steps = [
        Step(step["name"], step["agent"], step.get("depends_on", []), index, step.get("retries", 0))
        for index, step in enumerate(data["steps"])
    ]
    return Recipe(
        data["name"],
        str(data["version"]),
        data["description"],
        steps,
        60.0 * data["manual_minutes"],
        data.get("workers", 1),
    )
