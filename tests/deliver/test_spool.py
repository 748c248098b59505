"""Nothing that was written is lost, however the writer dies."""

import os
import signal
import stat
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from tachograph.deliver.spool import Spool


def lines(folder: Path) -> list[bytes]:
    return [line for file in sorted(folder.glob("*.otlp.jsonl")) for line in file.read_bytes().splitlines()]


def test_files_are_private_and_made_only_when_needed(tmp_path: Path) -> None:
    """No file without a span; what is written only the user can read."""
    folder = tmp_path / "home" / "spool"
    spool = Spool(folder)
    assert not folder.exists()
    spool.write(b"{}\n")
    file = next(folder.iterdir())
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    spool.close()


def test_threads_do_not_tear_each_others_lines(tmp_path: Path) -> None:
    """Eight threads, 500 lines each, of a length that does not fit one page."""
    spool = Spool(tmp_path)
    line = b"x" * 6_000

    def write() -> None:
        for _ in range(500):
            spool.write(line + b"\n")

    threads = [threading.Thread(target=write) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    spool.close()
    assert lines(tmp_path) == [line] * 4_000


def test_a_forked_child_writes_whole_lines_too(tmp_path: Path) -> None:
    """Parent and child go on with the same file and do not disturb each other."""
    program = """
import os, sys
from pathlib import Path
from tachograph.deliver.spool import Spool
spool = Spool(Path(sys.argv[1]))
spool.write(b"before\\n")
child = os.fork()
for _ in range(1000):
    spool.write((b"child " if child == 0 else b"parent ") * 100 + b"\\n")
if child == 0:
    os._exit(0)
os.waitpid(child, 0)
"""
    subprocess.run([sys.executable, "-c", program, str(tmp_path)], check=True, timeout=60)
    found = lines(tmp_path)
    assert found.count(b"child " * 100) == found.count(b"parent " * 100) == 1_000
    assert len(found) == 2_001


def test_a_folder_that_cannot_be_made_is_told_once(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """The loss is counted; the writer goes on."""
    blocker = tmp_path / "file"
    blocker.write_text("")
    spool = Spool(blocker / "spool")
    for _ in range(3):
        spool.write(b"{}\n")
    assert spool.dropped == 3
    assert len(caplog.records) == 1


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a device that is always full")
def test_a_full_disk_loses_only_what_does_not_fit(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """A line cut by a full disk does not spoil the next one that fits."""
    spool = Spool(tmp_path)
    spool.write(b"first\n")
    really_write = os.write

    def disk_that_fills_up(descriptor: int, data: bytes) -> int:
        monkeypatch.setattr(os, "write", lambda *_: really_write(os.open("/dev/full", os.O_WRONLY), b"x"))
        return really_write(descriptor, data[:4])

    monkeypatch.setattr(os, "write", disk_that_fills_up)
    spool.write(b"second\n")
    monkeypatch.setattr(os, "write", really_write)
    spool.write(b"third\n")
    assert lines(tmp_path) == [b"first", b"seco", b"third"]
    assert spool.dropped == 1


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM])
def test_a_killed_writer_leaves_every_finished_line(tmp_path: Path, how: signal.Signals) -> None:
    """Each line that was said to be written is there after the kill."""
    program = """
import sys
from pathlib import Path
from tachograph.deliver.spool import Spool
spool = Spool(Path(sys.argv[1]))
for number in range(10**9):
    spool.write(b"%d\\n" % number)
    print(number, flush=True)
"""
    with subprocess.Popen([sys.executable, "-c", program, str(tmp_path)], stdout=subprocess.PIPE) as process:
        assert process.stdout
        said = [process.stdout.readline() for _ in range(200)]
        process.send_signal(how)
        said += process.stdout.read().splitlines(keepends=True)
    assert process.returncode == -how
    whole = [line for line in said if line.endswith(b"\n")]
    assert len(lines(tmp_path)) >= len(whole) >= 200
    assert lines(tmp_path)[: len(whole)] == [line.strip() for line in whole]
