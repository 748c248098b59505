"""Run any program as one command: same output, exit status and signals; spans of the program attach to it."""

import argparse
import errno
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import tachograph
from tachograph import vocabulary as v
from tachograph.cli.common import WRONG_USE, Refusal
from tachograph.collect import propagation
from tachograph.collect.execution import UNITS, Execution
from tachograph.guard import harmless

READS = False  # it takes no store and no window

NOT_EXECUTABLE, NOT_FOUND, OF_SIGNAL = 126, 127, 128

_FORWARDED = tuple(
    getattr(signal, name)
    for name in ("SIGINT", "SIGTERM", "SIGHUP", "SIGQUIT", "SIGWINCH", "SIGUSR1", "SIGUSR2")
    if hasattr(signal, name)
)
# With these somebody ended the program; with any other signal it ended itself.
_CANCELLED = frozenset({"SIGINT", "SIGTERM", "SIGHUP", "SIGQUIT"})
# Python ignores them for itself; a child expects them as they were.
_RESTORED = tuple(getattr(signal, name) for name in ("SIGPIPE", "SIGXFSZ") if hasattr(signal, name))


def declare(parser: argparse.ArgumentParser) -> None:
    parser.usage = "tachograph run -- CMD ARG…"


def run(options: argparse.Namespace) -> int:
    command: list[str] = options.child or []
    if not command:
        raise Refusal("say what to run after two dashes: tachograph run -- CMD ARG…", WRONG_USE)
    harmless(tachograph.install)()
    name = Path(command[0]).name
    execution = Execution(UNITS["command"], name, {v.EXECUTABLE_NAME: name, v.PROCESS_ID: os.getpid()})
    execution.start()
    execution.enter()
    try:
        code = _run(command)
    finally:
        execution.leave()
    _end(execution, code)
    return OF_SIGNAL - code if code < 0 else code


def _run(command: list[str]) -> int:
    """The child's exit status, below zero the signal that killed it."""
    environment = propagation.handed_on(None) or dict(os.environ)
    try:
        return _with_signals(command, environment) if hasattr(signal, "sigwaitinfo") else _plainly(command, environment)
    except OSError as error:
        missing = error.errno in (errno.ENOENT, errno.ENOTDIR)
        said = "command not found" if missing else error.strerror
        print(f"tachograph: {command[0]}: {said}", file=sys.stderr)
        return NOT_FOUND if missing else NOT_EXECUTABLE


def _with_signals(command: list[str], environment: Mapping[str, str]) -> int:
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


def _spawn(command: list[str], environment: Mapping[str, str], mask: Any) -> int:
    spawn = os.posix_spawnp
    try:
        return spawn(command[0], command, environment, setsigmask=mask, setsigdef=_RESTORED)
    except OSError as error:
        if error.errno != errno.ENOEXEC:
            raise
    # A script that does not say what it is written for is one for the shell, as shells have it.
    script = shutil.which(command[0]) or command[0]
    return spawn("/bin/sh", ["/bin/sh", script, *command[1:]], environment, setsigmask=mask, setsigdef=_RESTORED)


def _forward(received: signal.struct_siginfo, child: int) -> None:
    """Hand on what a process sent; what the kernel sends for the terminal (its code is above 0) the child gets, too."""
    if received.si_signo != signal.SIGCHLD and received.si_code <= 0:
        os.kill(child, received.si_signo)


def _plainly(command: list[str], environment: Mapping[str, str]) -> int:
    """Where signals do not say who sent them: hand on what no terminal sends, and let Ctrl-C be the child's."""
    with subprocess.Popen(command, env=environment) as child:
        for number in _FORWARDED:
            signal.signal(number, lambda given, _: None if given == signal.SIGINT else child.send_signal(given))
        return child.wait()


@harmless
def _end(execution: Execution, code: int) -> None:
    status = OF_SIGNAL - code if code < 0 else code
    execution.set({v.EXIT_CODE: status})
    if code < 0:
        killed_by = signal.Signals(-code).name
        execution.outcome("cancellation" if killed_by in _CANCELLED else "error", killed_by)
    elif code == OF_SIGNAL + signal.SIGINT:
        execution.outcome("cancellation", "SIGINT")
    execution.stop(SystemExit(status))
