"""Tools whose calls fail, whoever makes them, where those of other tools do not, and take executions down with them."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Final

import numpy as np

from tachograph.detect.candidate import BAR, POINTS, Candidate
from tachograph.detect.concentration import CASES, short
from tachograph.detect.refusals import was_refused
from tachograph.detect.scene import Scene
from tachograph.detect.tasks import each
from tachograph.detect.workers import home
from tachograph.measure.inference import Flags, Wholes, as_many, more_often, share
from tachograph.records.history import Units, Words

_LIFT: Final = 3.0  # times as often as calls of other tools
_MOSTLY: Final = 2 / 3  # of the cases, from which on they are the matter of one agent
_SHOWN: Final = 2  # of the agents that call it


def detect(scene: Scene) -> Iterator[Candidate]:
    """One candidate a tool and type of error that several agents meet."""
    tools, workers = scene.history.tools, scene.workers
    at = home(workers, tools)
    calls, at = tools.take(at >= 0), at[at >= 0]
    failed, errors = (calls["success"] == 0) & ~was_refused(calls), _errors(calls.words["error_type"])
    for code, rows in each(np.where(failed, errors.codes, -1), CASES):
        says = failed & (errors.codes == code)
        tried = [tool for tool, _ in each(calls.codes("name")[rows], CASES)]
        for tool in tried:
            arm = calls.codes("name") == tool
            if _is_the_tools(workers, at, says & arm) and _is_more(says, arm):
                found = _candidate(workers, at, arm, says & arm, calls.words["name"].name(tool), errors.name(code))
                yield replace(found, gate=min(1.0, len(tried) * more_often(says, arm)))


def _errors(told: Words) -> Words:
    """Types of errors, also where none was told."""
    return Words(np.where(told.codes >= 0, told.codes, len(told.names)), (*told.names, "an error"))


def _is_more(says: Flags, arm: Flags) -> bool:
    return bool((~arm).any() and says[arm].mean() >= _LIFT * says[~arm].mean())


def _is_the_tools(workers: Units, at: Wholes, cases: Flags) -> bool:
    """Whether not most of the cases are one agent's."""
    who = workers.codes("worker")[at[cases]]
    return bool(cases.sum() >= CASES and np.unique(who, return_counts=True)[1].max() < _MOSTLY * len(who))


def _candidate(workers: Units, at: Wholes, arm: Flags, cases: Flags, tool: str, error: str) -> Candidate:
    """What executions that call the tool lose to the error: those that met it and failed, less what fails as it is."""
    users = np.unique(at[arm])
    mine, met = workers.take(users), np.isin(users, at[cases])
    failed = mine["success"] == 0
    error = next((short(said) for said in mine.words["message"].take(met & failed).most(1)), error)
    usual = float(failed[~met].mean()) if (~met).any() else 0.0
    lost = np.where(met, failed - usual, 0.0)
    trace = mine.codes("trace_id")
    loses = share(lost, np.ones(len(mine)), mine["weight"], trace)
    return Candidate(
        cause="error_pattern",
        components=(tool, *workers.words["worker"].take(at[cases]).most(_SHOWN)),
        unit=POINTS,
        estimate=loses,
        tested=loses,
        chance=as_many(met & failed, mine["weight"], trace, usual * float(met.mean()) + BAR[POINTS]),
        rows=mine,
        lost=np.maximum(lost, 0.0),
        claim="observational",
        says=f"{tool} makes those who call it lose {{effect}}: {int(cases.sum())} of its {int(arm.sum())} calls fail, "
        f"far more than of other tools: {error}",
        fixes=(
            f"mend what makes {tool} end with {error}",
            f"let who calls {tool} go on without it, or with something else, when it fails",
        ),
        assumptions=("executions that met the error and failed would else fail as often as the others that call it",),
        remedy={"message": error, "condition": {"tool": tool}, "category": "infrastructure"},
    )  # fmt: skip
