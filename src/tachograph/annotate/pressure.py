"""How hard the host was pressed while a span ran: Linux's own accounting, read at most once a second."""

from __future__ import annotations

import os
import time
from functools import cache

from tachograph import vocabulary as v

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

_INTERVAL_S = 1.0


def processor_time() -> float:
    """Seconds of processor time that this process and its children that have ended have used."""
    times = os.times()
    return times.user + times.system + times.children_user + times.children_system


@cache
def processors() -> int:
    """How many processors this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


class Sample:
    """Counters at one moment: seconds in which some task waited for a processor or for memory, ticks of processor
    time that the hypervisor took away and in all; None where the system does not tell."""

    __slots__ = ("at", "cpu", "memory", "stolen", "ticks")

    def __init__(
        self, at: float, cpu: float | None, memory: float | None, stolen: float | None, ticks: float | None
    ) -> None:
        self.at = at
        self.cpu = cpu
        self.memory = memory
        self.stolen = stolen
        self.ticks = ticks


class Sampler:
    """Keeps the last two samples; asking more often than once a second gives the last one again."""

    def __init__(self, proc: str | os.PathLike[str] = "/proc") -> None:
        self._proc = proc
        self._last = self._before = self._read()
        self._lately: Mapping[str, float] = {}

    def now(self) -> Sample:
        """The current sample, at most a second old."""
        if time.monotonic() - self._last.at >= _INTERVAL_S:
            self._before, self._last = self._last, self._read()
            self._lately = _shares(self._before, self._last)
        return self._last

    def lately(self) -> Mapping[str, float]:
        """Shares of time between the last two samples, empty before there are two."""
        self.now()
        return self._lately

    def since(self, start: Sample) -> Mapping[str, float]:
        """Shares of time (0-1) from `start` until now; for shorter spans those of the last second."""
        now = self.now()
        return _shares(start, now) if now.at > start.at else self._lately

    def _read(self) -> Sample:
        stolen, ticks = _processor(f"{self._proc}/stat")
        cpu, memory = (_stalled(f"{self._proc}/pressure/{resource}") for resource in ("cpu", "memory"))
        return Sample(time.monotonic(), cpu, memory, stolen, ticks)


def _shares(before: Sample, now: Sample) -> dict[str, float]:
    shares = {
        v.CPU_PRESSURE: _share(before.cpu, now.cpu, now.at - before.at),
        v.MEMORY_PRESSURE: _share(before.memory, now.memory, now.at - before.at),
        v.CPU_STEAL: _share(before.stolen, now.stolen, (now.ticks or 0) - (before.ticks or 0)),
    }
    return {name: share for name, share in shares.items() if share is not None}


def _share(before: float | None, now: float | None, whole: float) -> float | None:
    if before is None or now is None or whole <= 0:
        return None
    return min(1.0, max(0.0, (now - before) / whole))


def _stalled(file: str) -> float | None:
    """Seconds since the start of the system in which some task was stalled: `some … total=MICROSECONDS`."""
    for name, _, rest in (line.partition(" ") for line in _lines(file)):
        if name == "some":
            return float(rest.rpartition("total=")[2]) / 1e6
    return None


def _processor(file: str) -> tuple[float | None, float | None]:
    """Ticks that the hypervisor stole, and all ticks: user nice system idle iowait irq softirq steal."""
    fields: list[str] = next((line.split() for line in _lines(file) if line.startswith("cpu ")), [])
    if len(fields) < 9:
        return None, None
    return float(fields[8]), sum(map(float, fields[1:9]))


def _lines(file: str) -> list[str]:
    try:
        with open(file) as stream:
            return stream.readlines()
    except OSError:  # no Linux, or a kernel without this accounting
        return []
