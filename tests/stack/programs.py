"""Real programs on free ports of this machine: started, waited for, and stopped by their number."""

import contextlib
import os
import signal
import socket
import subprocess
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

PROGRAMS = Path.home() / ".cache" / "tachograph" / "bin"
_PATIENCE_S = 60


def free_port() -> int:
    """A port on the loopback on which nothing listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def listens(port: int) -> bool:
    """Whether somebody takes connections on this port of the loopback."""
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


@dataclass
class Program:
    """A program that listens on `port`; what it says is in `log`. It can be stopped and started again."""

    command: Sequence[str | Path]
    port: int
    log: Path
    process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it, and return once it listens."""
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(list(map(str, self.command)), stdout=log, stderr=log)
        deadline = time.monotonic() + _PATIENCE_S
        while not listens(self.port):
            assert self.process.poll() is None, f"{self.command[0]} ended: {self.log.read_text()[-2_000:]}"
            assert time.monotonic() < deadline, f"{self.command[0]} does not listen on {self.port}"
            time.sleep(0.01)

    def stop(self, how: signal.Signals = signal.SIGTERM) -> None:
        """End it, and return once it is gone."""
        if self.process:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.process.pid, how)
            self.process.wait(timeout=_PATIENCE_S)
            self.process = None


@contextlib.contextmanager
def running(program: Program) -> Iterator[Program]:
    """The program, started, and stopped at the end whatever happens."""
    program.start()
    try:
        yield program
    finally:
        program.stop(signal.SIGKILL)


def collector(folder: Path, config: str, port: int) -> Program:
    """The real Collector with this configuration, which has to listen on `port`."""
    file = folder / "collector.yaml"
    file.write_text(config)
    return Program([PROGRAMS / "otelcol", "--config", file], port, folder / "collector.log")
