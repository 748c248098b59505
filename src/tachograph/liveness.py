"""Which process this is, in a form that another process can later ask about: does it still run?"""

import hashlib
import os
import platform
from functools import lru_cache
from pathlib import Path


def process_key() -> str:
    """A name for this process that no other one on this or another machine has: `machine:pid:start`."""
    return _key(os.getpid())


def is_running(key: str) -> bool:
    """Whether the process of that name runs on this machine now; False for one of another machine."""
    machine, _, rest = key.partition(":")
    pid = rest.partition(":")[0]
    return machine == _machine() and pid.isdecimal() and _exists(int(pid)) and _key(int(pid)) == key


@lru_cache(maxsize=8)
def _key(pid: int) -> str:
    return f"{_machine()}:{pid}:{_start(pid)}"


def _start(pid: int) -> str:
    """When a process started, so that a later one with the same number is not taken for it; empty if unknown."""
    try:
        # Field 22; the name in parentheses before it may hold blanks.
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[19]
    except (OSError, IndexError):
        return ""


def _exists(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


@lru_cache(maxsize=1)
def _machine() -> str:
    """This boot of this machine, hashed: nobody learns a host's name from it."""
    try:
        boot = Path("/proc/sys/kernel/random/boot_id").read_text()
    except OSError:
        boot = platform.node()
    return hashlib.blake2b(boot.encode(), digest_size=4).hexdigest()
