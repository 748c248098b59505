"""The releaser builds the package."""

from agency import tools
from agency.agents.base import Agent
from agency.task import Result, Task


class Releaser(Agent):
    """Builds a wheel and says what is in it."""

    name = "releaser"
    version = "1.0"

    def run(self, task: Task) -> Result:
        context = self.contexts.prepare(self.name, task)
        build = tools.run_tool("hatchling", ["build", "--target", "wheel", "--directory", "dist"], task.workspace)
        if not build.ok:
            reason = build.stderr.strip().rpartition("\n")[2]
            return Result(False, "the wheel cannot be built", [reason], error="build_failed")
        wheels = [task.relative(path) for path in sorted(task.workspace.glob("dist/*.whl"))]
        note = self.sentence(context, "Timebook")
        return Result(True, f"built {', '.join(wheels)}", artifacts=wheels, note=note)
