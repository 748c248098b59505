"""Versions and other attributes whose executions are slower, or fail more often, than the rest at the same tasks.

What came later is a regression, what is used beside the others all the time a difference; what is used no more is
neither. Nothing is held against a value of which something has been found, nor told of a component that loses
hardly more by it than was told of it before.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Final

import numpy as np
from scipy import special

from tachograph.detect.candidate import BAR, PERCENT, POINTS, Candidate
from tachograph.detect.contrasts import FEW, Contrast, contrasts, traces
from tachograph.detect.excess import by_worker
from tachograph.detect.in_use import came_later, went
from tachograph.detect.scene import Scene
from tachograph.detect.slopes import days
from tachograph.detect.tasks import each, tasks
from tachograph.measure.inference import Flags, Wholes, grouped, p_value, ranked_higher, within
from tachograph.records.history import Units

# What each attribute is called, and the category under which its change comes.
_VERSIONS: Final = {
    "version": ("version", ""),
    "prompt_version": ("prompt version", "agent_selection"),
    "release": ("release", "infrastructure"),
}
_MODEL: Final = {"model": ("model", "agent_selection")}
_OTHERS: Final = {
    "service_name": ("service", "infrastructure"),
    "host": ("host", "infrastructure"),
    "region": ("region", "infrastructure"),
    "environment": ("environment", "infrastructure"),
}
_VALUES_MAX: Final = 20
_ALIKE: Final = 3.0  # times as often one in a hundred is seen where days are alike by a half (decision 18)
_DAYS: Final = 6  # fewer clusters tell nothing about their spread


def regression_of_workers(scene: Scene) -> Iterator[Candidate]:
    """One candidate a worker and version that came after another one."""
    for name, units in _workers(scene):
        yield from _left(scene, {name}, _worse_since(scene, name, units, "agent_selection"))


def regression_of_recipes(scene: Scene) -> Iterator[Candidate]:
    """One candidate a recipe and version that came after another one."""
    for name, units in _recipes(scene):
        yield from _left(scene, scene.inside(name), _worse_since(scene, name, units, "recipe_execution"))


def regression_of_models(scene: Scene) -> Iterator[Candidate]:
    """One candidate an agent and model that took the place of another: its calls are surer than all that an agent
    does."""
    models = scene.history.models
    models = Units(models.numbers, {**models.words, "name": models.words["agent_name"]})  # what is alike
    for code, rows in each(models.codes("name"), 2 * FEW):
        calls, name = models.take(rows), models.words["name"].name(code)
        used = dict(_values(scene, calls, "model"))
        gone = {value for value, arm in used.items() if went(calls, arm)}
        for value, arm in used.items():
            if gone - {value} and came_later(calls, arm):
                pair = calls.words["model"].among({value, *gone})
                yield from _slower(name, calls.take(pair), arm[pair], value)


def _slower(name: str, calls: Units, arm: Flags, value: str) -> Iterator[Candidate]:
    for one in _candidates(name, calls, arm, ("model", value, "agent_selection"), "regression", arm):
        if one.unit == PERCENT:
            yield _of_calls(one, value, name, arm)


def _of_calls(one: Candidate, value: str, name: str, arm: Flags) -> Candidate:
    """Relative to the calls of the model, which is named first."""
    says = f"{value} takes longer at what {name} asks than the model whose place it took, which costs it {{effect}}"
    return replace(one, components=(value, name), rows=one.rows.take(arm), lost=one.lost[arm], says=says)


def attribute_difference(scene: Scene) -> Iterator[Candidate]:
    """One candidate a worker or recipe and attribute that no other value took the place of: its worst value."""
    for kind, some in (("agent_selection", _workers(scene)), ("recipe_execution", _recipes(scene))):
        for name, units in some:
            for column, (called, category) in {**_OTHERS, **_MODEL, **_VERSIONS}.items():
                found = [
                    one
                    for value, arm in _values(scene, units, column)
                    if column in _OTHERS or _is_used_beside(units, arm, column)
                    for one in _left(scene, {name}, _differing(name, units, arm, (called, value, category or kind)))
                ]
                for unit in dict.fromkeys(one.unit for one in found):
                    yield _worst([one for one in found if one.unit == unit])


def _differing(name: str, units: Units, arm: Flags, what: tuple[str, str, str]) -> Iterator[Candidate]:
    return _candidates(name, units, arm, what, "attribute_difference")


def _left(scene: Scene, names: set[str], found: Iterable[Candidate]) -> Iterator[Candidate]:
    """Those that are more than what something that was told of the same components may have left behind."""
    return (one for one in found if not scene.is_told(names, one.unit, one.estimate.value))


def _worst(found: Sequence[Candidate]) -> Candidate:
    """The surest of several, for as many as were tried (Bonferroni)."""
    p = [p_value(one.estimate, one.bar) for one in found]
    surest = int(np.argmin(p))
    return replace(found[surest], gate=min(1.0, len(found) * max(found[surest].gate, p[surest])))


def _workers(scene: Scene) -> Iterator[tuple[str, Units]]:
    for name, rows in by_worker(scene.workers, 2 * FEW):
        yield name, scene.workers.take(rows)


def _recipes(scene: Scene) -> Iterator[tuple[str, Units]]:
    recipes = scene.history.recipes
    for code, rows in each(recipes.codes("name"), 2 * FEW):
        yield recipes.words["name"].name(code), recipes.take(rows)


def _worse_since(scene: Scene, name: str, units: Units, kind: str) -> Iterator[Candidate]:
    for column, (called, category) in {**_VERSIONS, **_MODEL}.items():
        for value, arm in _values(scene, units, column):
            if _is_newer(units, arm, column):
                yield from _candidates(name, units, arm, (called, value, category or kind), "regression")


def _values(scene: Scene, units: Units, column: str) -> Iterator[tuple[str, Flags]]:
    words = units.words[column]
    often = {words.name(code): words.codes == code for code, _ in each(words.codes, FEW)}
    if 2 <= len(often) <= _VALUES_MAX and scene.known.isdisjoint(often):
        yield from often.items()


def _is_newer(units: Units, arm: Flags, column: str) -> bool:
    """Whether a value came later; a model in the place of the others, for one more to choose from is no new version."""
    return came_later(units, arm) and (column not in _MODEL or went(units, ~arm))


def _is_used_beside(units: Units, arm: Flags, column: str) -> bool:
    return not _is_newer(units, arm, column) and not went(units, arm)


def _candidates(
    name: str, units: Units, arm: Flags, what: tuple[str, str, str], cause: str, of: Flags | None = None
) -> Iterator[Candidate]:
    called, value, category = what
    for found, beside in _surest(units, arm, of):
        yield Candidate(
            gate=max(_ranked(units, arm, found.unit), 0.0 if beside else _of_times(found)),
            cause=cause,
            components=(name, value),
            unit=found.unit,
            estimate=found.estimate,
            rows=units,
            lost=found.lost,
            claim="observational",
            says=f"{name} loses {{effect}} since {called} {value}" if cause == "regression" else
            f"{name} loses {{effect}} with {called} {value}, which {_does(found)} than the others",
            fixes=(
                f"look at what {called} {value} of {name} changed; going back gives the old level",
                f"compare the two traces: tachograph compare, then tachograph trace of the worst with {value}",
            ),
            assumptions=(
                f"executions with and without {value} on the same days are alike" if beside else
                f"nothing else changed when {called} {value} came: no other ran at the same time",
            ),
            remedy={"component": name, "attribute": called, "value": value, "category": category},
        )  # fmt: skip


def _ranked(units: Units, arm: Flags, unit: str) -> float:
    """How likely traces are as slow among all by chance: errors from few of them are too small."""
    if unit == POINTS:
        return 0.0
    time, alike = np.log(np.maximum(units["duration"], 1e-6)), grouped(tasks(units), units.codes("name"))
    left = within(time, [alike], units["weight"])
    _, first, trace = np.unique(units.codes("trace_id"), return_index=True, return_inverse=True)
    return float(special.ndtr(-ranked_higher(np.bincount(trace, left) / np.bincount(trace), arm[first])))


def _of_times(found: Contrast) -> float:
    """Days that follow each other are alike, of which the error of times that stand apart knows nothing."""
    return min(1.0, _ALIKE * p_value(found.estimate, BAR[found.unit]))


def _does(found: Contrast) -> str:
    return "succeeds less often" if found.unit == POINTS else "takes longer"


def _surest(units: Units, arm: Flags, of: Flags | None = None) -> Iterator[tuple[Contrast, bool]]:
    """Within a task, a day being a cluster; and within a task and a day, where both ran on the same days.

    The first takes what differs between days for an effect, the second cannot use it. Of the two the surer one counts,
    whatever it says; with it whether days were compared with themselves.
    """
    task, day = grouped(tasks(units), units.codes("name")), days(units)
    enough = len(np.unique(day)) >= _DAYS
    apart = {one.unit: one for one in contrasts(units, arm, [task], day if enough else traces(units), of)}
    same_day = contrasts(units, arm, [task, day], traces(units), of) if _coexist(day, arm) else ()
    beside = {one.unit: one for one in same_day}
    for unit in dict.fromkeys((*apart, *beside)):
        tried = [(one[unit], of) for one, of in ((apart, False), (beside, True)) if unit in one]
        yield min(tried, key=lambda one: one[0].estimate.error)


def _coexist(day: Wholes, arm: Flags) -> bool:
    both = np.isin(day[arm], np.unique(day[~arm]))
    return len(np.unique(day[arm][both])) >= 2 and int(both.sum()) >= 2 * FEW
