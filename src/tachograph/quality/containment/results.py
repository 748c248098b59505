"""What a contained run may use, and what became of it."""

from dataclasses import dataclass
from typing import Literal

Ended = Literal["exit", "signal", "timeout", "cpu", "memory", "output"]

MEBIBYTE = 2**20


@dataclass(frozen=True, slots=True)
class Limits:
    """The bounds of one run, and of the copy that it works on; each run of a containment begins anew."""

    seconds: float = 120.0  # by the clock
    cpu_seconds: float = 120.0  # over all processes of the run
    memory_bytes: int = 2048 * MEBIBYTE  # address space of each process, and memory in use over all of them
    processes: int = 64  # processes and threads at a time
    file_bytes: int = 64 * MEBIBYTE  # the length of any one file
    written_bytes: int = 512 * MEBIBYTE  # by how much the copy may grow; /tmp and /dev/shm may hold a quarter each
    output_bytes: int = 4 * MEBIBYTE  # stdout and stderr together
    open_files: int = 1024  # in each process
    copy_bytes: int = 512 * MEBIBYTE  # of the copy when it is made
    copy_files: int = 50_000  # files, folders and links in it


@dataclass(frozen=True, slots=True)
class Completed:
    """How a run ended.

    `status` is the exit status, or the negative number of the signal where `ended` is "signal"; it is None where we
    ended the run: "timeout", "cpu", "memory" and "output" name the limit that was passed ("output": of what it
    printed, or of what it wrote into the copy). A program that handles being refused memory or processes ends by
    "exit". `cpu_seconds` are those of all processes, `peak_bytes` the resident memory of the largest one.
    """

    status: int | None
    stdout: bytes
    stderr: bytes
    seconds: float
    cpu_seconds: float
    peak_bytes: int | None
    ended: Ended


class NotContained(Exception):
    """There is no way to contain code here, or a room could not be built; the message is one line that says why."""


class TooLarge(NotContained):
    """The folder is larger than the copy may be, or has more files."""
