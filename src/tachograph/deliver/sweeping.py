"""Holds a spool within its bounds: what was delivered goes first, then the oldest, and what is lost is counted."""

import os
import re
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from tachograph.deliver import losses, segments
from tachograph.deliver.segments import Segment
from tachograph.deliver.shipping.ledger import Ledger
from tachograph.settings import SpoolBounds

# In a process that has other things to do, files are counted and measured for so long at most.
HOST_SECONDS = 0.05
_NEW_S = 60
_SPAN_ID = re.compile(rb'"spanId":\s?"([0-9a-f]{16})"')


@dataclass(frozen=True, slots=True)
class _File:
    name: str
    size: int
    changed_s: float


def sweep(folder: Path, bounds: SpoolBounds, seconds: float = 3600) -> Counter[losses.Loss]:
    """Remove what is too old or too much, never a segment that a live process writes; what was lost by that."""
    deadline = time.monotonic() + seconds
    found = list(_measured(folder, deadline))
    ledger = Ledger.read(folder)
    lost: Counter[losses.Loss] = Counter()
    oldest_s = time.time() - bounds.age_s
    for file in found:
        if file.changed_s < oldest_s:
            lost += _remove(folder, file, ledger, losses.EXPIRED)
    lost += _trim(folder, [file for file in found if file.changed_s >= oldest_s], bounds, ledger, deadline)
    _remove_notes(folder, found)
    losses.record(folder, lost)
    return lost


def _measured(folder: Path, deadline: float) -> Iterator[_File]:
    """Segments, oldest first; there may be very many, so nothing is made of their names here."""
    for name in segments.names(folder):
        if time.monotonic() > deadline:
            return
        with suppress(FileNotFoundError):
            status = os.stat(f"{folder}/{name}")  # noqa: PTH116  (ten times as fast as with a path)
            yield _File(name, status.st_size, status.st_mtime)


def _trim(
    folder: Path, files: list[_File], bounds: SpoolBounds, ledger: Ledger, deadline: float
) -> Counter[losses.Loss]:
    """Remove files until the rest is within bounds: the delivered ones first, oldest first, then the oldest."""
    size, count = sum(file.size for file in files), len(files)
    lost: Counter[losses.Loss] = Counter()
    if size <= bounds.bytes and count <= bounds.files:
        return lost
    delivered = set(_delivered(folder, files, ledger, deadline))
    for file in sorted(files, key=lambda file: file not in delivered):
        if size <= bounds.bytes and count <= bounds.files:
            break
        if not segments.has_writer(Segment(folder / file.name)):
            lost += _remove(folder, file, ledger, losses.FULL)
            size, count = size - file.size, count - 1
    return lost


def _delivered(folder: Path, files: list[_File], ledger: Ledger, deadline: float) -> Iterator[_File]:
    notes = set(_notes(folder))
    for file in files:
        if ledger.of(file.name).covers(file.size):
            yield file
        # Others have to be read to know, as long as there is time.
        elif f"{file.name}.sent" in notes and time.monotonic() < deadline:
            segment = Segment(folder / file.name)
            if _sent(segment) and not _undelivered(segment, ledger):
                yield file


def _remove(folder: Path, file: _File, ledger: Ledger, reason: str) -> Counter[losses.Loss]:
    segment = Segment(folder / file.name)
    if segments.has_writer(segment):
        return Counter()
    undelivered = _undelivered(segment, ledger)
    try:
        segment.path.unlink()
    except FileNotFoundError:  # another process removed and counted it
        return Counter()
    return Counter({(signal, reason): count for signal, count in undelivered.items()})


def _undelivered(segment: Segment, ledger: Ledger) -> Counter[str]:
    """How many lines of each signal nobody has delivered."""
    progress = ledger.of(segment.path.name)
    sent = _sent(segment)
    counted: Counter[str] = Counter()
    position = 0
    for line in _lines(segment.path):
        signal = segments.signal_of(line)
        if signal and position >= progress.offsets[signal] and not (signal == "traces" and _id(line) in sent):
            counted[signal] += 1
        position += len(line)
    return counted


def _lines(file: Path) -> Iterator[bytes]:
    """One by one: this runs in processes that have better use for memory."""
    with suppress(FileNotFoundError), file.open("rb") as stream:
        yield from stream


def _sent(segment: Segment) -> set[bytes]:
    if not segment.sent.exists():
        return set()
    series = segment.series  # what was delivered late is noted beside a later segment
    return segments.acknowledged(other for other in segments.listed(segment.path.parent) if other.series == series)


def _id(line: bytes) -> bytes | None:
    found = _SPAN_ID.search(line)
    return found[1] if found else None


def _remove_notes(folder: Path, found: Iterable[_File]) -> None:
    """Notes about segments that are gone."""
    state, there = segments.state_folder(folder), {f"{file.name}.sent" for file in found}
    for name in _notes(folder):
        # A note is made just before its segment.
        if name not in there and not (folder / name.removesuffix(".sent")).exists() and _is_old(state / name):
            (state / name).unlink(missing_ok=True)


def _notes(folder: Path) -> list[str]:
    try:
        return [name for name in os.listdir(segments.state_folder(folder)) if name.endswith(f"{segments.SUFFIX}.sent")]  # noqa: PTH208
    except FileNotFoundError:
        return []


def _is_old(note: Path) -> bool:
    try:
        return time.time() - note.stat().st_mtime > _NEW_S
    except FileNotFoundError:
        return False
