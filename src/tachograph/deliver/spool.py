"""The spool: one private, append-only file a process, one whole line a finished span, written before `end` returns."""

import logging
import os
import secrets
import time
from pathlib import Path

_log = logging.getLogger("tachograph")


class Spool:
    """Appends lines to a file of its own below `folder`, which is made when the first line comes.

    A line is in the operating system's hands when `write` returns, so it survives the death of the
    process, however it dies. Never raises: what cannot be written is counted in `dropped`, and the
    first time also told.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._descriptor: int | None = None
        self._torn = False
        self.dropped = 0
        self.path: Path | None = None

    def write(self, line: bytes) -> None:
        """Append one line, which ends in a newline, with one system call (O_APPEND keeps processes apart)."""
        try:
            if self._descriptor is None:
                self._descriptor = self._open()
            self._append(line)
        except OSError as error:
            self._lose(error)

    def close(self) -> None:
        """Let go of the file; a later `write` starts another one."""
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None

    def _open(self) -> int:
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        name = f"{time.time_ns()}-{os.getpid()}-{secrets.token_hex(4)}.otlp.jsonl"
        flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND | getattr(os, "O_CLOEXEC", 0)
        self.path = self._folder / name
        return os.open(self.path, flags, 0o600)

    def _append(self, line: bytes) -> None:
        assert self._descriptor is not None  # noqa: S101  (write opened it)
        # After a line that a full disk cut, a newline keeps the next one whole.
        data = b"\n" + line if self._torn else line
        written = os.write(self._descriptor, data)
        while written < len(data):
            self._torn = True
            written += os.write(self._descriptor, data[written:])
        self._torn = False

    def _lose(self, error: OSError) -> None:
        self.dropped += 1
        if self.dropped == 1:
            _log.warning(
                "tachograph: spool %s cannot be written (%s); the program runs on", self._folder, error.strerror
            )
