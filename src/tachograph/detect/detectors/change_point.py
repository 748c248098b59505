"""What got slower or fails more since some day, at the same tasks and while the others did not."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Final

import numpy as np

from tachograph.detect.added import TOKENS
from tachograph.detect.candidate import PERCENT, POINTS, Candidate
from tachograph.detect.contrasts import FEW, Contrast, contrasts
from tachograph.detect.scene import Scene
from tachograph.detect.slopes import alike_tasks, days
from tachograph.detect.spells import beyond_work, levels
from tachograph.detect.tasks import each
from tachograph.detect.turns import Turn, by_chance, turn
from tachograph.measure.inference import within
from tachograph.records.history import Flags, Reals, Units, Wholes

_VERSIONS: Final = {"version": "version", "prompt_version": "prompt version", "release": "release", "model": "model"}
_Version = tuple[str, str, str]  # what it is called, whose it is, its value
_ABOUT: Final = 2 * 86_400.0  # seconds; the day is not known better


@dataclass(frozen=True, slots=True)
class _Kind:
    """Units of one kind that may have got worse, with what names them and how much each had to do, by column."""

    units: Units
    named: str
    category: str
    work: Sequence[str] = ()
    called: bool = False  # by others, so that it is worse for all of them or not itself the reason
    beside: Sequence["_Kind"] = ()  # kinds that go the same way, and are slow on the same days

    def subjects(self) -> Iterator[tuple[str, Wholes]]:
        """Each name with its rows."""
        words = self.units.words[self.named]
        yield from ((words.name(code), rows) for code, rows in each(words.codes, 2 * FEW))

    def amounts(self) -> list[Reals]:
        """How much each unit had to do."""
        return [np.log1p(np.nan_to_num(self.units[column])) for column in self.work]

    def worse(self, unit: str) -> Reals:
        """By how much each unit took longer, as a logarithm, or failed more than others of its task."""
        if unit == PERCENT:
            return beyond_work(self.units, self.amounts())
        return within(-self.units["success"], [alike_tasks(self.units)], self.units["weight"])


def of_calls(scene: Scene) -> Iterator[Candidate]:
    """One candidate a model or tool whose calls take longer since some day, whoever makes them."""
    tools = scene.history.tools
    here, beyond = (tools.take((tools.codes("server") >= 0) == is_remote) for is_remote in (False, True))
    models = _Kind(scene.history.models, "name", "infrastructure", TOKENS, called=True)
    remote = _Kind(beyond, "name", "infrastructure", called=True, beside=(models,))
    for kind in (replace(models, beside=(remote,)), remote, _Kind(here, "name", "infrastructure", called=True)):
        yield from _turned(scene, kind, PERCENT)


def of_workers(scene: Scene) -> Iterator[Candidate]:
    """One candidate a worker that got worse since some day."""
    for unit in (PERCENT, POINTS):
        yield from _turned(scene, _Kind(scene.workers, "worker", "agent_selection"), unit)


def of_recipes(scene: Scene) -> Iterator[Candidate]:
    """One candidate a recipe that got worse since some day."""
    for unit in (PERCENT, POINTS):
        yield from _turned(scene, _Kind(scene.history.recipes, "name", "recipe_execution"), unit)


def _turned(scene: Scene, kind: _Kind, unit: str) -> Iterator[Candidate]:
    """One candidate each of a kind, that loses far more by it than was told of it, or of who works in it, before."""
    if not len(kind.units):
        return
    worse, shared = kind.worse(unit), [(days(other.units), other.worse(unit)) for other in kind.beside]
    for name, rows in kind.subjects():
        found = _turn(kind, unit, worse, rows, _weather(kind.units, worse, rows, shared))
        mine = kind.units.take(rows)
        if found is None or scene.is_told({name, *scene.inside(name)}, unit, found[1].estimate.value):
            continue
        if kind.called and not _for_all(mine, worse[rows], found[0].since):
            continue
        came = _came(scene, mine, found[0].since)
        if scene.known.isdisjoint(value for _, _, value in came):
            yield _candidate((name, kind.category), mine, came, *found)


def _turn(kind: _Kind, unit: str, worse: Reals, rows: Wholes, weather: Reals) -> tuple[Turn, Contrast, float] | None:
    """When a subject got worse than the others did, what that costs, and how likely it is by chance: that as much
    happens to it as to nobody else, and that as much happens to it at all."""
    mine = kind.units.take(rows)
    weight, start = mine["weight"], mine["start"]
    found, alone = (turn(values, weight, start) for values in (worse[rows] - weather, worse[rows]))
    if found is None or alone is None:
        return None
    work = [column[rows] for column in kind.amounts()]
    calm = _without(mine, unit, weather)
    for change in contrasts(calm, start >= found.since, [alike_tasks(mine)], found.spell, also=work):
        if change.unit == unit and change.estimate.value > 0:
            return found, change, max(by_chance(found), by_chance(alone))
    return None


def _for_all(calls: Units, worse: Reals, since: float) -> bool:
    """Whether calls got worse at least half as much without any one of those who make them."""
    after = calls["start"] >= since

    def gap(rows: Flags) -> float:
        parts = [(worse[part], calls["weight"][part]) for part in (rows & after, rows & ~after)]
        late, early = (float(np.average(part, weights=weight)) if part.size else np.nan for part, weight in parts)
        return late - early

    whole, callers = gap(np.ones(len(calls), dtype=np.bool_)), calls.codes("agent_name")
    return all(gap(callers != caller) >= whole / 2 for caller in np.unique(callers).tolist())


def _weather(units: Units, worse: Reals, rows: Wholes, shared: Sequence[tuple[Wholes, Reals]]) -> Reals:
    """By how much the days of some rows were worse for everybody else; `shared` are days and values of other kinds."""
    others = np.ones(len(units), dtype=np.bool_)
    others[rows] = False
    own = days(units)
    values = np.concatenate([worse[others], *(beside for _, beside in shared)])
    held, code = np.unique(np.concatenate([own[others], *(day for day, _ in shared)]), return_inverse=True)
    level = levels(values, code) if len(held) > 1 else None
    if level is None:
        return np.zeros(len(rows))
    at = np.minimum(np.searchsorted(held, own[rows]), len(held) - 1)
    return np.where(held[at] == own[rows], level[at], 0.0)


def _without(units: Units, unit: str, weather: Reals) -> Units:
    """Units as they would have been in no weather."""
    column = "duration" if unit == PERCENT else "success"
    calm = units[column] * np.exp(-weather) if unit == PERCENT else units[column] + weather
    return Units({**units.numbers, column: calm}, units.words)


def _candidate(
    what: tuple[str, str], units: Units, came: Sequence[_Version], found: Turn, change: Contrast, by_luck: float
) -> Candidate:
    (name, category), day, begin = what, _day(found.since), _day(float(units["start"].min()))
    does = "succeeds less often" if change.unit == POINTS else "takes longer"
    return Candidate(
        cause="regression",
        components=(name,),
        unit=change.unit,
        estimate=change.estimate,
        rows=units,
        lost=change.lost,
        claim="observational",
        says=f"{name} loses {{effect}} since about {day}: at the same tasks it {does} than before. "
        + (f"At that time came {_list(came)}" if came else "No version is known that came then"),
        fixes=(
            f"look at what changed about {day}: {_list(came) or 'what is behind its name, its data, its host'}",
            f"hold the two times against each other: tachograph compare --baseline {begin}..{day} --candidate {day}..",
        ),
        assumptions=(f"what it is asked for since {day} is as hard as before, as far as its tasks do not say",),
        remedy={"component": name, "since": day, "came": _list(came), "category": category},
        gate=by_luck,
    )


def _day(seconds: float) -> str:
    """The date in UTC of a moment."""
    return datetime.fromtimestamp(seconds, UTC).date().isoformat()


def _list(came: Sequence[_Version]) -> str:
    return ", ".join(f"{called} {value} of {name}" for called, name, value in came)


def _came(scene: Scene, units: Units, since: float) -> list[_Version]:
    """The versions that were first used about then, of the recipes that some units belong to and of who works there."""
    recipes, found = set(_used(units, "recipe_name")), dict[_Version, None]()
    for kind in (_Kind(scene.workers, "worker", ""), _Kind(scene.history.recipes, "name", "")):
        beside = kind.units.take(kind.units.words["recipe_name"].among(recipes))
        for name, rows in _Kind(beside, kind.named, "").subjects():
            for column, called in _VERSIONS.items():
                for value in _first_used(beside.take(rows), column, since):
                    found[called, name, value] = None
    return list(found)


def _used(units: Units, column: str) -> list[str]:
    words = units.words[column]
    return [words.name(code) for code in np.unique(words.codes).tolist() if code >= 0]


def _first_used(units: Units, column: str, since: float) -> Iterator[str]:
    """The values of a column, besides its first, that began about then."""
    words, begin = units.words[column], float(units["start"].min())
    for code, rows in each(words.codes, FEW):
        first = float(units["start"][rows].min())
        if abs(first - since) <= _ABOUT and first > begin:
            yield words.name(code)
