"""The documenter measures how much is documented, and writes what it can."""

import ast
import tomllib
from pathlib import Path

from agency import tools
from agency.agents.base import Agent, counted
from agency.context import Context
from agency.files import replace_text
from agency.task import Result, Task

Definition = ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef
Places = list[tuple[Path, int]]


class Documenter(Agent):
    """Fails below the docstring coverage that the code base asks for."""

    name = "documenter"
    version = "1.2"

    def run(self, task: Task) -> Result:
        context = self.contexts.prepare(self.name, task)
        missing = undocumented(task)
        written = [place for place in reversed(missing) if self.document(context, *place)]
        left = undocumented(task) if written else missing
        coverage = 100 * (1 - len(left) / count_public(task.package))
        files = sorted({task.relative(path) for path, _ in written})
        findings = [f"{task.relative(path)}:{line} has no docstring" for path, line in left]
        summary = f"{counted(len(written), 'docstring')} written, coverage {coverage:.0f} %"
        enough = coverage >= required_coverage(task.workspace)
        return Result(enough, summary, findings, files, None if enough else "docs_coverage")

    def document(self, context: Context, path: Path, line: int) -> bool:
        """Write the docstring of the definition at a line, unless the model cannot tell what it does."""
        text = path.read_text(encoding="utf-8")
        node = _definition_at(ast.parse(text), line)
        if node is None or node.body[0].lineno == node.lineno:
            return False
        sentence = self.sentence(context, node.name.replace("_", " ").capitalize())
        if not sentence or set(sentence) & set('\\"'):
            return False
        docstring = f'{" " * node.body[0].col_offset}"""{sentence}"""\n'
        lines = text.splitlines(keepends=True)
        lines.insert(node.body[0].lineno - 1, docstring)
        replace_text(path, "".join(lines))
        return True


def undocumented(task: Task) -> Places:
    """Return the places of public definitions without a docstring, from top to bottom."""
    arguments = ["check", "--no-cache", "--select", "D1", "--output-format", "json", task.package.name]
    found = tools.run_tool("ruff", arguments, task.workspace).json()
    return sorted((Path(item["filename"]), item["location"]["row"]) for item in found)


def count_public(package: Path) -> int:
    """Count the modules, classes and functions that need a docstring."""
    trees = [ast.parse(path.read_text(encoding="utf-8")) for path in package.rglob("*.py")]
    definitions = [node for tree in trees for node in ast.walk(tree) if isinstance(node, Definition)]
    return len(trees) + sum(not node.name.startswith("_") for node in definitions)


def required_coverage(workspace: Path) -> float:
    """Read the coverage that the code base asks for, in percent."""
    config = tomllib.loads((workspace / "pyproject.toml").read_text(encoding="utf-8"))
    return float(config["tool"]["docs"]["coverage"])


def _definition_at(tree: ast.Module, line: int) -> Definition | None:
    found = (node for node in ast.walk(tree) if isinstance(node, Definition) and node.lineno == line)
    return next(found, None)
