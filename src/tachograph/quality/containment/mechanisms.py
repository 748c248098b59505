"""The ways to put a program where it can do no harm, strongest first, each as the command that builds the room.

A mechanism is what stands before the command: namespaces and mounts. What happens inside is the same for all of them
(`inside.py`), so that limits, the user and the report do not depend on it.
"""

import functools
import json
import os
import platform
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from tachograph.quality.containment import users

SCRIPTS = Path(__file__).resolve().parent
PYTHON = (sys.executable, "-I", "-S", "-B")


@dataclass(frozen=True, slots=True)
class Room:
    """What is in the room: texts, so that it can be handed to a script as JSON."""

    copy: str
    readable: tuple[tuple[str, str], ...]  # where it is, where it is seen
    links: tuple[tuple[str, str], ...]  # text, place
    tmp_bytes: int


@dataclass(frozen=True, slots=True)
class Mechanism:
    """One way to contain: its name, the programs that it needs, its command and what it leaves open."""

    name: str
    needs: tuple[str, ...]
    command: Callable[[Room], Sequence[str]]
    gaps: tuple[str, ...] = ()
    walls: bool = True  # has namespaces: ends with its first process, and other users are somebody else

    def lacks(self) -> list[str]:
        """The programs that are not installed; whether it works with them, only trying tells."""
        return [program for program in self.needs if shutil.which(program) is None]


def _found(program: str) -> str:
    return shutil.which(program) or program


def _bubblewrap(room: Room) -> list[str]:
    size = str(room.tmp_bytes)
    command = [_found("bwrap"), *_bubblewrap_namespaces(), "--die-with-parent", "--new-session", "--as-pid-1"]
    command += ["--proc", "/proc", "--dev", "/dev"]
    for place in ("/dev/shm", "/tmp"):  # noqa: S108 - a private one, inside
        command += ["--perms", "1777", "--size", size, "--tmpfs", place]
    for parent in _parents(room):
        command += ["--perms", "0755", "--dir", parent]  # as a parent alone it would be closed to other users
    for source, place in room.readable:
        command += ["--ro-bind", source, place]
    for text, place in room.links:
        command += ["--symlink", text, place]
    # The root and /dev are in memory and would be a place to write to without bounds.
    command += ["--bind", room.copy, room.copy, "--remount-ro", "/dev", "--remount-ro", "/", "--chdir", "/", "--"]
    return [*command, *PYTHON, os.fspath(SCRIPTS / "inside.py")]


def _parents(room: Room) -> list[str]:
    """The folders in which something is shown, outer ones first, without what is in the system's own."""
    places = [Path(place) for _, place in room.readable] + [Path(room.copy)]
    parents = {parent for place in places for parent in place.parents} - {Path("/"), Path("/tmp")}  # noqa: S108
    return sorted(os.fspath(parent) for parent in parents if not any(parent.is_relative_to(each) for each in places))


def _bubblewrap_namespaces() -> list[str]:
    if users.can_become_another():
        # No user namespace: root becomes a user that nobody else is, which it could not in one made for it.
        namespaces = ["--unshare-ipc", "--unshare-pid", "--unshare-net", "--unshare-uts", "--unshare-cgroup-try"]
        capabilities = ["--cap-drop", "ALL"]
        for name in ("CAP_SETUID", "CAP_SETGID", "CAP_SETPCAP"):
            capabilities += ["--cap-add", name]
        return [*namespaces, *capabilities]
    return ["--unshare-all", *(["--unshare-user", "--disable-userns"] if _can_close_namespaces() else [])]


@functools.cache
def _can_close_namespaces() -> bool:
    answer = subprocess.run([_found("bwrap"), "--help"], capture_output=True, text=True, timeout=10, check=False)
    return "--disable-userns" in answer.stdout + answer.stderr


def _unshare(room: Room) -> list[str]:
    namespaces = ["--net", "--pid", "--mount", "--ipc", "--uts", "--fork", "--kill-child"]
    if not users.can_become_another():
        namespaces += ["--user", "--map-root-user"]
    # unshare itself would outlive us; it takes its child along.
    command = [_found("setpriv"), "--pdeathsig", "KILL", "--", _found("unshare"), *namespaces, "--"]
    return [*command, *PYTHON, os.fspath(SCRIPTS / "room.py"), json.dumps(asdict(room))]


def _limits_only(_: Room) -> list[str]:
    return [*PYTHON, os.fspath(SCRIPTS / "inside.py")]


BUBBLEWRAP = Mechanism("bubblewrap", ("bwrap",), _bubblewrap)
UNSHARE = Mechanism("unshare", ("unshare", "setpriv"), _unshare)
LIMITS_ONLY = Mechanism(
    "limits",
    (),
    _limits_only,
    gaps=(
        "files: all that you can read or write is open to it",
        "network: open",
        "processes: it sees yours and can signal them, and one that hides well may survive",
    ),
    walls=False,
)
CONTAINING = (BUBBLEWRAP, UNSHARE) if platform.system() == "Linux" else ()
BY_NAME: Mapping[str, Mechanism] = {each.name: each for each in (BUBBLEWRAP, UNSHARE, LIMITS_ONLY)}
