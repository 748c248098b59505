"""A control group for a run, where we may make one: the only exact bound of memory and processes over a whole run."""

import contextlib
import os
import secrets
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tachograph.quality.containment.results import Limits

ROOT = Path("/sys/fs/cgroup")
OWN_PROCESSES = 8  # bubblewrap or unshare, and the first process of the room
_EMPTIED_SECONDS = 2.0


@dataclass(frozen=True, slots=True)
class Group:
    """The folders of one group: one in version 2, one a controller in version 1."""

    folders: tuple[Path, ...]

    @property
    def joining(self) -> list[str]:
        """The command that joins the group and then becomes what is put behind it."""
        joined = "; ".join(f'echo $$ > "{folder}/cgroup.procs" || exit 125' for folder in self.folders)
        return ["/bin/sh", "-c", f'{joined}; exec "$@"', "sh"] if self.folders else []

    def out_of_memory(self) -> bool:
        """Whether the kernel ended a process of the group for want of memory."""
        return any(_count(folder / name) for folder in self.folders for name in ("memory.events", "memory.oom_control"))


def _count(file: Path) -> int:
    """`oom_kill` in the files of both versions; 0 where there is no such file."""
    with contextlib.suppress(FileNotFoundError):
        words = file.read_text().split()
        if "oom_kill" in words:
            return int(words[words.index("oom_kill") + 1])
    return 0


@contextlib.contextmanager
def group(limits: Limits) -> Iterator[Group]:
    """A group with the limits of memory and processes, empty where none may be made; removed when it is left."""
    folders = _make(limits)
    try:
        yield Group(folders)
    finally:
        for folder in folders:
            _remove(folder)


def available() -> bool:
    """Whether a group for memory and processes can be made here."""
    with group(Limits()) as made:
        return bool(made.folders)


def _make(limits: Limits) -> tuple[Path, ...]:
    name = f"tachograph-{os.getpid()}-{secrets.token_hex(4)}"
    own = _own_groups()
    first = _version_1(own, name, limits)
    return first or _version_2(own.get("", "/"), name, limits)


def _own_groups() -> dict[str, str]:
    """Controller → path of the group that we are in; version 2 has the controller ""."""
    groups = {}
    with contextlib.suppress(FileNotFoundError):
        for line in Path("/proc/self/cgroup").read_text().splitlines():
            _, controllers, path = line.split(":", 2)
            groups.update(dict.fromkeys(controllers.split(","), path))
    return groups


def _version_1(own: dict[str, str], name: str, limits: Limits) -> tuple[Path, ...]:
    wanted = {
        "memory": {"memory.limit_in_bytes": limits.memory_bytes},
        "pids": {"pids.max": limits.processes + OWN_PROCESSES},
    }
    made: list[Path] = []
    for controller, values in wanted.items():
        folder = ROOT / controller / own.get(controller, "/").lstrip("/") / name
        if controller not in own or not _made(folder, values):
            for each in made:
                _remove(each)
            return ()
        made.append(folder)
    return tuple(made)


def _version_2(own: str, name: str, limits: Limits) -> tuple[Path, ...]:
    values = {
        "memory.max": limits.memory_bytes,
        "memory.swap.max": 0,
        "memory.oom.group": 1,
        "pids.max": limits.processes + OWN_PROCESSES,
    }
    place = ROOT / own.lstrip("/")
    # A group with processes in it hands no controllers to groups below, so the place is beside it, except at the root.
    for parent in (place.parent, place) if place != ROOT else (place,):
        folder = parent / name
        if parent.is_relative_to(ROOT) and _made(folder, values):
            return (folder,)
    return ()


def _made(folder: Path, values: dict[str, int]) -> bool:
    try:
        _sweep(folder.parent)
        folder.mkdir()
    except OSError:  # not ours to make, or not mounted
        return False
    try:
        for name, value in values.items():
            if (folder / name).exists() or name.endswith(".max"):
                (folder / name).write_text(str(value))
    except OSError:  # the controller is not handed down to here
        _remove(folder)
        return False
    return True


def _sweep(parent: Path) -> None:
    """Remove the empty groups of those of us who were killed before they could."""
    for left in parent.glob("tachograph-*-*"):
        owner = left.name.split("-")[1]
        if owner.isdigit() and not Path("/proc", owner).exists():
            with contextlib.suppress(OSError):  # it is not empty yet, or not ours
                left.rmdir()


def _remove(folder: Path) -> None:
    """Remove an empty group; the kernel may take a moment to see that its last process is gone."""
    until = time.monotonic() + _EMPTIED_SECONDS
    while folder.exists():
        try:
            folder.rmdir()
        except OSError:
            if time.monotonic() > until:
                raise
            time.sleep(0.01)
