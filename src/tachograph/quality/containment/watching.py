"""What a run uses, over all of its processes: what limits of the kernel, which bind each process alone, do not tell."""

import os
from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path

_TICKS = os.sysconf("SC_CLK_TCK")
_PAGE = os.sysconf("SC_PAGE_SIZE")


@dataclass(frozen=True, slots=True)
class Process:
    """One line of /proc/PID/stat, as far as it counts here."""

    pid: int
    parent: int
    cpu_seconds: float  # its own, and that of its children that have ended


@dataclass(slots=True)
class Use:
    """What the processes below one use now; CPU time and the peak are kept from one look to the next."""

    root: int
    cpu_seconds: float = 0.0
    memory_bytes: int = 0
    peak_bytes: int = 0
    pids: list[int] = field(default_factory=list)

    def look(self) -> None:
        """Look again."""
        below = _below(self.root)
        sizes = [_private_bytes(process.pid) for process in below]
        self.pids = [process.pid for process in below]
        self.cpu_seconds = max(self.cpu_seconds, sum(process.cpu_seconds for process in below))
        self.memory_bytes = sum(sizes)
        self.peak_bytes = max(self.peak_bytes, *sizes, 0)


def _below(root: int) -> list[Process]:
    """All processes that descend from `root`, in the order of their descent, without itself."""
    children: dict[int, list[Process]] = defaultdict(list)
    for place in Path("/proc").glob("[0-9]*"):
        if process := _process(int(place.name)):
            children[process.parent].append(process)
    found = list(children[root])
    for process in found:  # grows while it is walked
        found.extend(children[process.pid])
    return found


def _process(pid: int) -> Process | None:
    try:
        text = Path(f"/proc/{pid}/stat").read_text(errors="replace")
    except OSError:  # it has ended
        return None
    # The name stands in parentheses and may hold any character; what follows are numbers.
    values = text[text.rindex(")") + 2 :].split()
    return Process(pid, int(values[1]), sum(map(int, values[11:15])) / _TICKS)


def _private_bytes(pid: int) -> int:
    """Resident memory without what files are mapped from, which many processes may share."""
    try:
        _, resident, shared, *_ = Path(f"/proc/{pid}/statm").read_text().split()
    except (OSError, ValueError):  # it has ended
        return 0
    return (int(resident) - int(shared)) * _PAGE
