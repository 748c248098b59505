"""Real programs on free ports of loopback: started, waited for, and stopped by their own handle."""

import os
import signal
import socket
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

BUILT = Path.home() / ".cache" / "tachograph" / "bin"


def listens(port: int) -> bool:
    """Whether somebody takes connections on this port of the loopback."""
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def until(what: str, attempt: Callable[[], Any], seconds: float = 30) -> Any:
    """The first true value of `attempt`, which is asked again and again; fails with `what` when time is up."""
    deadline = time.monotonic() + seconds
    while not (value := attempt()):
        assert time.monotonic() < deadline, f"waited {seconds} s in vain: {what}"
        time.sleep(0.05)
    return value


def answers(url: str) -> bool:
    """Whether a GET is answered with a success."""
    try:
        with urllib.request.urlopen(url, timeout=5):
            return True
    except (urllib.error.URLError, OSError):
        return False


@dataclass
class Program:
    """A program that runs, with a file for what it says."""

    command: list[str]
    folder: Path
    variables: Mapping[str, str] = field(default_factory=dict)
    process: subprocess.Popen[bytes] | None = None

    def start(self, ready: Callable[[], bool], seconds: float = 30) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("OTEL_", "COLLECTOR_"))}
        with (self.folder / "log").open("ab") as log:
            environment = {**kept, **self.variables}
            self.process = subprocess.Popen(self.command, cwd=self.folder, env=environment, stdout=log, stderr=log)
        until(f"{self.command[0]} is ready", lambda: self._runs() and ready(), seconds)

    def _runs(self) -> bool:
        assert self.process is not None
        assert self.process.poll() is None, self.said()[-4000:]
        return True

    def said(self) -> str:
        """All that the program has written."""
        return (self.folder / "log").read_text(errors="replace")

    def stop(self, by: int = signal.SIGTERM) -> None:
        """End the program, which is waited for."""
        if self.process is not None and self.process.poll() is None:
            self.process.send_signal(by)
            self.process.wait(timeout=30)
