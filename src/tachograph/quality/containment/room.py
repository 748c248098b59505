"""Builds, inside new namespaces, the file system that contained code sees, and becomes the first process in it.

What bubblewrap does, for where it is missing: a root in memory, into which is mounted what is shown. Runs as a script
of its own, started by unshare(1), with the room as JSON in its argument.
"""

import ctypes
import fcntl
import json
import os
import platform
import socket
import struct
import sys
from typing import Any

MS_NOSUID, MS_NODEV, MS_NOEXEC, MS_REMOUNT, MS_RDONLY = 2, 4, 8, 32, 1
MS_BIND, MS_REC, MS_PRIVATE, MNT_DETACH = 4096, 16384, 1 << 18, 2
AT_FDCWD, AT_RECURSIVE = -100, 0x8000
ATTR_RDONLY, ATTR_NOSUID, ATTR_NODEV = 1, 2, 4
MOUNT_SETATTR = 442  # the same everywhere
PIVOT_ROOT = {"x86_64": 155, "aarch64": 41, "riscv64": 41, "ppc64le": 203, "s390x": 217}
SIOCSIFFLAGS, IFF_UP = 0x8914, 1
ROOT = "/tmp"  # noqa: S108 - only a place that is there; what is mounted on it is seen by nobody else

_libc = ctypes.CDLL(None, use_errno=True)


def main() -> None:
    """Build the room, enter it, and go on with `inside.py`, which is shown in it."""
    room = json.loads(sys.argv[1])
    mount("none", "/", None, MS_REC | MS_PRIVATE)
    # The copy may lie below what the new root covers, so it is reached by a descriptor.
    sources = {place: os.open(source, os.O_PATH) for source, place in [*room["readable"], [room["copy"], room["copy"]]]}
    devices = {name: os.open(f"/dev/{name}", os.O_PATH) for name in ("null", "zero", "full", "random", "urandom")}
    mount("tmpfs", ROOT, "tmpfs", MS_NOSUID | MS_NODEV, "mode=755,size=1m")
    furnish(room, devices)
    for place, source in sources.items():
        bind(source, place)
        if place != room["copy"]:
            protect(place, ATTR_RDONLY | ATTR_NOSUID | ATTR_NODEV)
    protect(room["copy"], ATTR_NOSUID | ATTR_NODEV)
    for text, place in room["links"]:
        os.symlink(text, ROOT + place)
    bring_loopback_up()
    enter()
    inside = os.path.join(os.path.dirname(os.path.abspath(__file__)), "inside.py")
    os.execv(sys.executable, [sys.executable, "-I", "-S", "-B", inside])  # noqa: S606 - no shell is wanted


def mount(source: str, target: str, kind: str | None, flags: int, data: str | None = None) -> None:
    """mount(2)."""
    texts = [text if text is None else text.encode() for text in (source, target, kind)]
    if _libc.mount(*texts, ctypes.c_ulong(flags), data if data is None else data.encode()) != 0:
        fail(f"mount {target}")


def fail(what: str) -> None:
    """Say which step the kernel refused; nothing runs in a room that is half built."""
    number = ctypes.get_errno()
    raise OSError(number, f"{what}: {os.strerror(number)}")


def furnish(room: dict[str, Any], devices: dict[str, int]) -> None:
    """/proc of the new namespace, the harmless devices, and bounded places to write to."""
    os.mkdir(f"{ROOT}/proc")
    mount("proc", f"{ROOT}/proc", "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC)
    os.mkdir(f"{ROOT}/dev")
    for name, source in devices.items():
        bind(source, f"/dev/{name}", folder=False)
    for number, name in enumerate(("stdin", "stdout", "stderr")):
        os.symlink(f"/proc/self/fd/{number}", f"{ROOT}/dev/{name}")
    os.symlink("/proc/self/fd", f"{ROOT}/dev/fd")
    for place in ("/dev/shm", "/tmp"):  # noqa: S108 - private ones
        os.mkdir(ROOT + place)
        mount("tmpfs", ROOT + place, "tmpfs", MS_NOSUID | MS_NODEV, f"mode=1777,size={room['tmp_bytes']}")


def bind(source: int, place: str, folder: bool | None = None) -> None:
    """Show what the descriptor `source` stands for at `place`, with all that is mounted below it."""
    target = ROOT + place
    if folder is None:
        folder = os.path.isdir(f"/proc/self/fd/{source}")
    os.makedirs(target if folder else os.path.dirname(target), exist_ok=True)
    if not folder:
        os.close(os.open(target, os.O_CREAT | os.O_WRONLY, 0o644))
    mount(f"/proc/self/fd/{source}", target, None, MS_BIND | MS_REC)
    os.close(source)


def protect(place: str, attributes: int) -> None:
    """mount_setattr(2): add restrictions to what is mounted at `place` and below."""
    attribute = struct.pack("QQQQ", attributes, 0, 0, 0)
    if _libc.syscall(MOUNT_SETATTR, AT_FDCWD, (ROOT + place).encode(), AT_RECURSIVE, attribute, len(attribute)) != 0:
        fail(f"mount_setattr {place}")


def bring_loopback_up() -> None:
    """A loopback of the room's own: what tests serve themselves they reach, and nothing else."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
        fcntl.ioctl(any_socket, SIOCSIFFLAGS, struct.pack("16sh14x", b"lo", IFF_UP))


def enter() -> None:
    """Make the new root the only one, and what is not in it unreachable."""
    os.chdir(ROOT)
    # The old root is stacked upon the new one and taken away: no folder for it is needed.
    if _libc.syscall(PIVOT_ROOT[platform.machine()], b".", b".") != 0:
        fail("pivot_root")
    if _libc.umount2(b".", MNT_DETACH) != 0:
        fail("umount of the old root")
    os.chdir("/")
    mount("none", "/", None, MS_REMOUNT | MS_BIND | MS_RDONLY | MS_NOSUID | MS_NODEV)


if __name__ == "__main__":
    main()
