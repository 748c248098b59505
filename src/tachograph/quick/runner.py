"""`tachograph run -- CMD`: runs any program as one command span, with the spool and nothing else loaded for it."""

from __future__ import annotations

import os
import signal
import sys
import time

from tachograph import environment
from tachograph import vocabulary as v
from tachograph.annotate.identity import identity
from tachograph.annotate.pressure import Sampler
from tachograph.collect import told
from tachograph.liveness import process_key
from tachograph.quick import lines, spawning
from tachograph.quick.file import SpoolFile

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Any

# With these somebody ended the program; with any other signal it ended itself.
_CANCELLED = frozenset({"SIGINT", "SIGTERM", "SIGHUP", "SIGQUIT"})
_SITE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "site")


def run(command: Sequence[str]) -> int:
    """The exit status of the program; where a signal killed it 128 and its number, as shells have it."""
    running = _safely(lambda: _Running(command))
    code = spawning.run(command, running.environment() if running else os.environ)
    if running:
        _safely(lambda: running.end(code))
    return spawning.OF_SIGNAL - code if code < 0 else code


def _safely(act: Any) -> Any:
    """Telemetry that fails is told and leaves the program alone."""
    try:
        return act()
    except Exception as error:
        print(f"tachograph: nothing is recorded of this command ({error}); it runs on", file=sys.stderr)
        return None


def with_hook(given: Mapping[str, str], offered: str) -> dict[str, str]:
    """An environment in which a Python finds us, and knows where to tell what it is."""
    path = [_SITE, *(part for part in given.get("PYTHONPATH", "").split(os.pathsep) if part not in ("", _SITE))]
    return {**given, "PYTHONPATH": os.pathsep.join(path), told.VARIABLE: offered}


class Ending:
    """How a program ended: by its status, below zero the signal that killed it, and by what it told of itself."""

    def __init__(self, command: Sequence[str], code: int, known: Sequence[tuple[str, str]]) -> None:
        self._known = dict(known)
        self.status = spawning.OF_SIGNAL - code if code < 0 else code
        self.outcome, self.error = self._judged(code)
        program = self._known.get(told.PROGRAM, os.path.basename(command[0]))
        self.name = " ".join((program, *(value for key, value in known if key == told.PART)))
        self.attributes: dict[str, Any] = {
            v.EXECUTABLE_NAME: program,
            v.COMMAND_NAME: self.name,
            v.EXIT_CODE: self.status,
        }
        options = [value for key, value in known if key == told.OPTION]
        if options:
            self.attributes[v.COMMAND_OPTIONS] = options

    def _judged(self, code: int) -> tuple[str, tuple[str, str] | None]:
        """The outcome, and the type and message of the error where there was one."""
        if code == 0:
            return "success", None
        exited = f"exit_code_{self.status}"
        if code < 0:
            killed_by = signal.Signals(-code).name
            return ("cancellation" if killed_by in _CANCELLED else "error"), (killed_by, exited)
        if told.OUTCOME in self._known:
            kind = self._known.get(told.ERROR_TYPE, exited)
            return self._known[told.OUTCOME], (kind, self._known.get(told.MESSAGE, kind))
        if code == spawning.OF_SIGNAL + signal.SIGINT:
            return "cancellation", ("SIGINT", exited)
        return "failure", (exited, exited)


class _Running:
    """The command's span, from the moment before the program starts."""

    def __init__(self, command: Sequence[str]) -> None:
        self._ids = lines.Ids(os.environ.get("TRACEPARENT", ""))
        self._command = command
        self._name = os.path.basename(command[0])
        home = environment.home()
        self._file = SpoolFile(home)
        self._host = Sampler()
        self._host_before = self._host.now()
        self._attributes: dict[str, Any] = {
            **identity(home, environment.ci_run()),
            v.EXECUTABLE_NAME: self._name,
            v.PROCESS_ID: os.getpid(),
            v.COMMAND_NAME: self._name,
        }
        self._offered = told.offer(home)
        self._start = time.time_ns()
        self._announce()

    def _announce(self) -> None:
        facts = {v.STARTED_NAME: self._name, v.PROCESS_KEY: process_key()}
        above = {v.STARTED_PARENT: self._ids.parent} if self._ids.parent else {}
        self._write(lines.started_line(self._ids, self._start, {**self._attributes, **facts, **above}))

    def _write(self, line: bytes) -> None:
        if self._ids.is_sampled and environment.spool_is_on():
            self._file.write(line)

    def environment(self) -> Mapping[str, str]:
        """What the program is started with: this span as its parent, and a Python that finds us."""
        given = {key: value for key, value in os.environ.items() if key != "TRACESTATE" or self._ids.parent}
        return with_hook({**given, "TRACEPARENT": self._ids.traceparent}, self._offered)

    def end(self, code: int) -> None:
        """Write the span of a program that ended with this status."""
        end = time.time_ns()
        ending = Ending(self._command, code, told.read(self._offered))
        self._attributes |= {**self._host.since(self._host_before), **ending.attributes, v.OUTCOME: ending.outcome}
        if ending.error:
            self._attributes[v.ERROR_TYPE] = ending.error[0]
        self._write(lines.span_line(self._ids, ending.name, self._start, end, self._attributes, ending.error))
