"""What a Python child tells `tachograph run` of itself: the names and options that only its command library knows.

A small file, whose name is in the environment; one `key value` a line. The child writes it anew whenever there is
more to tell, so that what is known survives however it ends.
"""

from __future__ import annotations

import os

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

VARIABLE = "TACHOGRAPH_RUN"

PROGRAM, PART, OPTION, OUTCOME, ERROR_TYPE, MESSAGE = "program", "part", "option", "outcome", "error_type", "message"


def offer(folder: str) -> str:
    """The value of `VARIABLE` for a child of this process."""
    return f"{os.getpid()}:{os.path.join(folder, f'run-{os.getpid()}-{os.urandom(4).hex()}')}"


def wanted() -> str | None:
    """The file to write to, where this process was started by `tachograph run` itself and not further down."""
    pid, _, file = os.environ.get(VARIABLE, "").partition(":")
    return file if file and pid == str(os.getppid()) else None


def write(file: str, facts: Iterable[tuple[str, str]]) -> None:
    """Tell these facts, and no others before them."""
    lines = [f"{key} {value.encode('unicode_escape').decode()}\n" for key, value in facts]
    with open(f"{file}.new", "w", opener=_private) as stream:
        stream.writelines(lines)
    os.replace(f"{file}.new", file)


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)


def read(offered: str) -> list[tuple[str, str]]:
    """What a child has told, nothing where it had nothing to tell; the file is gone afterwards."""
    file = offered.partition(":")[2]
    try:
        with open(file) as stream:
            lines = stream.read().splitlines()
        os.unlink(file)
    except OSError:
        return []
    pairs = [line.partition(" ") for line in lines]
    return [(key, value.encode().decode("unicode_escape")) for key, _, value in pairs]
