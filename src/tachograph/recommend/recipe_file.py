"""A recipe's YAML file, changed where it has to be and nowhere else: comments, order and spacing stay.

name: ship                      steps under `steps`, `tasks` or `jobs`, each with a `name` or an `id`,
workers: 1                      what it waits for under `depends_on` or `needs`
steps:
  - name: test
    depends_on: [implement]
"""

import difflib
from dataclasses import dataclass
from typing import Any, Final

import yaml

_STEPS: Final = ("steps", "tasks", "jobs")
_NAMES: Final = ("name", "id")
_DEPENDS: Final = ("depends_on", "needs")
_WORKERS: Final = ("workers", "max_workers", "max_parallel", "parallelism", "concurrency")
_RETRIES: Final = ("retries", "max_retries", "retry")
_ATTEMPTS: Final = ("attempts", "max_attempts")
_AGENT: Final = ("agent", "uses")


@dataclass(frozen=True, slots=True)
class RecipeFile:
    """A file of one recipe; `path` is relative to the folder in which its diff applies, `folder` says which that is."""

    path: str
    text: str
    folder: str = "."

    @property
    def recipe(self) -> str | None:
        """The name of the recipe in it, None where it holds none."""
        data = self._data()
        if not isinstance(data, dict) or not isinstance(_first(data, _STEPS), list):
            return None
        return str(data.get("name") or self.path.rpartition("/")[2].rpartition(".")[0])

    def steps(self) -> dict[str, dict[str, Any]]:
        """The steps by name, in order."""
        return {str(_first(step, _NAMES)): step for step in _first(self._data(), _STEPS) if isinstance(step, dict)}

    def depends(self) -> dict[str, list[str]]:
        """What each step waits for."""
        return {name: _names(_first(step, _DEPENDS)) for name, step in self.steps().items()}

    def workers(self) -> int | None:
        """How many steps the file lets run at once, None where it does not say."""
        value = _first(self._data(), _WORKERS)
        return value if isinstance(value, int) else None

    def retries(self, step: str) -> int | None:
        """How often a step is tried again, None where the file does not say."""
        known = self.steps().get(step, {})
        value, most = _first(known, _RETRIES), _first(known, _ATTEMPTS)
        return value if isinstance(value, int) else most - 1 if isinstance(most, int) else None

    def with_depends(self, wanted: dict[str, list[str]]) -> "RecipeFile":
        """The file in which some steps wait for other ones."""
        made = self
        for name, names in wanted.items():
            made = made._with(name, _DEPENDS, f"[{', '.join(names)}]", new="depends_on")
        return made

    def with_workers(self, count: int) -> "RecipeFile":
        """The file that lets that many steps run at once; the same where it has no such setting."""
        root = yaml.compose(self.text)
        found = _value(root, _WORKERS)
        return self if found is None else self._replaced(found, str(count))

    def with_retries(self, step: str, count: int) -> "RecipeFile":
        """The file that tries a step again that often."""
        found = self.steps().get(step, {})
        if _first(found, _ATTEMPTS) is not None:
            return self._with(step, _ATTEMPTS, str(count + 1), new="attempts")
        return self._with(step, _RETRIES, str(count), new="retries")

    def with_agent(self, step: str, agent: str) -> "RecipeFile":
        """The file in which another agent does a step; the same where steps name no agent."""
        known = step in self.steps() and _first(self.steps()[step], _AGENT) is not None
        return self._with(step, _AGENT, agent, new="agent") if known else self

    def with_order(self, order: list[str]) -> "RecipeFile":
        """The file whose steps stand in this order; those that are not named keep their places. What a step waits for
        but comes after it now is left out."""
        places = [name for name in self.steps() if name in order]
        wanted = [name for name in order if name in self.steps()]
        at = {name: place for place, name in enumerate(wanted)}
        if sorted(places) != sorted(wanted) or places == wanted or not self._is_block():
            return self
        made = self._moved(dict(zip(places, wanted, strict=True)))
        late = {
            name: [other for other in waits if at.get(other, -1) < at.get(name, len(at))]
            for name, waits in self.depends().items()
        }
        return made.with_depends({name: waits for name, waits in late.items() if waits != self.depends()[name]})

    def diff(self, changed: "RecipeFile") -> str | None:
        """The unified diff to a changed one, for `patch -p1` and `git apply`; None where nothing changed."""
        before, after = (_lines(text) for text in (self.text, changed.text))
        made = "".join(difflib.unified_diff(before, after, f"a/{self.path}", f"b/{self.path}"))
        return made.replace("\0", "\n\\ No newline at end of file\n") or None

    def _data(self) -> Any:
        return yaml.safe_load(self.text)

    def _step_node(self, name: str) -> Any:
        for node in _value(yaml.compose(self.text), _STEPS).value:
            found = _value(node, _NAMES) if isinstance(node, yaml.MappingNode) else None
            if found is not None and found.value == name:
                return node
        return None

    def _is_block(self) -> bool:
        return not _value(yaml.compose(self.text), _STEPS).flow_style

    def _with(self, step: str, keys: tuple[str, ...], value: str, new: str) -> "RecipeFile":
        node = self._step_node(step)
        if node is None:
            return self
        found = _value(node, keys)
        if found is not None:
            return self._replaced(found, value)
        last = node.value[0][1].end_mark  # after the name, which steps begin with
        if node.flow_style:
            return self._cut(last.index, last.index, f", {new}: {value}")
        line_end = self.text.find("\n", last.index)
        line_end = len(self.text) if line_end < 0 else line_end
        return self._cut(line_end, line_end, f"\n{' ' * node.start_mark.column}{new}: {value}")

    def _replaced(self, node: Any, value: str) -> "RecipeFile":
        start, end = node.start_mark.index, node.end_mark.index
        old = self.text[start:end]
        kept = len(old) - len(old.rstrip())  # a block sequence ends where the next key begins
        if isinstance(node, yaml.SequenceNode) and not node.flow_style:
            start = self.text.rfind(":", 0, start) + 1
            value = f" {value}"
        return self._cut(start, end - kept, value)

    def _cut(self, start: int, end: int, value: str) -> "RecipeFile":
        return RecipeFile(self.path, self.text[:start] + value + self.text[end:], self.folder)

    def _moved(self, instead: dict[str, str]) -> "RecipeFile":
        """Whole steps, with the lines of each, in the places of others."""
        nodes = _value(yaml.compose(self.text), _STEPS).value
        lines = _complete(self.text).splitlines(keepends=True)
        starts = [node.start_mark.line for node in nodes]
        ends = [*starts[1:], _last_line(lines, nodes[-1].end_mark.line)]
        names = [_value(node, _NAMES).value for node in nodes]
        block = {name: "".join(lines[start:end]) for name, start, end in zip(names, starts, ends, strict=True)}
        body = "".join(block[instead.get(name, name)] for name in names)
        text = "".join(lines[: starts[0]]) + body + "".join(lines[ends[-1] :])
        return RecipeFile(self.path, text, self.folder)


def _last_line(lines: list[str], end: int) -> int:
    """One past the last line of the steps, without blank lines that follow them."""
    while end > 0 and not lines[min(end, len(lines)) - 1].strip():
        end -= 1
    return min(end, len(lines))


def _complete(text: str) -> str:
    return text if text.endswith("\n") else text + "\n"


def _lines(text: str) -> list[str]:
    """Lines with their ends; one that has none is marked, for a diff has to say so."""
    lines = text.splitlines(keepends=True)
    return [*lines[:-1], lines[-1] + "\0"] if lines and not lines[-1].endswith("\n") else lines


def _first(table: Any, keys: tuple[str, ...]) -> Any:
    return next((table[key] for key in keys if key in table), None) if isinstance(table, dict) else None


def _value(node: Any, keys: tuple[str, ...]) -> Any:
    """The node of the first key that a mapping has."""
    if not isinstance(node, yaml.MappingNode):
        return None
    return next((value for wanted in keys for key, value in node.value if key.value == wanted), None)


def _names(value: Any) -> list[str]:
    return [str(name) for name in value] if isinstance(value, list) else [value] if isinstance(value, str) else []


def parsed(path: str, text: str, folder: str = ".") -> RecipeFile | None:
    """The recipe in a file; None where there is none that can be understood."""
    file = RecipeFile(path, text, folder)
    try:
        return file if file.recipe is not None else None
    except (yaml.YAMLError, RecursionError):
        return None


def patched(text: str, diff: str) -> str:
    """The text after a unified diff of one file that was made here; ValueError where it does not fit."""
    lines, made, at, last = text.splitlines(keepends=True), list[str](), 0, ""
    for line in diff.splitlines(keepends=True)[2:]:
        if line.startswith("@@"):
            start = int(line.split()[1].split(",")[0][1:])
            made, at = made + lines[at : start - 1], start - 1
        elif line.startswith("\\"):
            made[-1:] = [made[-1].removesuffix("\n")] if last == "+" else made[-1:]
        elif line.startswith("+"):
            made.append(line[1:])
        else:
            if at >= len(lines) or lines[at].rstrip("\n") != line[1:].rstrip("\n"):
                raise ValueError(f"the diff does not fit at line {at + 1}")
            made, at = made + ([lines[at]] if line.startswith(" ") else []), at + 1
        last = line[0]
    return "".join(made + lines[at:])
