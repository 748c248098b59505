"""What an agent is asked to do and what it answers."""

from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True)
class Task:
    """One issue, and the copy of the code base in which it is worked on."""

    id: str
    title: str
    kind: str
    complexity: str
    workspace: Path

    @property
    def package(self) -> Path:
        """The folder of the package that the code base consists of."""
        return next(self.workspace.glob("*/__init__.py")).parent

    def relative(self, path: Path | str) -> str:
        """Name a file of the workspace the way reports do."""
        return (self.workspace / path).relative_to(self.workspace).as_posix()


@dataclass(frozen=True)
class Result:
    """The answer of an agent: `error` is a short kind, `note` a sentence by the local model."""

    ok: bool
    summary: str
    findings: list[str] = field(default_factory=list)
    artifacts: list[str] = field(default_factory=list)
    error: str | None = None
    note: str = ""
