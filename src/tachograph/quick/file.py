"""One file of the spool, written without what a spool otherwise needs: for two lines of one command."""

from __future__ import annotations

import os
import sys
import time

_FLAGS = os.O_WRONLY | os.O_CREAT | os.O_APPEND | getattr(os, "O_CLOEXEC", 0)


class SpoolFile:
    """Named and held as `deliver.spool` does it, so that `ship`, `ingest` and sweeps treat it alike. Raises OSError."""

    def __init__(self, home: str) -> None:
        self._folder = os.path.join(home, "spool")
        self._descriptor: int | None = None

    def write(self, line: bytes) -> None:
        if self._descriptor is None:
            self._descriptor = self._open()
        os.write(self._descriptor, line)

    def _open(self) -> int:
        os.makedirs(self._folder, mode=0o700, exist_ok=True)
        name = f"{time.time_ns()}-{os.getpid()}-{os.urandom(4).hex()}.otlp.jsonl"
        descriptor = os.open(os.path.join(self._folder, name), _FLAGS, 0o600)
        if sys.platform != "win32":
            import fcntl

            fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)  # this process writes it, for as long as it runs
        return descriptor
