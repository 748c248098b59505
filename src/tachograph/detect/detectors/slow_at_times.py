"""Tools beyond a network, and models, that are slow at times: for ten minutes, hours or days, or now and then."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Final

import numpy as np

from tachograph.detect.added import TOKENS
from tachograph.detect.apart import valley
from tachograph.detect.candidate import PERCENT, Candidate, losing_time
from tachograph.detect.excess import FEW
from tachograph.detect.scene import Scene
from tachograph.detect.slopes import alike_tasks
from tachograph.detect.spells import Spells, less_work, spells
from tachograph.detect.tasks import each, usual
from tachograph.measure.inference import Wholes, grouped, share
from tachograph.records.history import Reals, Units

_TWICE: Final = 2.0  # as long as at good times
_DOUBT: Final = 0.05


def detect(scene: Scene) -> Iterator[Candidate]:
    """One candidate a tool beyond a network, or a model, whose calls take twice as long at some times as at others, or
    now and then several times as long."""
    tools, models = scene.history.tools, scene.history.models
    beyond = np.where(tools.codes("server") >= 0, grouped(tools.codes("name"), tools.codes("server")), -1)
    for _, rows in each(beyond, 2 * FEW):
        yield from _slow(tools.take(rows), "tool")
    for _, rows in each(grouped(models.codes("server"), models.codes("name")), 2 * FEW):
        yield from _slow(models.take(rows), "model")


def _slow(mine: Units, kind: str) -> Iterator[Candidate]:
    """Of calls that are slow at times and at others not, the times are told, if there surely are any."""
    found = spells(mine, _work(mine, kind))
    if found is not None and found.p_value <= _DOUBT and (found.slower > np.log(_TWICE)).any():
        yield _at_times(mine, kind, found)
    elif mine.words["server"].names_at(0):  # else nobody knows that they wait for one
        yield from _now_and_then(mine, kind)


def _work(mine: Units, kind: str) -> list[Reals]:
    """How much calls had to do, as far as that is known: models tell what they read and wrote."""
    return [np.log1p(np.nan_to_num(mine[name])) for name in TOKENS] if kind == "model" else []


def _at_times(mine: Units, kind: str, found: Spells) -> Candidate:
    slow = found.slower > np.log(_TWICE)
    lost = np.where(slow, mine["duration"] * (1 - np.exp(-found.slower)), 0.0)
    name, server, where = _names(mine)
    return Candidate(
        cause="network_latency",
        components=_components(name, server, kind),
        unit=PERCENT,
        estimate=share(lost, mine["duration"], mine["weight"], found.code),
        rows=mine,
        lost=lost,
        claim="observational",
        says=f"{name} loses {{effect}} at times when {where} is slow: {100 * slow.mean():.0f} % of its calls, "
        f"which take {float(np.exp(np.median(found.slower[slow]))):.1f} times as long as at good times",
        fixes=(
            f"look at the way to {where} and its load since {_day(mine['start'][slow])}, when it first was slow",
            f"give {name} a timeout and another server to ask{', or cache what it fetches' * (kind == 'tool')}",
        ),
        assumptions=("what is asked at slow times is no more than at others",),
        remedy={kind: name, "server": server, "part": "times"},
        gate=found.p_value,
    )


def _now_and_then(mine: Units, kind: str) -> Iterator[Candidate]:
    """Calls that are slow at any time: a kind of their own, several times as slow as the others of their task."""
    beyond = _beyond_usual(mine, kind)
    known = np.flatnonzero(np.isfinite(beyond))
    found = valley(beyond[known], mine.codes("trace_id")[known])
    if found is None:
        return
    slow = np.nan_to_num(beyond) >= found.border
    lost = np.where(slow, mine["duration"] * -np.expm1(-np.maximum(np.nan_to_num(beyond), 0.0)), 0.0)
    name, server, where = _names(mine)
    yield losing_time(
        mine,
        lost,
        cause="network_latency",
        components=_components(name, server, kind),
        claim="observational",
        says=f"{name} loses {{effect}} to calls that {where} now and then answers late: {100 * slow.mean():.0f} % take "
        f"{float(np.exp(np.median(beyond[slow]))):.1f} times as long as the others of the same task, and hardly any "
        "take something between",
        fixes=(
            f"look at what {where} does in slow calls and not in others, in its logs or in {_slowest(mine, lost)}",
            f"give {name} a timeout of twice what it mostly takes, and ask a second time, or another server",
        ),
        assumptions=(
            "slow calls ask for no more than the others of the same task: no larger documents, nothing that is mostly "
            "in a cache",
        ),
        remedy={kind: name, "server": server, "part": "times"},
        gate=found.p_value,
    )


def _beyond_usual(mine: Units, kind: str) -> Reals:
    """How much longer each took than most calls of its task, as a logarithm; NaN where it failed, where a model does
    not tell what it had to do, or where too few are alike."""
    told = np.isfinite(mine["output_tokens"]) if kind == "model" else np.ones(len(mine), dtype=np.bool_)
    rows = np.flatnonzero((mine["success"] > 0) & (mine["duration"] > 0) & told)
    fine, found = mine.take(rows), np.full(len(mine), np.nan)
    if len(rows) >= 2 * FEW:
        time = less_work(fine, _work(fine, kind))
        found[rows] = time - np.log(usual(np.exp(time), _at_one_task(fine)))
    return found


def _at_one_task(calls: Units) -> Wholes:
    """Calls at one task; those of tasks that have few together."""
    alike = alike_tasks(calls)
    size = np.bincount(alike)
    return np.where(size[alike] >= FEW, alike, len(size))


def _names(mine: Units) -> tuple[str | None, str | None, str]:
    name, server = (mine.words[column].names_at(0) for column in ("name", "server"))
    return name, server, server or "its server"


def _components(name: str | None, server: str | None, kind: str) -> tuple[str, ...]:
    return tuple(filter(None, (name, server) if kind == "tool" else (server, name)))


def _slowest(mine: Units, lost: Reals) -> str:
    return f"trace {mine.words['trace_id'].names_at(int(np.argmax(lost)))}"


def _day(times: Reals) -> str:
    return datetime.fromtimestamp(float(times.min()), UTC).date().isoformat()
