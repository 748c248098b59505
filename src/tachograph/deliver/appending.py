"""Appending a line without handing the interpreter's lock over: for processes in which an exporter waits for it."""

import os
import time
from collections.abc import Callable

# With `os.write` a thread offers the lock to others, who keep it for 5 ms. Beside an exporter that encodes its batches
# each span would wait that long. A line that is copied into the page cache takes microseconds; where a disk makes
# writers wait, nobody else must.
_SLOW_S = 0.005
_AGAIN = 100  # lines: a slow one alone says that a thread had to wait for a processor, a second among these is the disk
_AS_EVER = 10_000  # lines after it that are written with `os.write`

Write = Callable[[int, bytes], int]


def unyielding() -> Write:
    """As `os.write`, which it is where the platform knows no other; it may write less, and raises OSError."""
    try:
        return _Unyielding().write
    except (ImportError, AttributeError, OSError, TypeError):
        return os.write


class _Unyielding:
    def __init__(self) -> None:
        import ctypes

        self._write = ctypes.PyDLL(None).write
        self._write.argtypes = (ctypes.c_int, ctypes.c_char_p, ctypes.c_size_t)
        self._write.restype = ctypes.c_ssize_t
        self._as_ever = 0
        self._lines_since_slow = _AGAIN

    def write(self, descriptor: int, line: bytes) -> int:
        if self._as_ever:
            self._as_ever -= 1
            return os.write(descriptor, line)
        before = time.monotonic()
        written: int = self._write(descriptor, line, len(line))
        self._lines_since_slow += 1
        if time.monotonic() - before > _SLOW_S:
            self._as_ever = _AS_EVER if self._lines_since_slow < _AGAIN else 0
            self._lines_since_slow = 0
        return written if written >= 0 else os.write(descriptor, line)  # which tells what is wrong
