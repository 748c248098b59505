"""The tester runs the test suite."""

import re

from agency import tools
from agency.agents.base import Agent, counted
from agency.task import Result, Task

OUTCOME = re.compile(r"(\d+) (passed|failed|errors?)")
BROKEN = re.compile(r"^(?:FAILED|ERROR) (.+)$", re.MULTILINE)


class Tester(Agent):
    """Runs pytest and reads its verdict."""

    name = "tester"
    version = "1.0"

    def run(self, task: Task) -> Result:
        context = self.contexts.prepare(self.name, task)
        arguments = ["-q", "-rfE", "--tb=no", "-p", "no:cacheprovider"]
        tests = tools.run_tool("pytest", arguments, task.workspace)
        counts = {word.rstrip("s"): int(number) for number, word in OUTCOME.findall(_last_line(tests))}
        if not counts:
            raise tools.ToolError(f"pytest ran no test (exit code {tests.exit_code})")
        note = self.describe_subject(context)
        if tests.exit_code == 0:
            return Result(True, f"{counts['passed']} tests passed", note=note)
        return _failure(BROKEN.findall(tests.stdout), counts, note)


def _failure(broken: list[str], counts: dict[str, int], note: str) -> Result:
    if "error" in counts:
        summary, error = f"{counted(counts['error'], 'test file')} cannot be loaded", "tests_not_loaded"
    else:
        summary, error = f"{counts['failed']} of {sum(counts.values())} tests failed", "tests_failed"
    return Result(False, summary, broken, error=error, note=note)


def _last_line(tests: tools.ToolResult) -> str:
    return tests.stdout.rstrip().rpartition("\n")[2]
