"""Where work is done: agents, the steps and commands that do theirs without one."""

from collections.abc import Sequence

import numpy as np

from tachograph.records.history import MISSING, History, Reals, Units, Wholes, Words


def workers(history: History) -> Units:
    """Agents, and steps and commands that call models or tools themselves, as units of one table.

    The column `worker` has the name to report: the agent's, `recipe/step`, or the command's.
    """
    parts = [
        _named(history.agents, history.agents.words["name"]),
        _named(_without(history.steps, history.agents), None),
        _named(_without(history.commands, history.agents, history.recipes), history.commands.words["name"]),
    ]
    return joined(parts)


def _without(units: Units, *below: Units) -> Units:
    """Units that have none of the others directly below them."""
    parents = set[str]()
    for others in below:
        words = others.words["parent_id"]
        parents |= {words.names[code] for code in np.unique(words.codes) if code >= 0}
    mine = units.words["span_id"]
    has = np.array([name in parents for name in mine.names], dtype=np.bool_)
    return units.take(~has[mine.codes] if len(has) else np.zeros(0, dtype=np.int64))


def _named(units: Units, names: Words | None) -> Units:
    words = step_names(units) if names is None else Words(units.codes("name"), names.names)
    return Units(units.numbers, {**units.words, "worker": words})


def home(units: Units, parts: Units) -> Wholes:
    """For each part the row of the unit that it is directly in, MISSING where that is none of them."""
    row_of = {units.words["span_id"].names[code]: row for row, code in enumerate(units.codes("span_id").tolist())}
    parent = parts.words["parent_id"]
    rows = np.array([row_of.get(name, MISSING) for name in parent.names] or [MISSING], dtype=np.int64)
    return np.where(parent.codes >= 0, rows[parent.codes], MISSING)


def summed(units: Units, parts: Units, amount: Reals) -> Reals:
    """For each unit the sum of an amount over the parts that are directly in it."""
    at = home(units, parts)
    inside = at >= 0
    return np.bincount(at[inside], amount[inside], minlength=len(units)).astype(np.float64)


def step_names(units: Units) -> Words:
    """`recipe/step` for each step."""
    recipe, step = units.words["recipe_name"], units.words["name"]
    pairs, codes = np.unique(np.stack([recipe.codes, step.codes]), axis=1, return_inverse=True)
    names = tuple(
        f"{recipe.names[r]}/{step.names[s]}" if r >= 0 else step.names[s] for r, s in zip(*pairs.tolist(), strict=True)
    )
    return Words(np.asarray(codes, dtype=np.int64).reshape(-1), names)


def joined(tables: Sequence[Units]) -> Units:
    """Units of several tables as one, in order of time."""
    parts = [part for part in tables if len(part)] or tables[:1]
    numbers = {name: np.concatenate([part[name] for part in parts]) for name in parts[0].numbers}
    words = {name: _joined_words([part.words[name] for part in parts]) for name in parts[0].words}
    made = Units(numbers, words)
    return made.take(np.argsort(made["start"], kind="stable"))


def _joined_words(columns: list[Words]) -> Words:
    index: dict[str, int] = {}
    codes: list[Wholes] = []
    for column in columns:
        places = np.array([index.setdefault(name, len(index)) for name in column.names] or [-1], dtype=np.int64)
        codes.append(np.where(column.codes >= 0, places[column.codes], -1))
    return Words(np.concatenate(codes), tuple(index))
