"""Runs a program as if nobody stood around it: its exit status, its signals, its terminal."""

from __future__ import annotations

import errno
import os
import signal
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Any

NOT_EXECUTABLE, NOT_FOUND, OF_SIGNAL = 126, 127, 128

_FORWARDED = tuple(
    getattr(signal, name)
    for name in ("SIGINT", "SIGTERM", "SIGHUP", "SIGQUIT", "SIGWINCH", "SIGUSR1", "SIGUSR2")
    if hasattr(signal, name)
)
# Python ignores them for itself; a child expects them as they were.
_RESTORED = tuple(getattr(signal, name) for name in ("SIGPIPE", "SIGXFSZ") if hasattr(signal, name))


def run(command: Sequence[str], environment: Mapping[str, str]) -> int:
    """The exit status of the program, below zero the signal that killed it."""
    try:
        return _with_signals(command, environment) if hasattr(signal, "sigwaitinfo") else _plainly(command, environment)
    except OSError as error:
        missing = error.errno in (errno.ENOENT, errno.ENOTDIR)
        said = "command not found" if missing else error.strerror
        print(f"tachograph: {command[0]}: {said}", file=sys.stderr)
        return NOT_FOUND if missing else NOT_EXECUTABLE


def _with_signals(command: Sequence[str], environment: Mapping[str, str]) -> int:
    """Wait for the child and for signals in one place, so that none comes between."""
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    awaited = {*_FORWARDED, signal.SIGCHLD}
    before = signal.pthread_sigmask(signal.SIG_BLOCK, awaited)
    try:
        child = _spawn(command, environment, before)
        while True:
            ended, status = os.waitpid(child, os.WNOHANG)
            if ended:
                return os.waitstatus_to_exitcode(status)
            _forward(signal.sigwaitinfo(awaited), child)
    finally:
        while signal.sigpending() & awaited:  # meant for a child that is gone
            signal.sigwait(awaited)
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _spawn(command: Sequence[str], environment: Mapping[str, str], mask: Any) -> int:
    spawn = os.posix_spawnp
    try:
        return spawn(command[0], list(command), environment, setsigmask=mask, setsigdef=_RESTORED)
    except OSError as error:
        if error.errno != errno.ENOEXEC:
            raise
    import shutil

    # A script that does not say what it is written for is one for the shell, as shells have it.
    script = shutil.which(command[0]) or command[0]
    return spawn("/bin/sh", ["/bin/sh", script, *command[1:]], environment, setsigmask=mask, setsigdef=_RESTORED)


def _forward(received: signal.struct_siginfo, child: int) -> None:
    """Hand on what a process sent; what the kernel sends for the terminal (its code is above 0) the child gets, too."""
    if received.si_signo != signal.SIGCHLD and received.si_code <= 0:
        os.kill(child, received.si_signo)


def _plainly(command: Sequence[str], environment: Mapping[str, str]) -> int:
    """Where signals do not say who sent them: hand on what no terminal sends, and let Ctrl-C be the child's."""
    import subprocess

    with subprocess.Popen(command, env=environment) as child:
        for number in _FORWARDED:
            signal.signal(number, lambda given, _: None if given == signal.SIGINT else child.send_signal(given))
        return child.wait()
