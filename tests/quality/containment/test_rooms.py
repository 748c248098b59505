"""Containments in ordinary use: the copy, how runs end, what is refused, and what is said where there are no walls."""

import os
import socket
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from containment_drive import drive

from tachograph.quality.containment import Limits, NotContained, TooLarge, contained

Attempt = Callable[..., Any]


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A small package with a test, in a folder with what a folder of work has."""
    folder = tmp_path / "project"
    folder.mkdir()
    (folder / "sums.py").write_text("def add(a, b):\n    return a + b\n")
    (folder / "test_sums.py").write_text("from sums import add\n\ndef test_add():\n    assert add(1, 2) == 3\n")
    return folder


def test_a_projects_tests_run(project: Path, mechanism: str) -> None:
    """pytest of the running environment works inside, and may write into the copy."""
    with contained(project, mechanism=mechanism) as room:
        done = room.run([sys.executable, "-m", "pytest", "-q", "--junit-xml=report.xml"])
        assert (done.ended, done.status) == ("exit", 0), done.stdout.decode()
        assert b"1 passed" in done.stdout
        assert b'failures="0"' in room.read(Path("report.xml"))
    assert not (project / "report.xml").exists()
    assert not room.folder.exists()


@pytest.mark.parametrize(
    ("code", "ended", "status"),
    [
        ("raise SystemExit(3)", "exit", 3),
        ("raise SystemExit(137)", "exit", 137),
        ("import os; os.kill(os.getpid(), 11)", "signal", -11),
        ("import os; os.kill(os.getpid(), 9)", "signal", -9),
        ("import os; os.close(1); os.close(2)", "exit", 0),
    ],
)
def test_how_a_run_ended_is_told(project: Path, mechanism: str, code: str, ended: str, status: int) -> None:
    """Exit statuses and signals are told apart."""
    with contained(project, mechanism=mechanism) as room:
        done = room.run([sys.executable, "-c", code])
    assert (done.ended, done.status) == (ended, status)


def test_a_program_that_is_not_there(project: Path, mechanism: str) -> None:
    """Ends as in a shell, by exit status 127 and a line on stderr."""
    with contained(project, mechanism=mechanism) as room:
        done = room.run(["no-such-program"])
    assert (done.ended, done.status) == ("exit", 127)
    assert b"no-such-program" in done.stderr


def test_what_it_used_is_measured(project: Path, mechanism: str) -> None:
    """CPU time counts the children's; the peak is that of the largest process, and none of ours."""
    code = (
        "import subprocess, sys; subprocess.run([sys.executable, '-c', 'held = bytes(range(256)) * 2**18; sum(held)'])"
    )
    held_here = os.urandom(2**20) * 300
    with contained(project, mechanism=mechanism) as room:
        done = room.run([sys.executable, "-c", code])
    assert done.ended == "exit"
    assert 64 * 2**20 < (done.peak_bytes or 0) < 200 * 2**20 < len(held_here)
    assert done.cpu_seconds > 0.1


def test_a_run_begins_in_a_folder_of_the_copy(project: Path, mechanism: str) -> None:
    """`cwd` is below the copy, whose path inside is its path outside."""
    (project / "below").mkdir()
    with contained(project, mechanism=mechanism) as room:
        done = room.run([sys.executable, "-c", "import os; print(os.getcwd())"], cwd=Path("below"))
        assert done.stdout.decode().strip() == str(room.folder / "below")


def test_runs_see_what_earlier_ones_wrote(project: Path, mechanism: str) -> None:
    """The copy stays from run to run; /tmp does not."""
    with contained(project, mechanism=mechanism) as room:
        room.run([sys.executable, "-c", "open('kept', 'w'); open('/tmp/gone', 'w')"])
        done = room.run([sys.executable, "-c", "import os; print(os.path.exists('kept'), os.path.exists('/tmp/gone'))"])
    assert done.stdout == b"True False\n"


def test_further_paths_are_read_only(project: Path, mechanism: str, tmp_path: Path) -> None:
    """`readable` shows a path inside where it is outside, and it cannot be changed."""
    shown = tmp_path / "shown"
    shown.mkdir()
    (shown / "file").write_text("text")
    for each in (shown, *tmp_path.parents):
        each.chmod(each.stat().st_mode | 0o755) if each.is_relative_to(tmp_path) else None
    code = f"""
print(open({str(shown / "file")!r}).read())
try:
    open({str(shown / "file")!r}, "w")
except OSError as error:
    print(error.strerror)
"""
    with contained(project, mechanism=mechanism) as room:
        done = room.run([sys.executable, "-c", code], readable=[shown])
    assert done.stdout.decode() == "text\nRead-only file system\n" or b"Permission denied" in done.stdout


@pytest.mark.parametrize("path", [Path("/"), Path.home(), Path.home().parent])
def test_the_home_is_not_shown_even_if_asked_for(project: Path, mechanism: str, path: Path) -> None:
    """A readable path that holds the home folder is refused."""
    with contained(project, mechanism=mechanism) as room, pytest.raises(NotContained, match="holds the home folder"):
        room.run(["true"], readable=[path])


def test_what_is_left_out_of_the_copy(project: Path) -> None:
    """History, caches, environments, fifos and sockets are not copied; `keep` brings a name back."""
    for name in (".git", "__pycache__", "node_modules"):
        (project / name).mkdir()
        (project / name / "file").touch()
    (project / "environment").mkdir()
    (project / "environment" / "pyvenv.cfg").touch()
    os.mkfifo(project / "fifo")
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(os.path.relpath(project / "socket"))
        with contained(project, mechanism="limits") as room:
            assert names(room.folder) == {"sums.py", "test_sums.py"}
        with contained(project, mechanism="limits", keep=[".git"]) as room:
            assert names(room.folder) == {"sums.py", "test_sums.py", ".git", ".git/file"}


def names(folder: Path) -> set[str]:
    return {str(each.relative_to(folder)) for each in folder.rglob("*")}


def test_a_folder_that_is_too_large_is_not_copied(project: Path) -> None:
    """Neither more bytes than may be, even if they are holes, nor more files; nothing of the copy stays."""
    with (project / "holes").open("wb") as holes:
        holes.truncate(2**40)
    with pytest.raises(TooLarge, match="larger than"), contained(project, mechanism="limits"):
        pass
    few = Limits(copy_files=2)
    with pytest.raises(TooLarge, match="more than 2 files"), contained(project, mechanism="limits", limits=few):
        pass


def test_temporary_files_kept_in_the_folder(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The copy does not hold itself where the folder for temporary files is in what is copied."""
    monkeypatch.setattr("tempfile.tempdir", str(project))
    with contained(project, mechanism="limits") as room:
        assert names(room.folder) == {"sums.py", "test_sums.py"}
    assert names(project) == {"sums.py", "test_sums.py"}


def test_what_cannot_be_walked_is_removed(attempt: Attempt) -> None:
    """Folders that nobody may enter, and a thousand in each other, do not outlive the containment."""
    code = """
import os
os.mkdir("closed"); open("closed/file", "w").close(); os.chmod("closed", 0)
for _ in range(1500):
    os.mkdir("deep" * 10); os.chdir("deep" * 10)
"""
    done = attempt(code)
    assert (done.ended, done.status, done.left) == ("exit", 0, [])


def test_without_a_mechanism_nothing_runs(tmp_path: Path) -> None:
    """Where no program that contains is found, one line says what to do; --unsafe runs with limits, and says so."""
    order = {"code": "print('ran')", "limits": {"cpu_seconds": 5}}
    refused = drive(order, PATH=str(tmp_path)).refused
    assert "\n" not in refused
    assert "bubblewrap" in refused
    assert "--unsafe" in refused
    allowed = drive({**order, "unsafe": True}, PATH=str(tmp_path))
    assert allowed.mechanism == "limits"
    assert allowed.stdout == "ran\n"
    assert any("network" in warning for warning in allowed.warnings)
    assert any(gap.startswith("network") for gap in allowed.gaps)


def test_the_strongest_mechanism_is_taken(tmp_path: Path, mechanism: str) -> None:
    """bubblewrap where it works, unshare where that is not installed."""
    needed = {"bubblewrap": ("bwrap", "unshare", "setpriv"), "unshare": ("unshare", "setpriv")}[mechanism]
    for program in needed:
        found = next(path for folder in os.get_exec_path() if (path := Path(folder, program)).exists())
        (tmp_path / program).symlink_to(found)
    assert drive({"code": ""}, PATH=str(tmp_path)).mechanism == mechanism


def test_limits_alone_still_end_a_run() -> None:
    """Without walls, time, output and processes left behind are still bounded."""
    order = {
        "mechanism": "limits",
        "code": "import os, time\nif os.fork():\n    time.sleep(60)\ntime.sleep(60)",
        "seconds": 1,
    }
    done = drive(order)
    assert done.ended == "timeout"
    assert done.seconds < 20
    assert drive({**order, "code": "while True: print('x' * 99)", "limits": {"output_bytes": 9999}}).ended == "output"
