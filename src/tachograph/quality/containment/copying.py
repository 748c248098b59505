"""A private copy of a folder that somebody else wrote, bounded and without ways out of it, and its removal."""

import os
import shutil
import stat
import subprocess
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from tachograph.quality.containment.results import Limits, TooLarge

# History and what tools made: large, of no use to a review, and in `.git` there may be credentials.
LEFT_OUT = frozenset(
    {
        ".git",
        ".hg",
        ".svn",
        ".tox",
        ".nox",
        ".mypy_cache",
        ".pytest_cache",
        ".ruff_cache",
        "__pycache__",
        "node_modules",
    }
)
_VIRTUAL_ENVIRONMENT = "pyvenv.cfg"
_CHUNK = 2**20


@dataclass(slots=True)
class _Budget:
    folder: Path
    limits: Limits
    files: int = field(default=0)
    bytes: int = field(default=0)

    def spend(self, files: int = 0, size: int = 0) -> None:
        """Raise TooLarge where the copy would be over its limits."""
        self.files += files
        self.bytes += size
        if self.files > self.limits.copy_files:
            raise TooLarge(f"{self.folder} has more than {self.limits.copy_files} files; it is not copied")
        if self.bytes > self.limits.copy_bytes:
            raise TooLarge(f"{self.folder} is larger than {self.limits.copy_bytes} bytes; it is not copied")


def copy_folder(folder: Path, copy: Path, limits: Limits, keep: Collection[str] = ()) -> None:
    """Copy the regular files, folders and inner links of `folder`; raises TooLarge, OSError for the unreadable."""
    source = folder.resolve(strict=True)
    budget = _Budget(folder, limits)
    copy.mkdir()
    waiting = [(source, copy)]
    while waiting:
        here, there = waiting.pop()
        for entry in _entries(here, keep):
            budget.spend(files=1)
            target = there / entry.name
            if entry.is_symlink():
                _copy_link(Path(entry.path), target, source)
            elif entry.is_dir(follow_symlinks=False):
                target.mkdir()
                waiting.append((Path(entry.path), target))
            elif entry.is_file(follow_symlinks=False):
                _copy_file(entry.path, target, budget)
            # Devices, fifos and sockets are no work of an agent, and reading them may never end.


def _entries(folder: Path, keep: Collection[str]) -> Iterator[os.DirEntry[str]]:
    with os.scandir(folder) as entries:
        for entry in entries:
            if entry.name in keep or not _left_out(entry):
                yield entry


def _left_out(entry: os.DirEntry[str]) -> bool:
    if entry.name in LEFT_OUT:
        return True
    return entry.is_dir(follow_symlinks=False) and Path(entry.path, _VIRTUAL_ENVIRONMENT).is_file()


def _copy_link(link: Path, target: Path, source: Path) -> None:
    """Copy a relative link that stays inside; what leads out is dropped, wherever it leads in the end."""
    text = link.readlink()
    if not text.is_absolute() and link.resolve().is_relative_to(source):
        target.symlink_to(text)


def _copy_file(path: str, target: Path, budget: _Budget) -> None:
    # Not followed and not waited for: the entry may have become a link or a fifo since it was listed.
    descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    with os.fdopen(descriptor, "rb") as file:
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode):
            return
        with target.open("xb") as copy:
            while chunk := file.read(_CHUNK):
                budget.spend(size=len(chunk))
                copy.write(chunk)
    target.chmod(0o600 | status.st_mode & 0o111)


def give_to(copy: Path, user: int) -> None:
    """Hand the whole copy to `user`."""
    for folder, folders, files in os.walk(copy):
        os.chown(folder, user, user, follow_symlinks=False)
        for name in (*folders, *files):
            os.chown(os.path.join(folder, name), user, user, follow_symlinks=False)  # noqa: PTH118 - speed


def size_of(copy: Path) -> int:
    """The bytes that the files of `copy` take on disk; what vanishes meanwhile is passed over."""
    total = 0
    for folder, _, files in os.walk(copy, onerror=None):
        for name in files:
            try:
                total += os.lstat(os.path.join(folder, name)).st_blocks * 512  # noqa: PTH118 - speed
            except OSError:  # removed since it was listed, or its folder was closed to us
                continue
    return total


def remove(folder: Path) -> None:
    """Remove a folder in which unknown code could write: however deep it is, and whoever may read its folders."""
    # `rm` walks without recursion and without following links; Python before 3.13 has a limit to its depth.
    for command in (["chmod", "-R", "u+rwx"], ["rm", "-rf"]):
        subprocess.run([*command, "--", os.fspath(folder)], capture_output=True, check=False)
    if folder.exists():
        shutil.rmtree(folder)
