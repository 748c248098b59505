"""The security agent looks for dangerous calls."""

from typing import Any

from agency import tools
from agency.agents.base import Agent, counted
from agency.task import Result, Task

SERIOUS = {"MEDIUM", "HIGH"}


class Security(Agent):
    """Runs bandit and refuses findings of medium or high severity."""

    name = "security"
    version = "1.0"

    def run(self, task: Task) -> Result:
        context = self.contexts.prepare(self.name, task)
        arguments = ["-q", "-f", "json", "-r", task.package.name]
        found = tools.run_tool("bandit", arguments, task.workspace).json()["results"]
        serious = [_describe(item) for item in found if item["issue_severity"] in SERIOUS]
        note = self.describe_subject(context)
        if serious:
            return Result(False, counted(len(serious), "dangerous call"), serious, error="security_findings", note=note)
        return Result(True, f"nothing dangerous, {counted(len(found), 'hint')}", note=note)


def _describe(item: dict[str, Any]) -> str:
    return f"{item['filename']}:{item['line_number']} {item['test_id']} {item['issue_text']}"
