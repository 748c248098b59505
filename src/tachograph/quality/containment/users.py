"""Which user contained code is: root is bound neither by the limit of processes nor by file modes."""

import os
import secrets
from pathlib import Path

# Above what systemd, containers and /etc/subuid hand out. A user of its own for every run: the limit of processes
# counts by user, and `nobody` may be others, too.
_FIRST, _COUNT = 2_000_000_000, 100_000_000


def can_become_another() -> bool:
    """Whether we are a root to whom other users than itself are mapped."""
    return os.geteuid() == 0 and _mapped() > 1


def another() -> int:
    """The number of a user that nobody else is, as far as this machine, or this container, has such numbers."""
    if _mapped() >= _FIRST + _COUNT:
        return _FIRST + secrets.randbelow(_COUNT)
    return _mapped() - 1 - secrets.randbelow(min(1000, _mapped() - 1))


def _mapped() -> int:
    """How many users, counted from 0, this user namespace has."""
    end = 0
    for line in sorted(Path("/proc/self/uid_map").read_text().splitlines(), key=lambda line: int(line.split()[0])):
        inside, _, count = map(int, line.split())
        if inside != end:
            break
        end = inside + count
    return end
