"""Runs one command in a room, holds it to its limits from the outside, and says how it ended."""

import contextlib
import json
import os
import selectors
import signal
import subprocess
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

from tachograph.quality.containment import cgroups
from tachograph.quality.containment.copying import size_of
from tachograph.quality.containment.results import Completed, Ended, Limits, NotContained
from tachograph.quality.containment.watching import Use

_LOOK_SECONDS = 0.1
_SIZE_SECONDS = 0.5
_DYING_SECONDS = 2.0
_CHUNK = 65536


@dataclass(frozen=True, slots=True)
class Command:
    """What is to be run: the prefix that builds the room, and the orders for the first process in it."""

    prefix: Sequence[str]
    orders: Mapping[str, Any]
    copy: Path
    walls: bool


def run(command: Command, limits: Limits, seconds: float) -> Completed:
    """Run the command to its end, or to the end of its limits; raises NotContained where there was no room for it."""
    with cgroups.group(limits) as group:
        began = time.monotonic()
        report, write_end = os.pipe()
        try:
            process = _start(command, group, write_end)
        except BaseException:
            os.close(report)
            raise
        finally:
            os.close(write_end)
        running = _Running(process, command, limits, group, began, began + seconds, report)
        try:
            running.attend()
        finally:
            running.end()
        return running.completed()


def _start(command: Command, group: cgroups.Group, report: int) -> subprocess.Popen[bytes]:
    process = subprocess.Popen(
        [*group.joining, *command.prefix],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        cwd="/",
        env={"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL": "C.UTF-8"},
        pass_fds=(report,),
        start_new_session=True,
    )
    # Where the room could not be built, nobody reads the orders: what is wrong is on stderr.
    with contextlib.suppress(BrokenPipeError), process.stdin or contextlib.nullcontext():
        _pipe(process.stdin).write(json.dumps({**command.orders, "report": report}).encode())
    return process


def _pipe(pipe: IO[bytes] | None) -> IO[bytes]:
    if pipe is None:
        raise ValueError("the process was started without a pipe")
    return pipe


@dataclass(slots=True)
class _Running:
    process: subprocess.Popen[bytes]
    command: Command
    limits: Limits
    group: cgroups.Group
    began: float
    deadline: float
    report: int
    ended: Ended | None = None
    use: Use = field(init=False)
    received: dict[int, bytearray] = field(init=False)
    copy_bytes: int = field(init=False)
    sized: float = field(init=False)
    looked: float = field(init=False)
    seconds: float = field(init=False)

    def __post_init__(self) -> None:
        self.use = Use(self.process.pid)
        self.received = {descriptor: bytearray() for descriptor in (*self._outputs(), self.report)}
        self.copy_bytes = size_of(self.command.copy)
        self.sized = self.looked = self.began

    def _outputs(self) -> tuple[int, int]:
        return _pipe(self.process.stdout).fileno(), _pipe(self.process.stderr).fileno()

    def attend(self) -> None:
        """Read what it says until it has ended, or must be ended."""
        with selectors.DefaultSelector() as selector:
            for descriptor in self.received:
                selector.register(descriptor, selectors.EVENT_READ)
            while self.ended is None and not self._over(selector):
                for key, _ in selector.select(max(0.0, min(_LOOK_SECONDS, self.deadline - time.monotonic()))):
                    self._read(key.fd, selector)
                self.ended = self._passed()

    def _over(self, selector: selectors.BaseSelector) -> bool:
        if not self.command.walls and self.process.poll() is not None:
            return True  # one that hides could hold the pipes open for ever
        if selector.get_map():
            return False
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.process.wait(_LOOK_SECONDS)
        return self.process.poll() is not None

    def _read(self, descriptor: int, selector: selectors.BaseSelector) -> None:
        chunk = os.read(descriptor, _CHUNK)
        self.received[descriptor] += chunk
        if not chunk:
            selector.unregister(descriptor)

    def _passed(self) -> Ended | None:
        """The limit that was passed, if any."""
        now = time.monotonic()
        if sum(map(len, self.received.values())) > self.limits.output_bytes:
            return "output"
        if now >= self.deadline:
            return "timeout"
        if now - self.looked < _LOOK_SECONDS:
            return None
        self.looked = now
        return self._used_up(now)

    def _used_up(self, now: float) -> Ended | None:
        self.use.look()
        if self.use.memory_bytes > self.limits.memory_bytes or self.group.out_of_memory():
            return "memory"
        if self.use.cpu_seconds > self.limits.cpu_seconds:
            return "cpu"
        if now - self.sized > _SIZE_SECONDS:
            self.sized = now
            if size_of(self.command.copy) > self.copy_bytes + self.limits.written_bytes:
                return "output"
        return None

    def end(self) -> None:
        """See to it that nothing of the run is left: the first process of the room first, as all others end with it."""
        if self.process.poll() is None:
            self.use.look()
            self._kill()
        for pipe in (self.process.stdout, self.process.stderr):
            _pipe(pipe).close()
        os.close(self.report)
        self.seconds = time.monotonic() - self.began

    def _kill(self) -> None:
        if self.command.walls:
            pids, how = self.use.pids[:1], signal.SIGKILL
        else:
            # Without walls there is no first process with which the others end; it kills them if it is asked to.
            pids, how = [], signal.SIGTERM
        for pid in pids or [self.process.pid]:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, how)
        try:
            self.process.wait(_DYING_SECONDS)
        except subprocess.TimeoutExpired:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()

    def completed(self) -> Completed:
        """What became of it."""
        report = json.loads(self.received[self.report] or "{}")
        status, ended = self._verdict(report)
        stdout, stderr = (bytes(self.received[descriptor]) for descriptor in self._kept)
        return Completed(
            status=status,
            stdout=stdout,
            stderr=stderr,
            seconds=self.seconds,
            cpu_seconds=max(report.get("cpu_seconds", 0.0), self.use.cpu_seconds),
            peak_bytes=report.get("peak_bytes") or self.use.peak_bytes or None,
            ended=ended,
        )

    @property
    def _kept(self) -> tuple[int, int]:
        stdout, stderr, _ = self.received
        return stdout, stderr

    def _verdict(self, report: Mapping[str, Any]) -> tuple[int | None, Ended]:
        if self.group.out_of_memory():
            return None, "memory"
        if self.ended is not None:
            return None, self.ended
        if "status" not in report:
            raise NotContained(f"the room could not be built: {report.get('error') or self._last_line()}")
        status = report["status"]
        used_up = report["cpu_seconds"] >= self.limits.cpu_seconds
        if status == -signal.SIGXCPU or (status == -signal.SIGKILL and used_up):
            return None, "cpu"
        return status, "signal" if status < 0 else "exit"

    def _last_line(self) -> str:
        lines = bytes(self.received[self._kept[1]]).decode(errors="replace").strip().splitlines()
        return lines[-1] if lines else f"exit status {self.process.returncode}"
