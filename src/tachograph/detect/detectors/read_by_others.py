"""Calls of tools that another agent of the same recipe run, or the same one at another step, had made with the same
arguments and got an answer to."""

from collections.abc import Iterator
from typing import Final

import numpy as np

from tachograph.detect.candidate import Candidate, losing_time
from tachograph.detect.excess import FEW
from tachograph.detect.scene import Scene
from tachograph.detect.tasks import each
from tachograph.detect.workers import home
from tachograph.measure.inference import Wholes
from tachograph.records.history import MISSING, Flags, Reals, Units

_RARE: Final = 0.01  # of all traces; what more of them call alike depends on what happened in between
_SHOWN: Final = 4  # agents that read again most


def detect(scene: Scene) -> Iterator[Candidate]:
    """One candidate a recipe whose agents read what had been read in the same run, by others or at another step."""
    recipes, calls = scene.history.recipes, _again(scene.history.tools)
    run = _run(scene, calls)
    lost = np.bincount(run[run >= 0], calls["duration"][run >= 0], minlength=len(recipes))
    for code, rows in each(recipes.codes("name"), FEW):
        inside = np.isin(run, rows)
        if inside.any():
            mine = recipes.take(rows)
            spent = np.minimum(lost[rows], mine["duration"])
            yield _candidate(recipes.words["name"].name(code), mine, spent, calls.take(inside))


def _again(tools: Units) -> Units:
    """Calls whose answer there was, with arguments that are of their trace: what all traces call alike, as `run_tests
    {}`, is another call each time. What an agent makes again at the same step is told of that agent."""
    traces = len(np.unique(tools.codes("trace_id")))
    rare: Flags = tools["traces_alike"] <= max(1.0, _RARE * traces)
    return tools.take((tools["answered"] > 0) & rare)


def _run(scene: Scene, calls: Units) -> Wholes:
    """For each call the row of the recipe run that its maker works in, MISSING where that is none."""
    recipes, workers = scene.history.recipes.words["span_id"], scene.workers.words["recipe_span_id"]
    row_of = {recipes.names[code]: row for row, code in enumerate(recipes.codes.tolist())}
    of_name = np.array([row_of.get(name, MISSING) for name in workers.names] or [MISSING], dtype=np.int64)
    of_worker = np.append(np.where(workers.codes >= 0, of_name[workers.codes], MISSING), MISSING)
    return np.asarray(of_worker[home(scene.workers, calls)])


def _candidate(recipe: str, mine: Units, lost: Reals, calls: Units) -> Candidate:
    (tool, *_), agents = _most(calls, "name"), _most(calls, "agent_name")[:_SHOWN]
    number = len(calls) / len(mine)
    return losing_time(
        mine,
        lost,
        cause="redundant_context",
        components=(recipe, tool, *agents),
        claim="observational",
        says=f"{recipe} loses {{effect}} to calls that one agent after the other makes with the same arguments, mostly "
        f"of {tool}: {number:.1f} times a run, {float(np.mean(calls['duration'])):.1f} s each",
        fixes=(
            f"hand on what {tool} returned from one agent of {recipe} to the next, with the work",
            f"keep what {tool} returned by its arguments as long as a run of {recipe} lasts, and answer from that",
        ),
        assumptions=("what was read has not changed since it was first read in that run",),
        remedy={"agent": recipe, "part": "redundant", "rereads": number, "resent_share": 0.0},
    )


def _most(calls: Units, column: str) -> list[str]:
    """Names by the time that calls with them took."""
    words = calls.words[column]
    time = np.bincount(words.codes[words.codes >= 0], calls["duration"][words.codes >= 0], minlength=len(words.names))
    return [words.name(code) for code in np.argsort(-time, kind="stable").tolist() if time[code] > 0]
