"""The architect draws the module graph and refuses import cycles."""

import ast
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

from agency.agents.base import Agent
from agency.task import Result, Task

Graph = dict[str, set[str]]


class Architect(Agent):
    """Reads the imports of all modules."""

    name = "architect"
    version = "1.0"

    def run(self, task: Task) -> Result:
        context = self.contexts.prepare(self.name, task)
        graph = module_graph(task.package)
        note = self.sentence(context, f"The {_centre(graph)}")
        cycle = find_cycle(graph)
        if cycle:
            return Result(False, "modules import each other", [" -> ".join(cycle)], error="import_cycle", note=note)
        imports = sum(len(used) for used in graph.values())
        return Result(True, f"{len(graph)} modules, {imports} imports, no cycle", note=note)


def module_graph(package: Path) -> Graph:
    """Return for each module of the package the modules that it imports when it loads."""
    paths = sorted(package.glob("*.py"))
    names = {f"{package.name}.{path.stem}" for path in paths}
    return {
        f"{package.name}.{path.stem}": _imports(ast.parse(path.read_text(encoding="utf-8"))) & names for path in paths
    }


def find_cycle(graph: Graph) -> list[str] | None:
    """Return one import cycle, its first module repeated at the end."""
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        return list(error.args[1])
    return None


def _imports(tree: ast.Module) -> set[str]:
    # Only the top level counts: an import inside a function runs later and closes no cycle.
    found: set[str] = set()
    for node in tree.body:
        if isinstance(node, ast.Import):
            found.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            found.add(node.module)
    return found


def _centre(graph: Graph) -> str:
    """Name the module that most others import."""
    used = [name for names in graph.values() for name in names]
    return max(sorted(graph), key=used.count).rpartition(".")[2]
