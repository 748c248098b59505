"""Two windows compared: which components made executions slower, or fail more often, ranked by their part in it.

Times are compared within tasks (recipe, class, complexity), with the mix of tasks that the candidate has; what the mix
itself changed stands beside them (direct standardisation). Components of one kind do not overlap, so that their shares
add up; a step holds its agents, and an agent its calls, so kinds do.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from scipy import special

from tachograph.detect.tasks import each
from tachograph.detect.workers import step_names
from tachograph.measure.inference import Estimated, Reals, Wholes, q_values
from tachograph.records import Difference, Evidence
from tachograph.records.history import History, Units, Words

_EXAMPLES: Final = 3
_NEVER: Final = 1.0
MIX: Final = "mix"
_VERSION_OF: Final = {"agent": "version", "step": "prompt_version"}


@dataclass(frozen=True, slots=True)
class _Window:
    """The executions of one window: their task, and how to find the one in which a unit lies."""

    top: Units
    task: list[tuple[str | None, ...]]
    row_of: dict[str, int]


def compare(baseline: History, candidate: History, recipe: str | None = None) -> list[Difference]:
    """What changed from the baseline to the candidate, the largest part of the change first."""
    before, after = _window(baseline, recipe), _window(candidate, recipe)
    if not len(before.top) or not len(after.top):
        return []
    tasks = [task for task in dict.fromkeys(after.task) if task in set(before.task)]
    whole = _effect(before, after, tasks, _sums(before, before.top, None)[0], _sums(after, after.top, None)[0])
    failing = _effect(before, after, tasks, 1 - before.top["success"], 1 - after.top["success"])
    found = list(_differences(baseline, candidate, before, after, tasks))
    made = _ranked(found, whole, failing)
    mixed = _mixed(before, after, whole)
    return made if mixed is None else sorted([*made, mixed], key=_importance)


def _window(history: History, recipe: str | None) -> _Window:
    """Executions that no other encloses, of one recipe where one is named."""
    units = history.recipes if len(history.recipes) else history.agents if len(history.agents) else history.commands
    top = units.take(units.codes("parent_id") < 0)
    if recipe is not None:
        top = top.take(top.words["name"].is_(recipe))
    task = list(zip(*[_names(top.words[name]) for name in ("name", "task_class", "complexity")], strict=True))
    words = top.words["trace_id"]
    return _Window(top, task, {words.names[code]: row for row, code in enumerate(words.codes.tolist())})


def _names(words: Words) -> list[str | None]:
    return [words.names[code] if code >= 0 else None for code in words.codes.tolist()]


def _sums(window: _Window, units: Units, rows: Wholes | None) -> tuple[Reals, Reals]:
    """For each execution the seconds in some units, and whether one of them failed."""
    chosen = units if rows is None else units.take(rows)
    words = chosen.words["trace_id"]
    places = np.array([window.row_of.get(name, -1) for name in words.names] or [-1], dtype=np.int64)[words.codes]
    inside = (words.codes >= 0) & (places >= 0)
    seconds, failed = np.zeros(len(window.top)), np.zeros(len(window.top))
    np.add.at(seconds, places[inside], chosen["duration"][inside])
    np.maximum.at(failed, places[inside], 1 - chosen["success"][inside])
    return seconds, failed


def _effect(before: _Window, after: _Window, tasks: Sequence[object], old: Reals, new: Reals) -> Estimated:
    """The change of a mean, task by task, weighted as the candidate's tasks are."""
    value = variance = share = 0.0
    freedom = 0
    for task in tasks:
        was, is_ = (
            values[np.array([one == task for one in window.task])] for window, values in ((before, old), (after, new))
        )
        weight = len(is_) / len(after.task)
        share += weight
        value += weight * float(np.mean(is_) - np.mean(was))
        variance += weight**2 * (_squared_error(was) + _squared_error(is_))
        freedom += len(was) + len(is_) - 2
    scale = 1 / share if share else 1.0
    return Estimated(value * scale, variance**0.5 * scale, freedom, max(freedom, 1) + 1)


def _squared_error(values: Reals) -> float:
    return float(np.var(values, ddof=1)) / len(values) if len(values) > 1 else float(np.square(values).sum())


@dataclass(frozen=True, slots=True)
class _Found:
    component: str
    kind: str
    time: Estimated
    failing: Estimated
    evidence: Evidence


def _differences(
    baseline: History, candidate: History, before: _Window, after: _Window, tasks: Sequence[object]
) -> Iterator[_Found]:
    for kind, old, new in _kinds(baseline, candidate):
        old_names, new_names = (step_names(units) if kind == "step" else units.words["name"] for units in (old, new))
        for name in sorted({*_used(old_names), *_used(new_names)}):
            was, failed = _sums(before, old, np.flatnonzero(old_names.is_(name)))
            is_, fails = _sums(after, new, np.flatnonzero(new_names.is_(name)))
            time = _effect(before, after, tasks, was, is_)
            failing = _effect(before, after, tasks, failed, fails)
            evidence = _evidence(after, is_ if time.value >= 0 else -is_)
            found = _Found(name, kind, time, failing, evidence)
            yield found
            yield from _version(found, old.take(old_names.is_(name)), new.take(new_names.is_(name)))


def _kinds(baseline: History, candidate: History) -> Iterator[tuple[str, Units, Units]]:
    for kind in ("steps", "agents", "tools", "models", "commands"):
        yield kind[:-1], getattr(baseline, kind), getattr(candidate, kind)


def _used(words: Words) -> set[str]:
    return {words.names[code] for code in np.unique(words.codes).tolist() if code >= 0}


def _version(found: _Found, old: Units, new: Units) -> Iterator[_Found]:
    """The same for a version that most of the candidate's executions have and none of the baseline's."""
    column = _VERSION_OF.get(found.kind)
    known = {code: len(rows) for code, rows in each(new.codes(column))} if column else {}
    if column and known:
        most = max(known, key=lambda code: known[code])
        version = new.words[column].name(most)
        if known[most] > len(new) / 2 and not old.words[column].is_(version).any():
            yield replace(found, component=f"{found.component}@{version}", kind="version")


def _evidence(after: _Window, amount: Reals) -> Evidence:
    order = np.argsort(-amount, kind="stable")[:_EXAMPLES]
    names = [
        [after.top.words[column].names[code] for code in after.top.codes(column)[order].tolist()]
        for column in ("execution_id", "trace_id")
    ]
    return Evidence(*names)


def _ranked(found: Sequence[_Found], whole: Estimated, failing: Estimated) -> list[Difference]:
    if not found:
        return []
    p = np.array([min(_p(one.time), _p(one.failing)) * 2 for one in found]).clip(0, 1)
    made = [_one(one, float(q), whole, failing) for one, q in zip(found, q_values(p), strict=True)]
    return sorted((one for one in made if one.effect_ms or one.effect_pp), key=_importance)


def _p(estimate: Estimated) -> float:
    """Two-sided, that there is no change."""
    if estimate.error <= 0:
        return 0.0 if estimate.value else _NEVER
    return 2 * float(special.stdtr(max(estimate.clusters - 1, 1), -abs(estimate.value) / estimate.error))


def _one(found: _Found, q: float, whole: Estimated, failing: Estimated) -> Difference:
    part, total = (found.time.value, whole.value) if _is_time(whole, failing) else (found.failing.value, failing.value)
    return Difference(
        component=found.component,
        kind=found.kind,
        effect_ms=round(1000 * found.time.value, 3),
        effect_pp=round(-100 * found.failing.value, 3),
        share_pct=round(100 * part / total, 2) if total else 0.0,
        q_value=q,
        evidence=found.evidence,
    )


def _is_time(whole: Estimated, failing: Estimated) -> bool:
    """Whether it is the time that changed more surely than the successes."""
    return _p(whole) <= _p(failing)


def _importance(one: Difference) -> tuple[bool, float]:
    """What surely changed first, by its part of the change."""
    return one.q_value > 0.1, -abs(one.share_pct)


def _mixed(before: _Window, after: _Window, whole: Estimated) -> Difference | None:
    """What other tasks, and not other times at the same tasks, changed."""
    change = float(np.mean(after.top["duration"]) - np.mean(before.top["duration"]))
    mixed = change - whole.value
    if abs(mixed) <= 1e-9 or not change:
        return None
    return Difference(
        "task mix", MIX, round(1000 * mixed, 3), 0.0, round(100 * mixed / change, 2), _NEVER, Evidence([], [])
    )
