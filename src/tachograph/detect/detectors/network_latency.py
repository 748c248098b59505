"""Waiting for a network: calls that were refused or failed at the server, and the waits before they were made again."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Final

import numpy as np

from tachograph.detect.candidate import PERCENT, Candidate, between, losing_time, time_lost
from tachograph.detect.contrasts import contrasts
from tachograph.detect.excess import FEW, by_worker
from tachograph.detect.reading import of_size
from tachograph.detect.scene import Scene
from tachograph.detect.spells import spells
from tachograph.detect.tasks import each, tasks
from tachograph.measure.inference import Estimated, Flags, Wholes, grouped, regression, share
from tachograph.records.history import History, Reals, Units

_TOO_MANY: Final = 429
_SERVER_ERROR: Final = 500  # and above
_SEVERAL: Final = 3.0  # times the usual duration of a call
_TWICE: Final = 2.0  # as long as at good times
_TOKENS: Final = ("input_tokens", "cache_read_tokens", "output_tokens")


def detect(scene: Scene) -> Iterator[Candidate]:
    """One candidate a worker whose calls are refused, one a server slower than others, one a slow remote tool, one a
    remote tool or model that is slow at times."""
    yield from _refused(scene)
    yield from _slow_servers(scene.history)
    yield from _slow_tools(scene.history)
    yield from _slow_at_times(scene.history)


def _refused(scene: Scene) -> Iterator[Candidate]:
    for name, rows in by_worker(scene.workers):
        mine = scene.workers.take(rows)
        lost = np.nan_to_num(mine["blocked"])
        if not lost.any():
            continue
        where = _refusing(scene.history, mine)
        refused = mine["blocked_calls"] > 0
        yield losing_time(
            mine,
            lost,
            cause="network_latency",
            components=(name, *where),
            claim="measured",
            says=f"{name} loses {{effect}} waiting for calls that were refused (429) or failed at the server (5xx), in "
            f"{100 * refused.mean():.0f} % of its executions{', mostly at ' + where[0] if where else ''}",
            fixes=(
                f"raise the quota of, or spread the load over more than, {where[0] if where else 'the endpoint'}",
                "send fewer calls at once, and wait as long as Retry-After says instead of longer each time",
            ),
            assumptions=("without the refusals the first attempt would have brought the result",),
            remedy={"agent": name, "part": "blocked", "server": where[0] if where else None},
        )


def _refusing(history: History, mine: Units) -> tuple[str, ...]:
    """The server that refused most, then the tool or the model that was called there."""
    refused: Counter[tuple[str | None, str | None]] = Counter()
    inside = {mine.words["span_id"].names[code] for code in mine.codes("span_id").tolist()}
    for calls in (history.models, history.tools):
        parents = calls.words["parent_id"]
        is_mine = np.array([name in inside for name in parents.names] or [False])[parents.codes] & (parents.codes >= 0)
        status = np.nan_to_num(calls["http_status"])
        for row in np.flatnonzero(is_mine & ((status == _TOO_MANY) | (status >= _SERVER_ERROR))).tolist():
            refused[calls.words["server"].names_at(row), calls.words["name"].names_at(row)] += 1
    return tuple(name for name in (refused.most_common(1) or [((None, None), 0)])[0][0] if name)


def _slow_servers(history: History) -> Iterator[Candidate]:
    """Of several servers of one model, those that answer the same requests later."""
    models = history.models
    for model, rows in each(models.codes("name"), 2 * FEW):
        mine = models.take(rows)
        fine = mine.take(mine["success"] > 0)
        servers = fine.words["server"]
        for server, _ in each(servers.codes, FEW):
            arm = servers.codes == server
            alike = grouped(tasks(fine), fine.codes("agent_name"))
            tokens = [np.log1p(np.nan_to_num(fine[name])) for name in _TOKENS]
            added = _added(fine, arm, alike)
            for found in contrasts(fine, arm, [alike], fine.codes("trace_id"), arm, tokens):
                if found.unit == PERCENT and added is not None:
                    names = (servers.name(server), models.words["name"].name(model))
                    yield _slow(*names, fine.take(arm), found.estimate, added)


def _added(calls: Units, arm: Flags, alike: Wholes) -> Estimated | None:
    """Seconds that a server adds to a call, the same for long and short ones, for it is the way that is longer."""
    read = np.nan_to_num(calls["input_tokens"])
    parts = [read, np.square(read), *(np.nan_to_num(calls[name]) for name in _TOKENS[1:])]
    varying = [part for part in parts if np.ptp(part) > 0]
    weight = calls["weight"] / np.square(of_size(calls["duration"], read))
    fit = regression(calls["duration"], [arm.astype(np.float64), *varying], [alike], weight, calls.codes("trace_id"))
    return None if fit is None else fit.at(0)


def _slow(server: str, model: str, calls: Units, tested: Estimated, added: Estimated) -> Candidate:
    lost = np.full(len(calls), added.value)
    mean = float(np.average(calls["duration"], weights=calls["weight"]))
    return Candidate(
        cause="network_latency",
        components=(server, model),
        unit=PERCENT,
        estimate=replace(added, value=added.value / mean, error=added.error / mean),
        tested=tested,
        rows=calls,
        lost=lost,
        claim="observational",
        says=f"{model} at {server} loses {{effect}} against the same calls at its other servers",
        fixes=(f"take {server} out of the rotation, or route to the nearest", "keep connections open between calls"),
        assumptions=("which server answers does not depend on what is asked",),
        remedy={"server": server, "model": model},
    )


def _slow_tools(history: History) -> Iterator[Candidate]:
    """Tools beyond a network that take several times what calls of tools here take."""
    tools = history.tools
    remote = tools.codes("server") >= 0
    called = tools.codes("name")
    local = [float(np.median(tools["duration"][rows])) for _, rows in each(np.where(remote, -1, called))]
    if not local:
        return
    usual = float(np.median(local))
    for code, rows in each(np.where(remote, called, -1), FEW):
        mine = tools.take(rows)
        name, server = mine.words["name"].name(code), mine.words["server"].names_at(0)
        surely, likely = (time_lost(mine, mine["duration"] - times * usual) for times in (_SEVERAL, 1.0))
        lost, lost_share = mine["duration"] - (1 + _SEVERAL) / 2 * usual, between(surely, likely)
        yield Candidate(
            cause="network_latency",
            components=(name, *([server] if server else [])),
            unit=PERCENT,
            estimate=lost_share,
            tested=surely,
            rows=mine,
            lost=lost,
            claim="observational",
            says=f"{name} waits for {server}: {{effect}} is beyond what a call of a tool takes, which is not known "
            f"better than that it is between one and {_SEVERAL:.0f} times {usual:.2g} s",
            fixes=(f"cache what {name} fetches", f"ask {server} once for many things, while other work goes on"),
            assumptions=("the time goes into the way and the server, not into what is asked",),
            remedy={"tool": name, "server": server},
        )


def _slow_at_times(history: History) -> Iterator[Candidate]:
    """Tools beyond a network, and models, whose calls take twice as long at some times as at others."""
    tools, models = history.tools, history.models
    beyond = np.where(tools.codes("server") >= 0, grouped(tools.codes("name"), tools.codes("server")), -1)
    for _, rows in each(beyond, 2 * FEW):
        yield from _spells_of(tools.take(rows), (), "tool")
    for _, rows in each(grouped(models.codes("server"), models.codes("name")), 2 * FEW):
        mine = models.take(rows)
        yield from _spells_of(mine, [np.log1p(np.nan_to_num(mine[name])) for name in _TOKENS], "model")


def _spells_of(mine: Units, work: Sequence[Reals], kind: str) -> Iterator[Candidate]:
    found = spells(mine, work)
    if found is None or not (found.slower > np.log(_TWICE)).any():
        return
    slow = found.slower > np.log(_TWICE)
    lost = np.where(slow, mine["duration"] * (1 - np.exp(-found.slower)), 0.0)
    name, server = (mine.words[column].names_at(0) for column in ("name", "server"))
    where = server or "its server"
    yield Candidate(
        cause="network_latency",
        components=tuple(filter(None, (name, server) if kind == "tool" else (server, name))),
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
    )


def _day(times: Reals) -> str:
    return datetime.fromtimestamp(float(times.min()), UTC).date().isoformat()
