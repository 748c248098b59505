"""Collects the files an agent has to know for a task."""

import re
from dataclasses import dataclass, replace

from agency.model import tokenize
from agency.task import Task

# The folder called `package` stands for the package of the code base.
FILES = {
    "architect": ["package/*.py"],
    "coder": ["package/*.py", "tests/*.py"],
    "tester": ["tests/*.py", "package/*.py"],
    "security": ["package/*.py", "pyproject.toml"],
    "courier": ["README.md"],
    "documenter": ["README.md", "package/*.py"],
    "fuzzer": ["package/duration.py"],
    "releaser": ["pyproject.toml", "README.md"],
    "soaker": ["package/duration.py"],
}


@dataclass(frozen=True)
class Context:
    """The text of the chosen files, the most relevant first."""

    text: str
    tokens: int
    files: list[str]

    def halved(self) -> "Context":
        """Keep the more relevant half of the text."""
        text = self.text[: len(self.text) // 2]
        return replace(self, text=text, tokens=len(tokenize(text)))


class ContextBuilder:
    """Chooses files by the agent's patterns and by the words of the issue's title."""

    def prepare(self, agent: str, task: Task) -> Context:
        """Read the agent's files with half of the issue's words in them, or all when there is none."""
        words = _words(task.title)
        texts = _read(task, FILES[agent])
        scores = {name: len(words & _words(f"{name} {text}")) for name, text in texts.items()}
        chosen = [name for name, score in scores.items() if 2 * score >= len(words)] or list(texts)
        chosen.sort(key=lambda name: -scores[name])
        text = "\n".join(f"# {name}\n{texts[name]}" for name in chosen)
        return Context(text, len(tokenize(text)), chosen)


def _read(task: Task, patterns: list[str]) -> dict[str, str]:
    globs = [pattern.replace("package", task.package.name) for pattern in patterns]
    paths = [path for pattern in globs for path in sorted(task.workspace.glob(pattern))]
    return {task.relative(path): path.read_text(encoding="utf-8") for path in paths}


def _words(text: str) -> set[str]:
    # Words of up to three letters are in every file and tell nothing.
    return set(re.findall(r"[^\W\d_]{4,}", text.lower()))
