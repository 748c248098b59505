"""The coder repairs what the linter and the codemods know how to repair."""

from pathlib import Path
from typing import Any

from agency import tools
from agency.agents.base import Agent, counted
from agency.codemods import repair
from agency.files import replace_text
from agency.task import Result, Task


class Coder(Agent):
    """Makes one pass of automatic repairs over the workspace."""

    name = "coder"
    version = "1.1"

    def run(self, task: Task) -> Result:
        context = self.contexts.prepare(self.name, task)
        before = _sources(task.workspace)
        _lint(task, "--fix")
        _apply_codemods(task)
        # What a codemod brings in, such as an import to sort, is for ruff: that takes another pass.
        left = [_describe(task, finding) for finding in _lint(task)]
        changed = [path for path, text in _sources(task.workspace).items() if before[path] != text]
        artifacts = [task.relative(path) for path in changed]
        note = self.describe_subject(context) if changed else ""
        if left:
            return Result(False, f"{counted(len(left), 'lint finding')} left", left, artifacts, "lint_findings", note)
        return Result(True, f"{counted(len(changed), 'file')} changed", artifacts=artifacts, note=note)


def _sources(workspace: Path) -> dict[Path, str]:
    return {path: path.read_text(encoding="utf-8") for path in sorted(workspace.rglob("*.py"))}


def _lint(task: Task, *options: str) -> list[dict[str, Any]]:
    arguments = ["check", "--no-cache", "--output-format", "json", *options, "."]
    findings: list[dict[str, Any]] = tools.run_tool("ruff", arguments, task.workspace).json()
    return findings


def _apply_codemods(task: Task) -> None:
    for path, text in _sources(task.package).items():
        repaired = repair(text)
        if repaired != text:
            replace_text(path, repaired)


def _describe(task: Task, finding: dict[str, Any]) -> str:
    place = f"{task.relative(finding['filename'])}:{finding['location']['row']}"
    return f"{place} {finding['code']} {finding['message']}"
