"""The fuzzers try random input; they keep processors busy, and nothing else."""

import os

from agency import tools
from agency.agents.base import Agent, counted
from agency.task import Result, Task

ROUNDS = 500_000


class Fuzzer(Agent):
    """Tries random durations, on half of the processors."""

    name = "fuzzer"
    version = "1.0"
    times = 1

    def run(self, task: Task) -> Result:
        self.contexts.prepare(self.name, task)
        processes, rounds = self.processes(), self.times * ROUNDS
        arguments = [task.package.name, "--processes", str(processes), "--rounds", str(rounds)]
        tried = tools.run_tool("agency.fuzz", arguments, task.workspace)
        if not tried.ok:
            raise tools.ToolError(f"the fuzzer broke down: {tried.stderr.strip()[-200:]}")
        wrong = tried.stdout.split()
        if wrong:
            return Result(False, f"{counted(len(wrong), 'duration')} read wrong", wrong, error="fuzz_findings")
        return Result(True, f"{processes * rounds:,} durations tried")

    def processes(self) -> int:
        """How many it runs at the same time."""
        return max(1, available() // 2)


class Soaker(Fuzzer):
    """Tries random durations, on all processors, and for so long that starting up is a small part of it."""

    name = "soaker"
    version = "1.0"
    times = 4

    def processes(self) -> int:
        return available()


def available() -> int:
    """The processors that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
