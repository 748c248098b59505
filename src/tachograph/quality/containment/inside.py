"""The first process of a room: closes it, runs the command as another user under limits, and reports its end.

Runs as a script of its own, without site-packages, as the room has whatever is shown there. It reads its orders from
stdin as JSON, and writes one line of JSON to the descriptor that they name. When it ends, the room ends.
"""

import ctypes
import json
import os
import resource
import signal
import sys
from typing import Any

PR_SET_PDEATHSIG, PR_SET_DUMPABLE, PR_CAPBSET_DROP = 1, 4, 24
PR_SET_CHILD_SUBREAPER, PR_SET_NO_NEW_PRIVS, PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL = 36, 38, 47, 4
LAST_CAPABILITY = 63
NOT_FOUND = 127
OURS = {signal.SIGCHLD, signal.SIGTERM}

_libc = ctypes.CDLL(None, use_errno=True)


def main() -> None:
    """Run what stdin orders; a room that cannot be closed runs nothing."""
    signal.pthread_sigmask(signal.SIG_BLOCK, OURS)
    orders = json.load(sys.stdin)
    os.set_inheritable(orders["report"], False)
    try:
        close_room(orders)
        command = os.fork()
    except OSError as error:
        report(orders, {"error": str(error)})
        return
    if command == 0:
        become(orders)
    report(orders, wait(command))
    end_the_rest()


def report(orders: dict[str, Any], what: dict[str, Any]) -> None:
    """Tell the outside."""
    os.write(orders["report"], json.dumps(what).encode())


def prctl(option: int, *values: int) -> None:
    """prctl(2)."""
    if _libc.prctl(option, *(ctypes.c_ulong(value) for value in (*values, *[0] * (4 - len(values))))) != 0:
        raise OSError(ctypes.get_errno(), f"prctl {option}: {os.strerror(ctypes.get_errno())}")


def close_room(orders: dict[str, Any]) -> None:
    """Be out of reach of the command, adopt what it leaves behind, and end with who started us."""
    prctl(PR_SET_DUMPABLE, 0)
    prctl(PR_SET_CHILD_SUBREAPER, 1)
    if not orders["walls"]:
        prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
    if orders["own_users"]:
        # In a namespace of its own, a process is root again; there shall be no further ones.
        with open("/proc/sys/user/max_user_namespaces", "w") as most:
            most.write("0")


def become(orders: dict[str, Any]) -> None:
    """Become the command; never returns."""
    try:
        os.setsid()
        drop(orders["user"])
        for name, value in orders["limits"].items():
            set_limit(getattr(resource, name), value)
        os.chdir(orders["cwd"])
        tidy()
        os.execvpe(orders["argv"][0], orders["argv"], orders["env"])  # noqa: S606 - no shell is wanted
    except BaseException as error:
        # The shell's convention; there is nobody else left to tell.
        os.write(2, f"{orders['argv'][0]}: {error}\n".encode())
    finally:
        os._exit(NOT_FOUND)


def drop(user: int | None) -> None:
    """Give up every privilege, and the ways to any."""
    prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL)
    for capability in range(LAST_CAPABILITY + 1):
        _libc.prctl(PR_CAPBSET_DROP, capability, 0, 0, 0)  # refused without privileges: then there are none to drop
    if user is not None:
        os.setgroups([])
        os.setresgid(user, user, user)
        os.setresuid(user, user, user)
    prctl(PR_SET_NO_NEW_PRIVS, 1)


def set_limit(which: int, value: int) -> None:
    """Set a limit that cannot be raised again; the one of CPU time first warns, by SIGXCPU."""
    _, most = resource.getrlimit(which)
    hard = value + 1 if which == resource.RLIMIT_CPU else value
    if most != resource.RLIM_INFINITY:
        hard = min(hard, most)
    resource.setrlimit(which, (min(value, hard), hard))


def tidy() -> None:
    """Leave the command nothing of ours: no descriptors, no terminal input, no signal settings."""
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    os.closerange(3, resource.getrlimit(resource.RLIMIT_NOFILE)[0])
    os.umask(0o022)
    for number in (signal.SIGPIPE, signal.SIGXFSZ):
        signal.signal(number, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_SETMASK, ())


def wait(command: int) -> dict[str, Any]:
    """Wait for the command's end, or for being told to end it; meanwhile bury whom others left."""
    cpu_seconds = 0.0
    while signal.sigwait(OURS) == signal.SIGCHLD:
        while (died := bury()) is not None:
            pid, status, usage = died
            cpu_seconds += usage.ru_utime + usage.ru_stime
            if pid == command:
                ended = os.waitstatus_to_exitcode(status)
                return {"status": ended, "cpu_seconds": cpu_seconds, "peak_bytes": usage.ru_maxrss * 1024}
    return {}


def bury() -> tuple[int, int, resource.struct_rusage] | None:
    """One child that has ended, if there is one."""
    try:
        died = os.wait4(-1, os.WNOHANG)
    except ChildProcessError:
        return None
    return died if died[0] else None


def end_the_rest() -> None:
    """Kill what is left of the command; in a pid namespace the kernel does that when we end."""
    while os.getpid() != 1 and (left := children()):
        for pid in left:
            os.kill(pid, signal.SIGKILL)
            os.waitpid(pid, 0)


def children() -> list[int]:
    """Our children, among them those whose parents have ended."""
    with open(f"/proc/self/task/{os.getpid()}/children") as pids:
        return [int(pid) for pid in pids.read().split()]


if __name__ == "__main__":
    main()
