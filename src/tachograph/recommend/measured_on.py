"""What a change is measured on: the executions, or calls, of the component that it is about."""

from typing import Final

import numpy as np

from tachograph.records.history import Flags, History, Units

# The roles in which a name is looked for, in this order, with the table and the column that has it.
ROLES: Final = (
    ("recipe", "recipes", "name"),
    ("agent", "agents", "name"),
    ("step", "steps", "name"),
    ("command", "commands", "name"),
    ("tool", "tools", "name"),
    ("model", "models", "model"),
    ("server", "models", "server"),
    ("task class", "agents", "task_class"),
)


def role_of(history: History, component: str) -> str:
    """The role of a component by its name; empty where nothing in the history has it."""
    return next((role for role, *_ in ROLES if len(executions(history, role, component))), "")


def executions(history: History, role: str, component: str) -> Units:
    """The executions, or calls, of a component."""
    for known, table, column in ROLES:
        if known == role:
            units: Units = getattr(history, table)
            return units.take(_of(units, column, component, role))
    return history.recipes.take(np.zeros(0, dtype=np.int64))


def _of(units: Units, column: str, component: str, role: str) -> Flags:
    if column not in units.words:
        return np.zeros(len(units), dtype=np.bool_)
    recipe, slash, step = component.partition("/")
    if role == "step" and slash:
        return units.words["recipe_name"].is_(recipe) & units.words[column].is_(step)
    return units.words[column].is_(component)


def rivals(history: History, role: str) -> int:
    """Among how many components of this role the worst was looked for."""
    for known, table, column in ROLES:
        if known == role:
            units: Units = getattr(history, table)
            return max(1, len(np.unique(units.codes(column)))) if column in units.words else 1
    return 1


def weeks(history: History) -> float:
    """The time from the first to the last execution, in weeks, at least a day."""
    tables = [units for units in (history.recipes, history.agents, history.commands, history.steps) if len(units)]
    if not tables:
        return 1 / 7
    span = max(float(units["end"].max()) for units in tables) - min(float(units["start"].min()) for units in tables)
    return max(span, 86_400.0) / (7 * 86_400.0)
