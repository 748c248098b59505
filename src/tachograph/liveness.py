"""Which process this is, in a form that another process can later ask about: does it still run?"""

import os

try:
    from _blake2 import blake2b  # what hashlib gives out, without loading OpenSSL: short commands load this
except ImportError:
    from hashlib import blake2b

_keys: dict[int, str] = {}  # of this process and its forks
_machines: list[str] = []


def process_key() -> str:
    """A name for this process that no other one on this or another machine has: `machine:pid:start`."""
    pid = os.getpid()
    if pid not in _keys:
        _keys[pid] = _key(pid)
    return _keys[pid]


def is_running(key: str) -> bool:
    """Whether the process of that name runs on this machine now; False for one of another machine."""
    machine, _, rest = key.partition(":")
    pid = rest.partition(":")[0]
    return machine == _machine() and pid.isdecimal() and _exists(int(pid)) and _key(int(pid)) == key


def started(pid: int) -> str:
    """When a process started, so that a later one with the same number is not taken for it; empty if unknown."""
    # Field 22; the name in parentheses before it may hold blanks.
    fields = _read(f"/proc/{pid}/stat").rpartition(")")[2].split()
    return fields[19] if len(fields) > 19 else ""


def _key(pid: int) -> str:
    return f"{_machine()}:{pid}:{started(pid)}"


def _exists(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _machine() -> str:
    """This boot of this machine, hashed: nobody learns a host's name from it."""
    if not _machines:
        _machines.append(blake2b(_boot().encode(), digest_size=4).hexdigest())
    return _machines[0]


def _boot() -> str:
    boot = _read("/proc/sys/kernel/random/boot_id")
    if boot:
        return boot
    import platform  # slow to load, and needed only off Linux

    return platform.node()


def _read(file: str) -> str:
    try:
        with open(file) as stream:
            return stream.read()
    except OSError:
        return ""
