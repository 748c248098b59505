"""Tasks that are given to an agent though another does the same tasks better."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Final

import numpy as np
from scipy import special

from tachograph.detect.candidate import LEAST, PERCENT, POINTS, Candidate
from tachograph.detect.contrasts import FEW, Contrast, contrasts, traces
from tachograph.detect.rivals import Place, bosses, common_name, is_placed, places, rivals, spots
from tachograph.detect.scene import Scene
from tachograph.detect.tasks import each, tasks
from tachograph.measure.inference import Estimated, Flags, Wholes, p_value
from tachograph.records.history import Reals, Units

_ASSUMED: Final = ("within a task class and complexity, who gets a task does not depend on how hard it is",)
_RARELY: Final = 0.5  # of its fair share of the work, below which an agent counts as hardly used
_SURELY: Final = 0.05  # that as few as these come by chance
_DOUBT: Final = 0.1
_SHARED: Final = "the tasks that both do"
_MEASURES: Final = ("duration", "success")


def detect(scene: Scene) -> Iterator[Candidate]:
    """One candidate an agent, a kind of work that others do, too, and a measure (time, success).

    Kinds of work lie in each other; of findings about the same executions only the largest is published.
    """
    agents = scene.history.agents
    if not len(agents):
        return
    placed = np.flatnonzero(is_placed(agents))
    for unit in (PERCENT, POINTS):
        known = [code for code, name in enumerate(agents.words["name"].names) if (name, unit) in scene.explained]
        found = _among(agents, scene.as_recorded.agents, placed, known)
        fresh = (one for one in found if not scene.is_told(one.components[:1], unit, one.estimate.value))
        yield from (one for one in fresh if one.unit == unit)


def _among(agents: Units, recorded: Units, placed: Wholes, known: list[int]) -> Iterator[Candidate]:
    """Of whom a cause is `known`, what is left is too uncertain to hold others against; recorded, it may be better."""
    some = agents.take(placed)
    spot, boss, seen = spots(some), bosses(some), set[tuple[int, bytes]]()
    for place in places(some):
        here = some.take(place.rows)
        meets = rivals(here, spot[place.rows], boss[place.rows])
        for code in np.flatnonzero(meets.any(axis=1)).tolist():
            others = np.flatnonzero(meets[code]).tolist()
            found, others, is_rare = _comparable(here, spot[place.rows], code, others)
            rows = placed[place.rows[found]]
            if not len(rows) or (code, rows.tobytes()) in seen:
                continue
            seen.add((code, rows.tobytes()))
            at = place.name or common_name(agents.take(rows))
            if is_rare:
                losing = rows[~np.isin(agents.codes("name")[rows], [one for one in known if one != code])]
                yield from _underutilised(_as_recorded(agents, recorded, [code]), Place(at, losing), code)
            else:
                yield from _wrong(_as_recorded(agents, recorded, others), Place(at, rows), code, others)


def _as_recorded(agents: Units, recorded: Units, codes: list[int]) -> Units:
    """With some agents as they were before anything was explained."""
    theirs = np.isin(agents.codes("name"), codes)
    columns = {name: np.where(theirs, recorded[name], agents[name]) for name in _MEASURES}
    return Units({**agents.numbers, **columns}, agents.words)


def _comparable(here: Units, spot: Wholes, code: int, others: list[int]) -> tuple[Wholes, list[int], bool]:
    """What the agent and its rivals did where both were; who is hardly used there is not held against who is used."""
    names = here.codes("name")
    among = np.isin(names, [code, *others])
    rare = [one for one in (code, *others) if _is_rare(here.take(among), one, len(others) + 1)]
    if code in rare:
        its, theirs = (np.unique(spot[np.isin(names, codes)]) for codes in ([code], others))
        return np.flatnonzero(among & np.isin(spot, np.intersect1d(its, theirs))), others, True
    others = [other for other in others if other not in rare]
    among = np.isin(names, [code, *others])
    return np.flatnonzero(among)[_overlapping(here.take(among), code, len(others) + 1)], others, False


def _overlapping(here: Units, code: int, rivals: int) -> Flags:
    """Tasks that are given to the agent and to others: where one side surely has hardly any, that is how work is
    divided."""
    task, mine = tasks(here), here.codes("name") == code
    all_of, its = np.bincount(task), np.bincount(task, mine)
    least = _RARELY / max(rivals, 2)
    surely_few = special.bdtr(np.minimum(its, all_of - its), all_of, least) < _SURELY
    return np.asarray(~surely_few[task])


def _is_rare(here: Units, code: int, rivals: int) -> bool:
    """Whether an agent has less than half of its fair share of this work."""
    return float(np.average(here.codes("name") == code, weights=here["weight"])) < _RARELY / rivals


def _best(here: Units, others: list[int], unit: str) -> int:
    """Who does best of the others, in success or in time."""
    outcome = here["success"] if unit == POINTS else -here["duration"]
    means = {other: float(np.mean(outcome[here.codes("name") == other])) for other in others}
    return max(means, key=lambda other: means[other])


def _underutilised(agents: Units, place: Place, code: int) -> Iterator[Candidate]:
    here = agents.take(place.rows)
    others = here.codes("name") != code
    if not others.any() or others.all():
        return
    for found in contrasts(here, others, [tasks(here)], traces(here), of=None if place.name else others):
        yield _hardly_used(here, found, here.words["name"].name(code), place.name)


def _hardly_used(here: Units, found: Contrast, better: str, place: str) -> Candidate:
    """Relative to all executions of the task class, which is named first, or to those of who does it instead: it is
    they that lose, not the agent that is hardly used."""
    is_better = here.words["name"].is_(better)
    rows = np.ones(len(here), dtype=np.bool_) if place else ~is_better
    others = _names(here, better)
    where = place or f"what {' and '.join(others)} {'do' if len(others) > 1 else 'does'}"
    return Candidate(
        cause="underutilised_agent",
        components=(place, better, *others) if place else (*others, better),
        subject=better,
        unit=found.unit,
        estimate=found.estimate,
        rows=here.take(rows),
        lost=found.lost[rows],
        claim="observational",
        says=f"{where} loses {{effect}} because {better}, who is better at it, gets only "
        f"{100 * float(np.mean(is_better)):.0f} % of such tasks",
        fixes=(
            f"give {better} more of {where}, first at random, so that the difference can be measured",
            f"raise how many executions of {better} may run at once, where that is what keeps it idle",
        ),
        assumptions=(*_ASSUMED, f"{better} does as well when it gets more"),
        remedy={"instead": better, "place": where},
    )


def _names(here: Units, but: str) -> tuple[str, ...]:
    words = here.words["name"]
    return tuple(words.name(code) for code, _ in each(words.codes, FEW) if words.name(code) != but)


def _wrong(agents: Units, place: Place, code: int, others: list[int]) -> Iterator[Candidate]:
    here = agents.take(place.rows)
    found = list(contrasts(here, here.codes("name") == code, [tasks(here)], traces(here), only_both=True))
    # Who takes its time and succeeds for it is not the wrong one.
    is_better = any(one.unit == POINTS and _is_less(one.estimate) for one in found)
    for one in found:
        if one.unit == POINTS or not is_better:
            yield _worse(agents, place, one, code, _best(here, others, one.unit))


def _is_less(gap: Estimated) -> bool:
    """Whether it fails less often than others, by what is worth while and more than chance would have it."""
    return gap.value <= -LEAST[POINTS] and p_value(replace(gap, value=-gap.value), 0.0) < _DOUBT


def _worse(agents: Units, place: Place, found: Contrast, code: int, best: int) -> Candidate:
    worse, better = (agents.words["name"].name(one) for one in (code, best))
    rows, lost, estimate = _of_agent(agents, place.rows, code, found)
    what = "succeeds less often" if found.unit == POINTS else "takes longer"
    where = place.name or _SHARED
    return Candidate(
        cause="wrong_agent",
        components=(worse, *filter(None, [place.name]), better),
        unit=found.unit,
        estimate=estimate,
        rows=rows,
        lost=lost,
        claim="observational",
        says=f"{worse} {what} than others at {where}, which costs it {{effect}}; {better} does the same tasks better",
        fixes=(
            f"give {where} to {better}, first a random tenth of it, so that the difference can be measured",
            f"say in the routing of {where} why {worse} should have it, where there is a reason",
        ),
        assumptions=_ASSUMED,
        remedy={"agent": worse, "instead": better, "place": where},
    )


def _of_agent(agents: Units, here: Wholes, code: int, found: Contrast) -> tuple[Units, Reals, Estimated]:
    """What is lost at this place, relative to all executions of the agent."""
    mine, lost = agents.codes("name") == code, np.zeros(len(agents))
    lost[here] = found.lost
    base = agents["weight"] * (1.0 if found.unit == POINTS else agents["duration"])
    scale = float(np.sum(base[here])) / float(np.sum(base[mine]))
    gap = found.estimate
    return (
        agents.take(mine), lost[mine], Estimated(gap.value * scale, gap.error * scale, gap.n, gap.clusters)
    )  # fmt: skip
