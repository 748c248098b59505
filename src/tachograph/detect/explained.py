"""A scene without what accepted candidates explain, so that nothing is found a second time under another name."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Final

import numpy as np

from tachograph.detect.candidate import PERCENT, POINTS, Candidate
from tachograph.detect.scene import Scene
from tachograph.records.history import Reals, Units

_ENDING: Final = ("error_pattern", "oversized_context")  # that say which executions they made fail


def without(scene: Scene, explained: Sequence[Candidate]) -> Scene:
    """Every unit shortened by the seconds that are explained in it or beneath it."""
    seconds: dict[str, float] = {}
    for candidate in explained:
        if candidate.unit == PERCENT:
            _add(seconds, candidate)
    recorded = scene.as_recorded
    scene = _succeeding(scene, [one for one in explained if one.unit == POINTS and one.cause in _ENDING])
    history = scene.history
    lost = {"workers": _lost(scene.workers, seconds), "agents": _lost(history.agents, seconds)}
    steps = _with_beneath(history.steps, "span_id", history.agents, "parent_id", lost["agents"], seconds)
    recipes = _with_beneath(history.recipes, "span_id", scene.workers, "recipe_span_id", lost["workers"], seconds)
    return Scene(
        replace(
            history,
            agents=_shorter(history.agents, lost["agents"]),
            steps=_shorter(history.steps, steps),
            recipes=_shorter(history.recipes, recipes),
        ),
        _shorter(scene.workers, lost["workers"]),
        scene.runs,
        _told(scene, explained),
        recorded,
    )


def _told(scene: Scene, explained: Sequence[Candidate]) -> dict[tuple[str, str], float]:
    told = dict(scene.explained)
    for one in explained:
        for name in _named(one, scene.history.agents):
            told[name, one.unit] = told.get((name, one.unit), 0.0) + one.estimate.value
    return told


def _named(candidate: Candidate, agents: Units) -> Sequence[str]:
    """What the finding is about; of an error only where it concentrates, for its cases are taken out themselves. Agents
    that are named beside a step or another agent may have a matter of their own."""
    if "condition" in candidate.remedy:
        return tuple(candidate.remedy["condition"].values())
    first, *others = candidate.components
    return first, *(name for name in others if name not in agents.words["name"].names)


def _succeeding(scene: Scene, errors: Sequence[Candidate]) -> Scene:
    """Executions that ended for an explained reason say nothing about who is good at what: they count as successes."""
    ended = {name for one in errors for name in _ended(one)}
    history = replace(scene.history, agents=_well(scene.history.agents, ended))
    return replace(scene, history=history, workers=_well(scene.workers, ended))


def _ended(error: Candidate) -> Iterator[str]:
    """The executions that an error ended; of calls those that made them."""
    words = error.rows.words[_execution(error)]
    yield from (words.names[code] for code in words.codes[error.lost > 0].tolist() if code >= 0)


def _execution(candidate: Candidate) -> str:
    """The column that says which execution a row is part of: a call is part of the one that made it."""
    return "span_id" if "partial" in candidate.rows.numbers else "parent_id"


def _well(units: Units, ended: set[str]) -> Units:
    words = units.words["span_id"]
    explained = np.array([name in ended for name in words.names] or [False])[words.codes]
    return Units({**units.numbers, "success": np.where(explained, 1.0, units["success"])}, units.words)


def _add(seconds: dict[str, float], candidate: Candidate) -> None:
    """What the same execution loses to several causes is at most what it lost to the worst, plus the rest."""
    words = candidate.rows.words[_execution(candidate)]
    for code, lost in zip(words.codes.tolist(), candidate.lost.tolist(), strict=True):
        if code >= 0:
            seconds[words.names[code]] = seconds.get(words.names[code], 0.0) + lost


def _lost(units: Units, seconds: dict[str, float]) -> Reals:
    words = units.words["span_id"]
    by_code = np.array([seconds.get(name, 0.0) for name in words.names] or [0.0])
    return by_code[words.codes]


def _with_beneath(above: Units, key: str, below: Units, parent: str, lost: Reals, seconds: dict[str, float]) -> Reals:
    sums: dict[str, float] = {}
    words = below.words[parent]
    for code, amount in zip(words.codes.tolist(), lost.tolist(), strict=True):
        if code >= 0 and amount:
            sums[words.names[code]] = sums.get(words.names[code], 0.0) + amount
    names = above.words[key]
    beneath = np.array([sums.get(name, 0.0) for name in names.names] or [0.0])[names.codes]
    own = _lost(above, seconds)
    return np.where(own != 0, own, beneath)


def _shorter(units: Units, lost: Reals) -> Units:
    """At most nine tenths are taken: something was done in that time."""
    time = units["duration"]
    return Units({**units.numbers, "duration": np.maximum(time - lost, 0.1 * time)}, units.words)
