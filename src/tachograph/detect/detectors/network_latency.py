"""Waiting for a network: calls that were refused or failed at the server, with the waits before they were made again,
and servers that answer later than others of the same model or tool."""

from collections import Counter
from collections.abc import Iterator
from typing import Final

import numpy as np

from tachograph.detect.added import TOKENS, seconds_added, share_added
from tachograph.detect.candidate import PERCENT, Candidate, losing_time
from tachograph.detect.contrasts import contrasts
from tachograph.detect.excess import FEW, by_worker
from tachograph.detect.refusals import was_refused
from tachograph.detect.scene import Scene
from tachograph.detect.standing_out import standing_out
from tachograph.detect.tasks import each, tasks
from tachograph.measure.inference import Estimated, grouped
from tachograph.records.history import History, Units

_PAIR: Final = 2


def detect(scene: Scene) -> Iterator[Candidate]:
    """One candidate a worker whose calls are refused, one a server slower than others."""
    yield from _refused(scene)
    yield from _slow_servers(scene.history.models, "model")
    yield from _slow_servers(scene.history.tools, "tool")


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
        is_mine = calls.words["parent_id"].among(inside)
        for row in np.flatnonzero(is_mine & was_refused(calls)).tolist():
            refused[calls.words["server"].names_at(row), calls.words["name"].names_at(row)] += 1
    return tuple(name for name in (refused.most_common(1) or [((None, None), 0)])[0][0] if name)


def _slow_servers(calls: Units, kind: str) -> Iterator[Candidate]:
    """Of several servers of one model, or tool, those that answer the same requests later. A tool that has only one may
    take long because of what it does."""
    for code, rows in each(calls.codes("name"), 2 * FEW):
        mine = calls.take(rows)
        fine = mine.take((mine["success"] > 0) & (mine.codes("server") >= 0))
        servers = fine.words["server"]
        for server in _answering(fine) if kind == "model" else _odd(fine):
            arm = servers.codes == server
            alike = grouped(tasks(fine), fine.codes("agent_name"))
            tokens = [np.log1p(np.nan_to_num(fine[name])) for name in TOKENS]
            added = seconds_added(fine, arm, alike)
            for found in contrasts(fine, arm, [alike], fine.codes("trace_id"), arm, tokens):
                if found.unit == PERCENT and added is not None:
                    remedy = {"server": servers.name(server), kind: calls.words["name"].name(code)}
                    yield _slow(remedy, fine.take(arm), found.estimate, added)


def _answering(calls: Units) -> list[int]:
    return [server for server, _ in each(calls.codes("server"), FEW)]


def _odd(calls: Units) -> list[int]:
    """The slower of two servers, or those that stand out among more: one tool may ask unlike servers for unlike
    things."""
    time = np.log(np.maximum(calls["duration"], 1e-6))
    level = {server: float(np.median(time[rows])) for server, rows in each(calls.codes("server"), FEW)}
    return standing_out(level) if len(level) != _PAIR else [max(level, key=lambda server: level[server])]


def _slow(remedy: dict[str, str], calls: Units, tested: Estimated, added: Estimated) -> Candidate:
    server, called = remedy.values()
    lost = np.full(len(calls), added.value)
    return Candidate(
        cause="network_latency",
        components=(server, called),
        unit=PERCENT,
        estimate=share_added(calls, added),
        tested=tested,
        rows=calls,
        lost=lost,
        claim="observational",
        says=f"{called} at {server} loses {{effect}} against the same calls at its other servers",
        fixes=(f"take {server} out of the rotation, or route to the nearest", "keep connections open between calls"),
        assumptions=("which server answers does not depend on what is asked",),
        remedy=remedy,
    )
