"""A containment: a private copy of a folder, the mechanism that is had here, and runs in it."""

import contextlib
import functools
import math
import os
import sys
import tempfile
import warnings
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from tachograph.quality.containment import cgroups, copying, users, visible
from tachograph.quality.containment.mechanisms import BY_NAME, CONTAINING, LIMITS_ONLY, SCRIPTS, Mechanism, Room
from tachograph.quality.containment.results import Completed, Limits, NotContained
from tachograph.quality.containment.running import Command, run

_NO_SUM = "memory: no control group may be made here, so the sum over processes is looked at ten times a second only"
_OPEN = "files, network and processes are open to it"


@dataclass(frozen=True, slots=True)
class Containment:
    """A copy of a folder and the way its code is contained; made by `contained`, and gone when that is left."""

    folder: Path
    mechanism: str
    gaps: tuple[str, ...]
    limits: Limits
    _private: Path
    _user: int | None

    def run(
        self,
        argv: Sequence[str],
        *,
        env: Mapping[str, str] = {},
        cwd: Path = Path(),
        seconds: float | None = None,
        readable: Sequence[Path] = (),
    ) -> Completed:
        """Run a program in the copy, and wait for its end.

        `env` is added to an environment that has PATH, HOME, TMPDIR and LANG alone; `cwd` is below the copy; `seconds`
        by the clock take the place of those of the limits; `readable` are paths that it may read besides the system's
        and those of this Python. Raises NotContained where the room could not be built.
        """
        how = BY_NAME[self.mechanism]
        orders = {
            "argv": list(map(os.fspath, argv)),
            "env": _environment(env),
            "cwd": os.fspath(self.folder / cwd),
            "limits": _resources(self.limits),
            "user": self._user,
            "walls": how.walls,
            "own_users": how.name == "unshare" and self._user is None,
        }
        command = Command(how.command(self._room(readable)), orders, self.folder, how.walls)
        return run(command, self.limits, self.limits.seconds if seconds is None else seconds)

    def _room(self, readable: Sequence[Path]) -> Room:
        of_system, links = visible.system()
        shown = [*of_system, *visible.shown([*visible.of_python(), SCRIPTS, *readable])]
        accounts = [(os.fspath(self._private / name), f"/etc/{name}") for name in ("passwd", "group")]
        return Room(
            copy=os.fspath(self.folder),
            readable=(*((os.fspath(path.resolve()), os.fspath(path)) for path in shown), *accounts),
            links=tuple((text, os.fspath(place)) for text, place in links),
            tmp_bytes=self.limits.written_bytes // 4,
        )

    def read(self, path: Path, most: int = 2**24) -> bytes:
        """What a run wrote at `path`, relative to the copy; raises OSError if it is no file there or over `most` bytes.

        Runs may leave links behind that lead anywhere: whoever opens a file of the copy himself may read another.
        """
        file = (self.folder / path).resolve()
        if not file.is_relative_to(self.folder.resolve()) or not file.is_file():
            raise FileNotFoundError(f"{path} is no file of the copy")
        if file.stat().st_size > most:
            raise OSError(f"{path} has more than {most} bytes")
        return file.read_bytes()


@contextlib.contextmanager
def contained(
    folder: Path,
    *,
    limits: Limits = Limits(),  # noqa: B008 - is frozen
    unsafe: bool = False,
    keep: Collection[str] = (),
    mechanism: str | None = None,
) -> Iterator[Containment]:
    """A private copy of `folder` in which code that nobody has read can be run, and that is removed at the end.

    Left out of the copy are links that lead out of it, devices, virtual environments, caches and what versions are kept
    in (`.git`), except for what is named in `keep`. The strongest mechanism that works here is taken, or the one that
    is named. Raises NotContained where none works, unless `unsafe` allows to go without, and TooLarge.
    """
    how = _chosen(unsafe, mechanism)
    private = Path(tempfile.mkdtemp(prefix="tachograph-")).resolve()
    try:
        copy = private / "copy"
        copying.copy_folder(folder, copy, limits, keep)
        user = users.another() if how.walls and users.can_become_another() else None
        _write_accounts(private, user)
        if user is not None:
            copying.give_to(copy, user)
        gaps = how.gaps if cgroups.available() else (*how.gaps, _NO_SUM)
        yield Containment(copy, how.name, gaps, limits, private, user)
    finally:
        copying.remove(private)


def _chosen(unsafe: bool, name: str | None) -> Mechanism:
    if name is not None:
        if (why := missing(name)) is not None:
            raise NotContained(f"{name} does not work here: {why}")
        return BY_NAME[name]
    for each in CONTAINING:
        if missing(each.name) is None:
            return each
    if not unsafe:
        raise NotContained(_advice())
    warnings.warn(f"code runs with limits only: {_OPEN}", RuntimeWarning, stacklevel=4)
    return LIMITS_ONLY


def _advice() -> str:
    if not CONTAINING:
        return f"code can be contained on Linux only, not on {sys.platform}; --unsafe runs it with limits only: {_OPEN}"
    reasons = "; ".join(f"{each.name}: {missing(each.name)}" for each in CONTAINING)
    return f"code cannot be contained here ({reasons}): install bubblewrap, or give --unsafe to run it with limits only"


@functools.cache
def missing(name: str) -> str | None:
    """Why a mechanism does not work here, None if it does; tried once, by running a program in an empty folder."""
    how = BY_NAME[name]
    if lacking := how.lacks():
        return f"{' and '.join(lacking)} not installed"
    with tempfile.TemporaryDirectory(prefix="tachograph-") as private:
        copy = Path(private).resolve() / "copy"
        copy.mkdir()
        user = users.another() if how.walls and users.can_become_another() else None
        _write_accounts(copy.parent, user)
        trial = Containment(copy, name, (), Limits(), copy.parent, user)
        try:
            tried = trial.run([sys.executable, "-I", "-S", "-c", "pass"], seconds=20)
        except NotContained as error:
            return str(error)
    return (
        None
        if tried.status == 0
        else f"{sys.executable} does not start: {tried.stderr.decode(errors='replace').strip()}"
    )


def _write_accounts(private: Path, user: int | None) -> None:
    """The only users and groups that there are inside."""
    number = os.geteuid() if user is None else user
    (private / "passwd").write_text(f"root:x:0:0::/tmp:/bin/sh\ncontained:x:{number}:{number}::/tmp:/bin/sh\n")
    (private / "group").write_text(f"root:x:0:\ncontained:x:{number}:\n")
    for name in ("passwd", "group"):
        (private / name).chmod(0o644)


def _environment(more: Mapping[str, str]) -> dict[str, str]:
    path = f"{Path(sys.executable).parent}:/usr/local/bin:/usr/bin:/bin"
    return {"PATH": path, "HOME": "/tmp", "TMPDIR": "/tmp", "LANG": "C.UTF-8", **more}  # noqa: S108 - private ones


def _resources(limits: Limits) -> dict[str, int]:
    return {
        "RLIMIT_CORE": 0,
        "RLIMIT_CPU": math.ceil(limits.cpu_seconds),
        "RLIMIT_AS": limits.memory_bytes,
        "RLIMIT_FSIZE": limits.file_bytes,
        "RLIMIT_NOFILE": limits.open_files,
        "RLIMIT_NPROC": limits.processes,
    }
