"""The spool: private, append-only files of a process, one whole line a finished span, written before `end` returns."""

import logging
import os
import threading
import time
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from tachograph.deliver import losses, segments
from tachograph.deliver.appending import Write
from tachograph.deliver.segments import SUFFIX, Segment
from tachograph.guard import harmless
from tachograph.settings import SpoolBounds

_log = logging.getLogger("tachograph")

SEGMENT_BYTES = 8 * 1024 * 1024
_FLAGS = os.O_WRONLY | os.O_CREAT | os.O_APPEND | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_BINARY", 0)


class Spool:
    """Appends lines to files of its own below `folder`, which is made when the first line comes.

    A line is in the operating system's hands when `write` returns, so it survives the death of the
    process, however it dies. Never raises: what cannot be written is counted in `losses`, and the
    first time also told. A file that is full is followed by another one; a forked child has its own.
    Where `bounds` are given, the whole spool is held within them, whoever wrote what is too much.
    """

    def __init__(self, folder: Path, bounds: SpoolBounds | None = None) -> None:
        self._folder = folder
        self._bounds = bounds
        self._segment_bytes = min(SEGMENT_BYTES, bounds.bytes // 8) if bounds else SEGMENT_BYTES
        self._descriptor: int | None = None
        self._room = -1  # bytes until something else than writing has to be done
        self._torn = False
        self._lock = threading.RLock()
        self._series = ""
        self._process, self._parent, self._forked_ns = os.getpid(), 0, 0
        self._unrecorded: Counter[losses.Loss] = Counter()
        self.losses: Counter[losses.Loss] = Counter()
        self.path: Path | None = None
        self.acknowledges = False
        self.append: Write | None = None  # appends a line, or as much of it as there is room for, in place of os.write
        if hasattr(os, "register_at_fork"):
            os.register_at_fork(before=_load, after_in_child=self._begin_anew)

    @property
    def dropped(self) -> int:
        """How many lines of this process could not be written."""
        return sum(count for (_, reason), count in self.losses.items() if reason == losses.WRITE_FAILED)

    def write(self, line: bytes) -> None:
        """Append one line, which ends in a newline, with one system call (O_APPEND keeps processes apart)."""
        size = len(line)
        self._room -= size
        try:
            if self._room < 0:
                self._make_room()
            descriptor: Any = self._descriptor  # there is one after _make_room
            written = self.append(descriptor, line) if self.append else os.write(descriptor, line)
            if written != size:
                self._finish(line[written:])
        except OSError as error:
            self._lose(line, error)

    def close(self) -> None:
        """Let go of the file; a later `write` starts another one."""
        with self._lock:
            self._room = -1
            if self._descriptor is not None:
                os.close(self._descriptor)
                self._descriptor = None

    @harmless
    def acknowledge(self, span_ids: Iterable[str]) -> None:
        """Note spans of this process that an exporter has delivered, so that nobody sends them again."""
        if self.path is not None:
            segments.acknowledge(Segment(self.path), span_ids)

    def is_of_parent(self, start_ns: int) -> bool:
        """Whether a span that began at `start_ns` is that of the process from which this one was forked, which still
        runs and will end it itself."""
        return start_ns < self._forked_ns and os.getppid() == self._parent

    def _make_room(self) -> None:
        with self._lock:
            if self._room >= 0:  # another thread was faster
                return
            if self._descriptor is None:
                self._descriptor = self._open()
            elif self._torn:  # after a line that a full disk cut, a newline keeps the next one whole
                os.write(self._descriptor, b"\n")
            elif os.fstat(self._descriptor).st_size >= self._segment_bytes:
                self._rotate(self._descriptor)
            self._torn = False
            self._room = max(0, self._segment_bytes - os.fstat(self._descriptor).st_size)
            self._record_losses()

    def _rotate(self, descriptor: int) -> None:
        """Put the next file in the place of the full one. The number of the descriptor stays, so that a thread that is
        about to write to it writes to one file or the other, and never to a stranger's."""
        try:
            following = self._open()
        except OSError:
            return  # better one file that is too long
        os.dup2(following, descriptor, inheritable=False)
        os.close(following)
        self._sweep()

    def _open(self) -> int:
        first = not self._series
        self._series = self._series or f"{os.getpid()}-{os.urandom(4).hex()}"
        path = self._folder / f"{time.time_ns()}-{self._series}{SUFFIX}"
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        if self.acknowledges:  # first, so that nobody sees a segment without knowing that it is being delivered
            segments.acknowledge(Segment(path), ())
        descriptor = os.open(path, _FLAGS, 0o600)
        if not segments.claim(descriptor):  # somebody looks at it in this very moment: another one, then
            os.close(descriptor)
            return self._open()
        self.path = path
        if first and self._bounds and _is_due(self._folder, self._bounds):
            self._sweep()
        return descriptor

    def _finish(self, rest: bytes) -> None:
        self._torn = True
        assert self._descriptor is not None  # noqa: S101  (write opened it)
        while rest:
            rest = rest[os.write(self._descriptor, rest) :]
        self._torn = False

    @harmless
    def _sweep(self) -> None:
        from tachograph.deliver import sweeping  # most processes never need it

        if self._bounds:
            self.losses += sweeping.sweep(self._folder, self._bounds, seconds=sweeping.HOST_SECONDS)

    @harmless
    def _record_losses(self) -> None:
        if self._unrecorded:
            losses.record(self._folder, self._unrecorded)
            self._unrecorded.clear()

    def _lose(self, line: bytes, error: OSError) -> None:
        first = not self.dropped
        loss = segments.signal_of(line) or "traces", losses.WRITE_FAILED
        self.losses[loss] += 1
        self._unrecorded[loss] += 1
        self._room = -1
        if first:
            _log.warning(
                "tachograph: spool %s cannot be written (%s); the program runs on", self._folder, error.strerror
            )

    def _begin_anew(self) -> None:
        """In a forked child: the parent's file, its losses and its lock are none of ours."""
        self._lock = threading.RLock()
        # The parent may be gone by now, so its number is not asked for.
        self._process, self._parent, self._forked_ns = os.getpid(), self._process, time.time_ns()
        self._series, self.path, self._torn = "", None, False
        self.losses.clear()
        self._unrecorded.clear()
        self.close()


def _load() -> None:
    """What is loaded late: were a thread to load it in the moment of a fork, the child would wait for it for ever."""
    from tachograph.deliver import sweeping  # noqa: F401


def _is_due(folder: Path, bounds: SpoolBounds) -> bool:
    """Whether nobody has looked at the bounds of this spool for a while; whoever asks is the one who looks now."""
    stamp = segments.state_folder(folder) / "swept"
    try:
        if time.time() - stamp.stat().st_mtime < bounds.check_s:
            return False
        os.utime(stamp)
    except FileNotFoundError:  # a new spool
        segments.append(stamp, b"")
        return False
    except OSError:
        return False
    return True
