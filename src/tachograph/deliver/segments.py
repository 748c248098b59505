"""Segments: the files of a spool, who writes them, and where it is noted what became of them."""

import os
import sys
import time
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

if sys.platform != "win32":
    import fcntl

SUFFIX = ".otlp.jsonl"
SIGNALS = ("traces", "logs", "metrics")
_STARTS = {b'{"resourceSpans"': "traces", b'{"resourceLogs"': "logs", b'{"resourceMetrics"': "metrics"}
# Where the system has no locks, a segment that was written to within these seconds may have a writer.
_QUIET_S = 900


class Segment(NamedTuple):
    """A file of the spool. `series` is what all segments of one process have in common."""

    path: Path

    @property
    def series(self) -> str:
        return self.path.name.removesuffix(SUFFIX).partition("-")[2]

    @property
    def sent(self) -> Path:
        """Holds ids of spans that the process delivered by itself; it is there only where the process does that."""
        return state_folder(self.path.parent) / f"{self.path.name}.sent"


def state_folder(folder: Path) -> Path:
    """Notes about a spool stand beside it, so that the spool itself holds telemetry only."""
    return folder.with_name(f"{folder.name}.state")


def names(folder: Path) -> list[str]:
    """Names of the segments in a folder, oldest first; none where there is no such folder."""
    try:
        return sorted(name for name in os.listdir(folder) if name.endswith(SUFFIX))  # noqa: PTH208  (there may be many)
    except FileNotFoundError:
        return []


def listed(folder: Path) -> list[Segment]:
    """The segments in a folder, oldest first."""
    return [Segment(folder / name) for name in names(folder)]


def claim(descriptor: int) -> bool:
    """Say that this process writes the open file, for as long as it has it open; False where somebody looks at it."""
    if sys.platform == "win32":
        return True
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError:  # a file system without locks
        return True
    return True


def has_writer(segment: Segment) -> bool:
    """Whether a process that still runs writes this segment."""
    try:
        descriptor = os.open(segment.path, os.O_RDONLY)
    except OSError:
        return False
    try:
        return _is_claimed(descriptor)
    finally:
        os.close(descriptor)


def _is_claimed(descriptor: int) -> bool:
    if sys.platform == "win32":
        return time.time() - os.fstat(descriptor).st_mtime < _QUIET_S
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except OSError:
        return time.time() - os.fstat(descriptor).st_mtime < _QUIET_S
    fcntl.flock(descriptor, fcntl.LOCK_UN)  # a child that is forked in this moment keeps no lock
    return False


def signal_of(line: bytes) -> str | None:
    """What kind of telemetry a line holds, by how it begins."""
    return next((signal for start, signal in _STARTS.items() if line.startswith(start)), None)


def acknowledge(segment: Segment, span_ids: Iterable[str]) -> None:
    """Note spans that were delivered; they may stand in this segment or in earlier ones of its series."""
    append(segment.sent, "".join(f"{span_id}\n" for span_id in span_ids).encode())


def acknowledged(segments: Iterable[Segment]) -> set[bytes]:
    """Ids of all spans that the processes of these segments delivered by themselves."""
    ids: set[bytes] = set()
    for segment in segments:
        try:
            ids.update(segment.sent.read_bytes().split())
        except FileNotFoundError:
            continue
    return ids


def append(file: Path, data: bytes) -> None:
    """Append to a private file of notes, which is made where it is missing."""
    flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_BINARY", 0)
    try:
        descriptor = os.open(file, flags, 0o600)
    except FileNotFoundError:
        file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        descriptor = os.open(file, flags, 0o600)
    try:
        os.write(descriptor, data)
    finally:
        os.close(descriptor)
