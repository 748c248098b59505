"""A line is appended whole, and what goes wrong is told, whichever way it is written."""

import os
from pathlib import Path

import pytest

from tachograph.deliver import appending
from tachograph.deliver.appending import unyielding
from tachograph.deliver.spool import Spool


def test_lines_are_those_that_were_written(tmp_path: Path) -> None:
    """Also with zeros in them, and empty ones."""
    lines = [b"one\n", b"", b"with \0 zero\n", b"x" * 100_000 + b"\n"]
    descriptor = os.open(tmp_path / "file", os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    write = unyielding()
    assert [write(descriptor, line) for line in lines] == list(map(len, lines))
    os.close(descriptor)
    assert (tmp_path / "file").read_bytes() == b"".join(lines)


def test_an_error_is_the_one_that_the_system_tells(tmp_path: Path) -> None:
    """A closed file, a full disk."""
    with pytest.raises(OSError, match="Bad file descriptor"):
        unyielding()(-1, b"line\n")
    if Path("/dev/full").exists():
        with open("/dev/full", "wb", buffering=0) as full, pytest.raises(OSError, match="No space left"):  # noqa: PTH123
            unyielding()(full.fileno(), b"line\n")


def test_after_a_slow_line_others_get_their_turn_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A disk that makes writers wait holds up nobody but the thread that writes."""
    written: list[bytes] = []
    really_write = os.write
    monkeypatch.setattr(os, "write", lambda descriptor, line: written.append(line) or really_write(descriptor, line))
    write = unyielding()
    with (tmp_path / "file").open("wb", buffering=0) as file:
        write(file.fileno(), b"quick\n")
        monkeypatch.setattr(appending, "_SLOW_S", -1.0)  # anything is slow now
        for line in (b"slow\n", b"again\n", b"ever\n"):
            write(file.fileno(), line)
    assert written == [b"ever\n"]
    assert (tmp_path / "file").read_bytes() == b"quick\nslow\nagain\never\n"


def test_one_slow_line_alone_says_nothing_of_the_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A thread may have waited for a processor; and what was slow long ago does not count."""
    monkeypatch.setattr(os, "write", lambda *_: pytest.fail("the lock was given away"))
    write = unyielding()
    with (tmp_path / "file").open("wb", buffering=0) as file:
        for limit in (-1.0, *[60.0] * 100, -1.0, 60.0):
            monkeypatch.setattr(appending, "_SLOW_S", limit)
            write(file.fileno(), b"line\n")


def test_the_spool_is_the_same_either_way(tmp_path: Path) -> None:
    """Segments, rotation and losses are no matter of how a line is appended."""
    spool = Spool(tmp_path / "spool")
    spool.append = unyielding()
    for number in range(100):
        spool.write(b"%d\n" % number)
    assert spool.path is not None
    assert spool.path.read_bytes() == b"".join(b"%d\n" % number for number in range(100))
    spool.close()
