"""Holds a spool within its bounds: what was delivered goes first, then the oldest, and what is lost is counted."""

import re
import time
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from tachograph.deliver import losses, segments
from tachograph.deliver.segments import Segment
from tachograph.deliver.shipping.ledger import Ledger
from tachograph.settings import SpoolBounds

# In a process that has other things to do, files are counted and measured for so long at most.
HOST_SECONDS = 0.05
_SPAN_ID = re.compile(rb'"spanId":\s?"([0-9a-f]{16})"')


@dataclass(frozen=True, slots=True)
class _File:
    segment: Segment
    size: int
    changed_s: float


def sweep(folder: Path, bounds: SpoolBounds, seconds: float = 3600) -> Counter[losses.Loss]:
    """Remove what is too old or too much, never a segment that a live process writes; what was lost by that."""
    deadline = time.monotonic() + seconds
    found = list(_measured(segments.listed(folder), deadline))
    ledger = Ledger.read(folder)
    lost: Counter[losses.Loss] = Counter()
    oldest_s = time.time() - bounds.age_s
    expired = [file for file in found if file.changed_s < oldest_s]
    for file in expired:
        lost += _remove(file, ledger, losses.EXPIRED)
    lost += _trim([file for file in found if file.changed_s >= oldest_s], bounds, ledger, deadline)
    _remove_notes(folder)
    losses.record(folder, lost)
    return lost


def _measured(listed: Iterable[Segment], deadline: float) -> Iterable[_File]:
    for segment in listed:
        if time.monotonic() > deadline:
            return
        try:
            status = segment.path.stat()
        except FileNotFoundError:
            continue
        yield _File(segment, status.st_size, status.st_mtime)


def _trim(files: list[_File], bounds: SpoolBounds, ledger: Ledger, deadline: float) -> Counter[losses.Loss]:
    """Remove files until the rest is within bounds: the delivered ones first, oldest first, then the oldest."""
    size, count = sum(file.size for file in files), len(files)
    lost: Counter[losses.Loss] = Counter()
    removed: set[Segment] = set()
    for only_delivered in (True, False):
        for file in files:
            if size <= bounds.bytes and count <= bounds.files:
                return lost
            if file.segment in removed or (only_delivered and not _is_delivered(file, ledger, deadline)):
                continue
            if not segments.has_writer(file.segment):
                lost += _remove(file, ledger, losses.FULL)
                removed.add(file.segment)
                size, count = size - file.size, count - 1
    return lost


def _is_delivered(file: _File, ledger: Ledger, deadline: float) -> bool:
    if ledger.of(file.segment.path.name).covers(file.size):
        return True
    if time.monotonic() > deadline:  # the rest would have to be read to know
        return False
    return bool(_sent(file.segment)) and not _undelivered(file.segment, ledger)


def _remove(file: _File, ledger: Ledger, reason: str) -> Counter[losses.Loss]:
    if segments.has_writer(file.segment):
        return Counter()
    undelivered = _undelivered(file.segment, ledger)
    try:
        file.segment.path.unlink()
    except FileNotFoundError:  # another process removed and counted it
        return Counter()
    return Counter({(signal, reason): count for signal, count in undelivered.items()})


def _undelivered(segment: Segment, ledger: Ledger) -> Counter[str]:
    """How many lines of each signal nobody has delivered."""
    progress = ledger.of(segment.path.name)
    sent = _sent(segment)
    counted: Counter[str] = Counter()
    position = 0
    try:
        data = segment.path.read_bytes()
    except FileNotFoundError:
        return counted
    for line in data.splitlines(keepends=True):
        signal = segments.signal_of(line)
        if signal and position >= progress.offsets[signal] and not (signal == "traces" and _id(line) in sent):
            counted[signal] += 1
        position += len(line)
    return counted


def _sent(segment: Segment) -> set[bytes]:
    if not segment.sent.exists():
        return set()
    series = segment.series  # what was delivered late is noted beside a later segment
    return segments.acknowledged(other for other in segments.listed(segment.path.parent) if other.series == series)


def _id(line: bytes) -> bytes | None:
    found = _SPAN_ID.search(line)
    return found[1] if found else None


def _remove_notes(folder: Path) -> None:
    """Notes about segments that are gone."""
    state = segments.state_folder(folder)
    if not state.is_dir():
        return
    for note in state.glob(f"*{segments.SUFFIX}.sent"):
        # It is made just before its segment.
        if not (folder / note.name.removesuffix(".sent")).exists() and time.time() - note.stat().st_mtime > 60:
            note.unlink(missing_ok=True)
