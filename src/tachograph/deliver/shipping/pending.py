"""What of a spool is left to deliver: its lines in order, without those that were delivered already."""

import json
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import Any

from tachograph.deliver import segments
from tachograph.deliver.segments import Segment
from tachograph.deliver.shipping.ledger import Ledger, Progress

# A process that exports by itself is left alone until it has written nothing for so many seconds; by then its
# exporter has delivered, or given up.
IDLE_S = 60

_KEYS = {"traces": "resourceSpans", "logs": "resourceLogs", "metrics": "resourceMetrics"}
_SCOPES = {
    "traces": ("scopeSpans", "spans"),
    "logs": ("scopeLogs", "logRecords"),
    "metrics": ("scopeMetrics", "metrics"),
}


@dataclass(frozen=True, slots=True)
class Item:
    """A line to deliver: `resources` is the inside of its list of resources, `count` how many spans or records."""

    segment: str
    end: int
    signal: str
    resources: bytes
    count: int


@dataclass(frozen=True, slots=True)
class Passed:
    """A place in a segment up to which everything was looked at; `already` spans before it were delivered earlier."""

    segment: str
    end: int
    already: int


@dataclass(slots=True)
class Tally:
    """What was met beside what is to be delivered."""

    already: int = 0
    damaged: int = 0
    waiting: int = 0


def read(folder: Path, ledger: Ledger, tally: Tally) -> Iterator[Item | Passed]:
    """Everything that is left, oldest segments first, with a Passed at the end of each segment."""
    for _, group in groupby(_by_series(segments.listed(folder)), key=lambda segment: segment.series):
        series = list(group)
        yield from _read_series(series, ledger, tally)


def _by_series(listed: list[Segment]) -> list[Segment]:
    """Segments of one process together, processes by the time of their first segment."""
    first: dict[str, int] = {}
    for number, segment in enumerate(listed):
        first.setdefault(segment.series, number)
    return sorted(listed, key=lambda segment: first[segment.series])


def _read_series(series: list[Segment], ledger: Ledger, tally: Tally) -> Iterator[Item | Passed]:
    sent: set[bytes] | None = None
    for segment in series:
        progress = ledger.of(segment.path.name)
        tally.already += progress.delivered
        try:
            status = segment.path.stat()
        except FileNotFoundError:  # removed meanwhile
            continue
        if progress.covers(status.st_size):
            continue
        if segment.sent.exists() and time.time() - status.st_mtime < IDLE_S and any(map(segments.has_writer, series)):
            tally.waiting += 1
            continue
        if sent is None:  # after the look at who writes: what a process notes last, it notes before it ends
            sent = segments.acknowledged(series)
        yield from _read_segment(segment, progress, sent, tally)


def _read_segment(segment: Segment, progress: Progress, sent: set[bytes], tally: Tally) -> Iterator[Item | Passed]:
    name, position, before = segment.path.name, min(progress.offsets.values()), tally.already
    try:
        stream = segment.path.open("rb")
    except FileNotFoundError:
        return
    with stream:
        stream.seek(position)
        for line in stream:
            if not line.endswith(b"\n") and _grows(segment, position + len(line)):
                break
            position += len(line)
            signal = segments.signal_of(line)
            if signal and position > progress.offsets[signal]:
                item = _item(name, position, signal, line, sent, tally)
                if item:
                    yield item
            elif signal is None and line.strip():
                tally.damaged += 1
    yield Passed(name, position, tally.already - before)


def _grows(segment: Segment, size: int) -> bool:
    """Whether there is, or will be, more than was read."""
    return segments.has_writer(segment) or segment.path.stat().st_size > size


def _item(name: str, end: int, signal: str, line: bytes, sent: set[bytes], tally: Tally) -> Item | None:
    """The line as something to deliver; None for one that was delivered, or that a full disk has cut."""
    try:
        resources = json.loads(line)[_KEYS[signal]]
        records = list(_records(signal, resources))
    except (ValueError, KeyError, TypeError, AttributeError):
        tally.damaged += 1
        return None
    if signal == "traces" and sent and all(str(record.get("spanId")).encode() in sent for record in records):
        tally.already += len(records)
        return None
    return Item(name, end, signal, _inside(signal, line, resources), len(records))


def _records(signal: str, resources: Iterable[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    scopes, records = _SCOPES[signal]
    for resource in resources:
        for scope in resource.get(scopes, ()):
            yield from scope.get(records, ())


def _inside(signal: str, line: bytes, resources: list[Any]) -> bytes:
    start, text = b'{"%s":[' % _KEYS[signal].encode(), line.strip()
    # Lines of ours hold one resource and nothing behind it; any other is written anew.
    if len(resources) == 1 and text.startswith(start) and text.endswith(b"]}]}]}"):
        return text[len(start) : -2]
    return json.dumps(resources, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")[1:-1]


def request(signal: str, items: Iterable[Item]) -> bytes:
    """One export request that holds what all these lines hold."""
    return b'{"%s":[%s]}' % (_KEYS[signal].encode(), b",".join(item.resources for item in items if item.resources))
