"""Only one process delivers a spool at a time."""

import os
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from tachograph.deliver import segments

if sys.platform != "win32":
    import fcntl

_LOOK_S = 0.05


@contextmanager
def sole(folder: Path, patience_s: float, told: Callable[[], None]) -> Iterator[bool]:
    """True once no other process delivers the spool in `folder`, False where one still does after `patience_s`.

    `told` is called where there is something to wait for. The lock goes with the process that holds it.
    """
    state = segments.state_folder(folder)
    state.mkdir(parents=True, exist_ok=True, mode=0o700)
    descriptor = os.open(state / "lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        yield _locked(descriptor, time.monotonic() + patience_s, told)
    finally:
        os.close(descriptor)


def _locked(descriptor: int, deadline: float, told: Callable[[], None]) -> bool:
    if _try(descriptor):
        return True
    told()
    while time.monotonic() < deadline:
        time.sleep(_LOOK_S)
        if _try(descriptor):
            return True
    return False


def _try(descriptor: int) -> bool:
    if sys.platform == "win32":
        return True
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
