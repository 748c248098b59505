"""Places from which calls of a model or a tool take longer than the same calls from elsewhere."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np
from scipy import special

from tachograph.detect.added import TOKENS, seconds_added, share_added
from tachograph.detect.candidate import BAR, PERCENT, Candidate
from tachograph.detect.contrasts import FEW, contrasts
from tachograph.detect.here import PRESSURES
from tachograph.detect.places import places
from tachograph.detect.scene import Scene
from tachograph.detect.spells import beyond_work
from tachograph.detect.tasks import each, tasks
from tachograph.measure.inference import Estimated, Flags, Wholes, grouped, p_value, ranked_higher
from tachograph.records.history import Reals, Units

_ODD: Final = 0.05  # up to which another place is looked for beside one


@dataclass(frozen=True, slots=True)
class _Place:
    """A place, which calls are made there, what they lose against those from elsewhere, and how likely by chance."""

    column: str
    code: int
    here: Flags
    loses: Estimated
    p_value: float


def detect(scene: Scene) -> Iterator[Candidate]:
    """One candidate a place and what is called from there; of models, then of tools."""
    for calls, kind in ((scene.history.models, "model"), (scene.history.tools, "tool")):
        for code, rows in each(calls.codes("name"), 2 * FEW):
            if kind == "tool" and calls.words["name"].name(code) in scene.known:
                continue  # as pressure on its host
            mine = calls.take(rows)
            yield from _slow(mine.take((mine["success"] > 0) & (mine["duration"] > 0)), kind)


def _slow(calls: Units, kind: str) -> Iterator[Candidate]:
    """The place that surely loses most, then another one among the calls from elsewhere, as long as one surely does: a
    region that is slow is surer than each of its hosts."""
    place = _surest(calls)
    if place is None:
        return
    added = seconds_added(calls, place.here, _alike(calls))
    if added is not None:
        yield _candidate(calls, place, kind, added)
    if place.p_value <= _ODD:
        yield from _slow(calls.take(~place.here), kind)


def _surest(calls: Units) -> _Place | None:
    """The place whose traces rank highest, for as many as were tried (Bonferroni). Ranks are what chooses it and a
    contrast has to agree, for of few traces errors are too small."""
    alike, work, trace = _alike(calls), _work(calls), calls.codes("trace_id")
    _, first, of_row = np.unique(trace, return_index=True, return_inverse=True)
    left = np.bincount(of_row, beyond_work(calls, work, [alike])) / np.bincount(of_row)
    tried = [(ranked_higher(left, here[first]), column, code, here) for column, code, here in places(calls)]
    if not tried:
        return None
    ranked, column, code, here = max(tried, key=lambda one: one[0])
    for found in contrasts(calls, here, [alike], trace, here, work):
        if found.unit == PERCENT:
            chance = len(tried) * max(float(special.ndtr(-ranked)), p_value(found.estimate, BAR[PERCENT]))
            return _Place(column, code, here, found.estimate, min(1.0, chance))
    return None


def _alike(calls: Units) -> Wholes:
    """Calls of one agent at one task that go to one server."""
    return grouped(tasks(calls), calls.codes("agent_name"), calls.codes("server"))


def _work(calls: Units) -> list[Reals]:
    """How much calls had to do, as far as that is known, and how busy their host was: that is a cause of its own."""
    pressures = [np.nan_to_num(calls[name]) for name in PRESSURES]
    return [*(np.log1p(np.nan_to_num(calls[name])) for name in TOKENS), *pressures]


def _candidate(calls: Units, place: _Place, kind: str, added: Estimated) -> Candidate:
    mine = calls.take(place.here)
    called, where = mine.words["name"].name(int(mine.codes("name")[0])), calls.words[place.column].name(place.code)
    return Candidate(
        cause="attribute_difference",
        components=(where, called),
        unit=PERCENT,
        estimate=share_added(mine, added),
        tested=place.loses,
        rows=mine,
        lost=np.full(len(mine), added.value),
        claim="observational",
        says=f"{where} loses {{effect}}, of calls of {called}: the same calls from another {place.column} take less",
        fixes=(
            f"look at what {place.column} {where} lacks, and at the way from there to what {called} needs",
            f"send work that calls {called} to another {place.column}, or give {where} a {kind} of its own nearby",
        ),
        assumptions=(f"which {place.column} a call is made from does not depend on what it asks for",),
        remedy={
            "component": called,
            "attribute": place.column,
            "value": where,
            "category": "infrastructure",
            "condition": {place.column: where},
        },
        gate=place.p_value,
    )
