"""What contained code tries, and what comes of it; each attempt is bounded by itself, in case it should succeed."""

import os
import socket
import subprocess
import sys
import time
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

Attempt = Callable[..., Any]

MEBIBYTE = 2**20
PROCESSES = 24


@pytest.fixture
def listener() -> Iterator[socket.socket]:
    """A server of the machine, which everybody outside can reach."""
    with (
        socket.create_server(("127.0.0.1", 0)) as server,
        socket.create_connection(server.getsockname(), timeout=5),
    ):
        yield server


def test_forking_ends_at_the_limit(attempt: Attempt) -> None:
    """A program that forks until it cannot has no more processes than it may, whoever runs it."""
    code = """
import os, time
forked = 0
try:
    while forked < 300:
        if os.fork() == 0:
            time.sleep(20)
            os._exit(0)
        forked += 1
except OSError:
    print(forked)
"""
    done = attempt(code, limits={"processes": PROCESSES})
    assert done.ended == "exit"
    assert 1 < int(done.stdout) <= PROCESSES


def test_a_chain_of_forks_ends_with_its_room(attempt: Attempt) -> None:
    """Processes that keep forking and leave their parents are gone when the run is."""
    token = uuid.uuid4().hex
    code = """
import os
for generation in range(300):
    try:
        if os.fork():
            os._exit(0)
        os.setsid()
    except OSError:
        break
import time
time.sleep(30)
"""
    attempt(code, argv=[token], limits={"processes": PROCESSES}, seconds=3)
    assert survivors(token) == []


def test_output_without_end_is_cut(attempt: Attempt) -> None:
    """A program that prints for ever is ended, and no more than the limit and what was under way is kept."""
    done = attempt("while True: print('x' * 1000)", limits={"output_bytes": MEBIBYTE})
    assert (done.ended, done.status) == ("output", None)
    assert len(done.stdout) <= 2 * MEBIBYTE


def test_the_machine_cannot_be_reached_over_loopback(attempt: Attempt, listener: socket.socket) -> None:
    """A server that listens on the machine's loopback is not there inside."""
    code = f"""
import socket
try:
    socket.create_connection({listener.getsockname()}, timeout=5)
    print("connected")
except OSError as error:
    print(type(error).__name__)
"""
    assert attempt(code).stdout == "ConnectionRefusedError\n"


def test_there_is_no_network(attempt: Attempt) -> None:
    """No address outside can be sent to, by stream or datagram; the only interface is the room's own loopback."""
    code = """
import socket
print([name for _, name in socket.if_nameindex()])
for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM):
    try:
        with socket.socket(socket.AF_INET, kind) as one:
            one.settimeout(5)
            one.connect(("192.0.2.1", 9))
        print("sent")
    except OSError as error:
        print(error.strerror)
"""
    assert attempt(code).stdout == "['lo']\nNetwork is unreachable\nNetwork is unreachable\n"


def test_sockets_with_abstract_names_are_out_of_reach(attempt: Attempt) -> None:
    """What listens outside under a name that is no file, as desktops do, cannot be connected to."""
    name = f"\0tachograph-{uuid.uuid4().hex}"
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(name)
        server.listen()
        code = f"""
import socket
try:
    socket.socket(socket.AF_UNIX).connect({name!r})
    print("connected")
except OSError as error:
    print(type(error).__name__)
"""
        assert attempt(code).stdout == "ConnectionRefusedError\n"


def test_private_files_cannot_be_read(attempt: Attempt, tmp_path: Path) -> None:
    """Neither the home, nor the passwords, nor the folders of others and of the machine are there."""
    (tmp_path / "secret.txt").write_text("secret")
    wanted = [str(tmp_path / "secret.txt"), "/etc/shadow", "/etc/hostname", "/var/log", "/sys", "/run", "/boot"]
    wanted += [str(Path.home() / name) for name in (".ssh", ".config", ".bashrc", ".profile", ".netrc")]
    code = f"import os; print([path for path in [*{wanted!r}, VICTIM + '/kept.txt'] if os.path.exists(path)])"
    assert attempt(code).stdout == "[]\n"


def test_of_the_home_only_what_python_needs_is_seen(attempt: Attempt) -> None:
    """Where the interpreter lives in the home, nothing beside it is shown."""
    seen = attempt(f"import os; print(os.path.isdir({str(Path.home())!r}) and os.listdir({str(Path.home())!r}))").stdout
    on_the_way = {path.relative_to(Path.home()).parts[0] for path in shown_in_home()}
    assert seen in ("False\n", f"{sorted(on_the_way)}\n")


def shown_in_home() -> list[Path]:
    paths = [Path(sys.prefix), Path(sys.base_prefix), Path(__file__)]
    return [path for path in paths if path.is_relative_to(Path.home())]


def test_files_outside_cannot_be_deleted_or_changed(attempt: Attempt) -> None:
    """A folder outside that everybody may write to is as it was, by whatever path it is looked for."""
    code = """
import os, shutil
for path in (VICTIM, "/proc/1/root" + VICTIM, "/proc/1/cwd/" + VICTIM, "../../" + VICTIM):
    shutil.rmtree(path, ignore_errors=True)
    try:
        open(path + "/new.txt", "w").write("changed")
    except OSError:
        pass
"""
    assert attempt(code).victim == {"kept.txt": "kept"}


def test_the_system_cannot_be_written_to(attempt: Attempt) -> None:
    """Only the copy, /tmp and /dev/shm take files: not the root, not the system, not the Python that runs."""
    code = """
import os, sys
places = {"/", "/dev", "/etc", "/usr", "/usr/bin", "/usr/lib", "/proc", "/root", "/home", sys.prefix, sys.base_prefix}
places |= {os.path.dirname(os.__file__), os.path.dirname(sys.executable)}
for place in sorted(places):
    try:
        open(place + "/written-from-inside", "w").close()
        print(place)
    except OSError:
        pass
for place in (os.getcwd(), "/tmp", "/dev/shm"):
    open(place + "/written-from-inside", "w").close()
"""
    done = attempt(code)
    assert (done.stdout, done.stderr, done.status) == ("", "", 0)


def test_a_pth_file_cannot_be_planted(attempt: Attempt) -> None:
    """Code that would run with the next start of Python cannot be put into any folder that Python looks into outside,
    whatever the private folders inside are called."""
    code = """
import site, sys
for place in {*site.getsitepackages(), *sys.path[1:], site.getusersitepackages()}:
    try:
        with open(f"{place}/planted-by-a-test.pth", "w") as file:
            file.write("import sys")
        print(place)
    except OSError:
        pass
"""
    import site

    places = {*attempt(code).stdout.splitlines(), *site.getsitepackages(), *sys.path}
    assert not [place for place in places if Path(place, "planted-by-a-test.pth").exists()]


def test_links_out_of_the_folder_lead_nowhere(attempt: Attempt) -> None:
    """Links that lead out are not in the copy: nothing is read or written over them; inner ones are."""
    prepare = """
import os
open("own.txt", "w").write("own")
os.symlink("own.txt", "inner")
os.symlink(VICTIM + "/kept.txt", "absolute")
os.symlink("../victim/kept.txt", "relative")
os.symlink("../victim", "folder")
os.symlink("folder/kept.txt", "over_another")
os.symlink("loop", "loop")
"""
    code = """
import os
print(open("inner").read(), sorted(os.listdir()))
for name in ("absolute", "relative", "over_another"):
    open(name, "w").write("changed")
"""
    done = attempt(code, prepare=prepare)
    assert done.stdout == "own ['inner', 'own.txt']\n"
    assert done.victim == {"kept.txt": "kept"}


def test_links_that_a_run_plants_are_not_followed_from_outside(attempt: Attempt) -> None:
    """Who reads a result from the copy gets no file of the machine for it, and does not wait for a fifo."""
    code = """
import os
os.symlink("/etc/passwd", "report.xml")
os.symlink("/etc", "folder")
os.mkfifo("fifo")
open("honest.xml", "w").write("report")
"""
    done = attempt(code, read=["report.xml", "folder/passwd", "fifo", "../../victim/kept.txt", "honest.xml"])
    refused = dict.fromkeys(["report.xml", "folder/passwd", "fifo", "../../victim/kept.txt"])
    assert done.read == {**refused, "honest.xml": "report"}


def test_a_huge_sparse_file_is_refused(attempt: Attempt) -> None:
    """A file has no more than the limit, even if it holds nothing."""
    code = """
for place in ("sparse", "/tmp/sparse"):
    try:
        open(place, "wb").truncate(2**40)
        print("made")
    except OSError as error:
        print(error.strerror)
"""
    assert attempt(code).stdout == "File too large\nFile too large\n"


def test_a_zip_bomb_does_not_unfold(attempt: Attempt) -> None:
    """A small archive of a large file is cut at the limit of one file."""
    code = """
import zipfile, os
with zipfile.ZipFile("bomb.zip", "w", zipfile.ZIP_DEFLATED) as bomb, bomb.open("zeros", "w") as zeros:
    for _ in range(200):
        zeros.write(bytes(2**20))
try:
    zipfile.ZipFile("bomb.zip").extractall(".")
except OSError as error:
    print(error.strerror)
print(os.path.getsize("zeros") // 2**20)
"""
    assert attempt(code, limits={"file_bytes": 16 * MEBIBYTE}).stdout == "File too large\n16\n"


def test_many_files_end_the_run(attempt: Attempt) -> None:
    """What is written into the copy is bounded over all files, too."""
    code = """
import itertools, os, time
for number in itertools.count():
    if number < 300:
        with open(str(number), "wb") as file:
            file.write(os.urandom(2**20))
            os.fsync(file.fileno())
    else:
        time.sleep(0.1)
"""
    done = attempt(code, limits={"written_bytes": 32 * MEBIBYTE})
    assert done.ended == "output"
    assert done.left == []


def test_places_in_memory_are_bounded(attempt: Attempt) -> None:
    """What lies in memory only is full when it has its share."""
    code = """
import os
for place in ("/tmp", "/dev/shm"):
    try:
        for number in range(100):
            open(f"{place}/{number}", "wb").write(bytes(2**20))
    except OSError as error:
        print(error.strerror, number)
"""
    done = attempt(code, limits={"written_bytes": 32 * MEBIBYTE})
    assert done.stdout == "No space left on device 8\n" * 2


def test_a_deaf_sleeper_is_ended_in_time(attempt: Attempt) -> None:
    """A program that blocks every signal and sleeps in C is ended at the limit by the clock."""
    code = """
import signal, ctypes
signal.pthread_sigmask(signal.SIG_BLOCK, signal.valid_signals())
signal.signal(signal.SIGTERM, signal.SIG_IGN)
ctypes.CDLL(None).sleep(60)
"""
    done = attempt(code, seconds=1)
    assert (done.ended, done.status) == ("timeout", None)
    assert done.seconds < 20


def test_an_expression_that_backtracks_for_ever_is_ended(attempt: Attempt) -> None:
    """A program that computes in C without listening is ended at the limit of CPU time."""
    done = attempt("import re; re.match(r'(a|aa)+$', 'a' * 80 + 'b')", limits={"cpu_seconds": 1})
    assert (done.ended, done.status) == ("cpu", None)
    assert done.cpu_seconds > 0.5


def test_cpu_time_is_counted_over_all_processes(attempt: Attempt) -> None:
    """Many processes that each stay below the limit are ended when they pass it together."""
    code = """
import os, time
for _ in range(60):
    if (child := os.fork()) == 0:
        until = time.process_time() + 0.1
        while time.process_time() < until:
            pass
        os._exit(0)
    os.waitpid(child, 0)
"""
    assert attempt(code, limits={"cpu_seconds": 1}).ended == "cpu"


DAEMON = """
import os, signal, sys, time
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        for number in (signal.SIGHUP, signal.SIGTERM, signal.SIGINT):
            signal.signal(number, signal.SIG_IGN)
        for descriptor in (0, 1, 2):
            os.close(descriptor)
        time.sleep(60)
    os._exit(0)
os.wait()
"""


@pytest.mark.parametrize("end", ["", "time.sleep(60)"], ids=["exits", "is ended"])
def test_a_daemon_does_not_survive(attempt: Attempt, end: str) -> None:
    """A process that left its parent, its session and its terminal ends with the run, however that ends."""
    token = uuid.uuid4().hex
    attempt(DAEMON + end, argv=[token], seconds=3)
    assert survivors(token) == []


def survivors(token: str) -> list[str]:
    """The processes of the machine that have the token in their arguments, after the kernel had time to bury them."""
    for _ in range(50):
        found = [place.name for place in Path("/proc").glob("[0-9]*") if token in arguments(place)]
        if not found:
            break
        time.sleep(0.1)
    return found


def arguments(place: Path) -> str:
    try:
        return (place / "cmdline").read_text(errors="replace")
    except OSError:  # it has ended
        return ""


def test_one_process_gets_no_more_memory_than_it_may(attempt: Attempt) -> None:
    """An allocation over the limit is refused."""
    done = attempt("bytearray(2**30)", limits={"memory_bytes": 256 * MEBIBYTE})
    assert (done.ended, done.status) == ("exit", 1)
    assert "MemoryError" in done.stderr


def test_the_memory_of_all_processes_is_bounded(attempt: Attempt) -> None:
    """Processes that each stay below the limit are ended when they pass it together."""
    code = """
import os, time
for _ in range(4):
    if os.fork() == 0:
        held = bytearray(os.urandom(2**20) * 150)
        time.sleep(20)
        os._exit(0)
for _ in range(4):
    os.wait()
"""
    done = attempt(code, limits={"memory_bytes": 400 * MEBIBYTE})
    assert (done.ended, done.status) == ("memory", None)


def test_secrets_of_the_environment_do_not_come_in(attempt: Attempt) -> None:
    """Variables of who runs us are in no environment that can be read inside."""
    code = """
import os, glob
print(sorted(os.environ))
for path in glob.glob("/proc/*/environ"):
    try:
        print(open(path, "rb").read().count(b"hunter2"))
    except OSError:
        pass
"""
    done = attempt(code, variables={"API_TOKEN": "hunter2"}, env={"MODE": "test"})
    names, *counts = done.stdout.splitlines()
    assert names == "['HOME', 'LANG', 'MODE', 'PATH', 'TMPDIR']"
    assert set(counts) <= {"0"}


def test_processes_outside_are_not_seen(attempt: Attempt) -> None:
    """/proc lists the run's own processes only."""
    code = "import os; print(*[open(f'/proc/{pid}/cmdline').read() for pid in os.listdir('/proc') if pid.isdigit()])"
    done = attempt(code)
    assert "driver.py" not in done.stdout
    assert "# a bystander" not in done.stdout
    assert "inside.py" in done.stdout


def test_processes_outside_cannot_be_signalled_or_traced(attempt: Attempt) -> None:
    """A process outside can be neither killed nor attached to, and not the first one of the room either."""
    code = """
import ctypes, os, signal
libc = ctypes.CDLL(None, use_errno=True)
for pid in (BYSTANDER, 1):
    try:
        os.kill(pid, signal.SIGKILL)
        print("signalled", pid)
    except OSError:
        pass
    if libc.ptrace(16, pid, None, None) == 0:
        print("traced", pid)
"""
    done = attempt(code)
    assert done.bystander
    assert done.stdout.replace("signalled 1\n", "") == ""  # accepted from who has its uid, and without effect
    assert (done.ended, done.status) == ("exit", 0)


def test_there_are_no_privileges_to_be_had(attempt: Attempt) -> None:
    """No capability is left, programs that change the user do not, and nothing can be mounted."""
    code = """
import ctypes
status = dict(line.split(":\\t", 1) for line in open("/proc/self/status").read().splitlines() if ":\\t" in line)
print({int(status[name], 16) for name in ("CapPrm", "CapEff", "CapBnd", "CapAmb")}, status["NoNewPrivs"])
print(ctypes.CDLL(None).mount(b"none", b"/tmp", b"tmpfs", 0, None))
"""
    assert attempt(code).stdout == "{0} 1\n-1\n"


def test_a_namespace_of_ones_own_opens_nothing(attempt: Attempt) -> None:
    """Who is root in a user namespace of his own can still not make the system writable, nor show it again."""
    code = """
import subprocess
script = "mount -o remount,rw,bind /usr && touch /usr/from-inside; umount /usr; umount -l /; ls /home /var/log"
print(subprocess.run(["unshare", "-Urm", "sh", "-c", script], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL).stdout)
"""
    assert attempt(code).stdout == "b''\n"
    assert not Path("/usr/from-inside").exists()


def test_the_limits_cannot_be_raised(attempt: Attempt) -> None:
    """What bounds a run cannot be undone by it."""
    code = """
import resource
for name in ("CPU", "AS", "FSIZE", "NOFILE", "NPROC", "CORE"):
    which = getattr(resource, "RLIMIT_" + name)
    try:
        resource.setrlimit(which, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
        print("raised", name)
    except (OSError, ValueError):
        pass
"""
    assert attempt(code).stdout == ""


def test_the_run_ends_with_who_started_it(mechanism: str, tmp_path: Path) -> None:
    """Where tachograph itself is killed, what it was running does not go on."""
    token = uuid.uuid4().hex
    code = f"""
import sys
from pathlib import Path
from tachograph.quality.containment import contained
with contained(Path({str(tmp_path)!r}), mechanism={mechanism!r}) as room:
    room.run([sys.executable, "-c", "import time; time.sleep(60)", {token!r}])
"""
    source = str(Path(__file__).resolve().parents[3] / "src")
    environment = {"PATH": os.environ["PATH"], "PYTHONPATH": source, "TMPDIR": str(tmp_path)}
    with subprocess.Popen([sys.executable, "-c", code], env=environment) as us:
        until = time.monotonic() + 30
        while not running_inside(token) and time.monotonic() < until:
            time.sleep(0.05)
        assert running_inside(token)
        us.kill()
    assert survivors(token) == []


def running_inside(token: str) -> bool:
    return any(arguments(place).endswith(f"{token}\0") for place in Path("/proc").glob("[0-9]*"))
