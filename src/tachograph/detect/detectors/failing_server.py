"""Errors of calls that concentrate at one of several servers to which the same calls go."""

from collections.abc import Iterator
from typing import Final

import numpy as np

from tachograph.detect.candidate import POINTS, Candidate
from tachograph.detect.contrasts import FEW
from tachograph.detect.refusals import was_refused
from tachograph.detect.scene import Scene
from tachograph.detect.tasks import each, tasks
from tachograph.measure.inference import Estimated, Flags, Wholes, grouped, more_often, regression
from tachograph.records.history import Units, Words

_LIFT: Final = 3.0  # times as often as the same calls fail so at the other servers
_SHOWN: Final = 2  # of the tools or models, and of the agents, that meet it


def detect(scene: Scene) -> Iterator[Candidate]:
    """One candidate a server and error; of models, then of tools."""
    for calls in (scene.history.models, scene.history.tools):
        failed = (calls["success"] == 0) & ~_was_waited_out(scene.workers, calls)
        said = _said(calls)
        for code, rows in each(np.where(failed, said.codes, -1), FEW):
            says, names = failed & (said.codes == code), calls.words["server"]
            tried = [server for server, _ in each(names.codes[rows], FEW)]
            for server in tried:
                if names.name(server) not in scene.known:
                    yield from _at(calls, names.codes == server, says, said.name(code), len(tried))


def _said(calls: Units) -> Words:
    """What each call failed with: the type of its error, or how it ended."""
    errors, outcomes = calls.words["error_type"], calls.words["outcome"]
    codes = np.where(errors.codes >= 0, errors.codes, outcomes.codes + len(errors.names))
    return Words(codes, errors.names + outcomes.names)


def _was_waited_out(workers: Units, calls: Units) -> Flags:
    """Refused attempts whose maker succeeded all the same: they cost time, which is told as blocked."""
    span = workers.words["span_id"]
    well = {span.names[code] for code in span.codes[workers["success"] > 0].tolist()}
    return np.asarray(was_refused(calls) & calls.words["parent_id"].among(well))


def _at(calls: Units, arm: Flags, says: Flags, error: str, tried: int) -> Iterator[Candidate]:
    """What a server loses against the others at the calls that go to it and to others: one tool or model, for one
    agent and task."""
    alike = grouped(calls.codes("name"), calls.codes("agent_name"), tasks(calls))
    shared = (calls.codes("server") >= 0) & np.isin(alike, np.intersect1d(alike[arm], alike[~arm]))
    here, beside = shared & arm, shared & ~arm
    if min(int(here.sum()), int(beside.sum()), int(says[here].sum())) < FEW:
        return
    if says[here].mean() < _LIFT * says[beside].mean():
        return
    gap = _gap(calls.take(shared), arm[shared], says[shared], alike[shared])
    if gap is not None:
        yield _candidate(calls, arm, says, error, gap, min(1.0, tried * _chance(calls, here, beside, says)))


def _gap(calls: Units, arm: Flags, says: Flags, alike: Wholes) -> Estimated | None:
    exposure = arm.astype(np.float64)
    fit = regression(says.astype(np.float64), [exposure], [alike], calls["weight"], calls.codes("trace_id"))
    return None if fit is None else fit.at(0)


def _chance(calls: Units, here: Flags, beside: Flags, says: Flags) -> float:
    """How likely as many traces meet it here by chance: calls of one trace share its luck."""
    some = here | beside
    _, of_row = np.unique(grouped(calls.codes("trace_id")[some], here[some].astype(np.int64)), return_inverse=True)
    met, is_here = (np.bincount(of_row, weights=column[some]) > 0 for column in (says, here))
    return more_often(met, is_here)


def _candidate(calls: Units, arm: Flags, says: Flags, error: str, gap: Estimated, p: float) -> Candidate:
    mine, cases = calls.take(arm), calls.take(arm & says)
    server = str(calls.words["server"].names_at(int(np.argmax(arm))))
    called, agents = (cases.words[column].most(_SHOWN) for column in ("name", "agent_name"))
    return Candidate(
        cause="error_pattern",
        components=tuple(dict.fromkeys((server, *called, *agents))),
        unit=POINTS,
        estimate=gap,
        rows=mine,
        lost=says[arm].astype(np.float64),
        claim="observational",
        says=f"{server} loses {{effect}}, of calls, to one error, {len(cases)} times: {error}. "
        f"The same calls of {' and '.join(called)} to other servers hardly end so",
        fixes=(
            f"mend {server}, or take it out of those that {called[0]} is sent to until it is",
            f"call another server where {server} ends with {error}",
        ),
        assumptions=("which server a call goes to does not depend on what it asks for",),
        remedy={"message": error, "condition": {"server": server}, "category": "infrastructure"},
        gate=p,
    )
