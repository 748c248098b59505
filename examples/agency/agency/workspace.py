"""Makes a copy of the code base in which one issue waits to be solved."""

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import yaml

from agency.task import Task

# The code base is not part of the package: it lies next to it in the checkout.
CODEBASE = Path(__file__).parent.parent / "codebase"
LEFT_OUT = shutil.ignore_patterns("issues", "dist", "__pycache__", ".*")


class IssueError(Exception):
    """An issue is unknown or does not fit the code base."""


@dataclass(frozen=True)
class Edit:
    """A replacement in one file; without `old` the file is new."""

    file: str
    new: str
    old: str | None = None


@dataclass(frozen=True)
class Issue:
    """A defect, as the edits that bring it into the code base."""

    id: str
    title: str
    kind: str
    complexity: str
    edits: list[Edit]


def load_issues(codebase: Path = CODEBASE) -> dict[str, Issue]:
    """Read all issues of a code base, by id."""
    text = (codebase / "issues" / "issues.yaml").read_text(encoding="utf-8")
    issues = [Issue(**{**item, "edits": [Edit(**edit) for edit in item["edits"]]}) for item in yaml.safe_load(text)]
    return {issue.id: issue for issue in issues}


def load_issue(issue_id: str) -> Issue:
    """Read one issue."""
    issues = load_issues()
    if issue_id not in issues:
        raise IssueError(f"unknown issue {issue_id}; known are {', '.join(issues)}")
    return issues[issue_id]


@contextmanager
def prepared_task(issue: Issue, directory: Path | None = None) -> Iterator[Task]:
    """Yield the task in a broken copy; a copy in a directory of the caller's choice is kept."""
    with tempfile.TemporaryDirectory(prefix="agency-") as temporary:
        workspace = (directory or Path(temporary) / "workspace").resolve()
        copy_codebase(workspace)
        for edit in issue.edits:
            apply_edit(workspace, edit)
        yield Task(issue.id, issue.title, issue.kind, issue.complexity, workspace)


def copy_codebase(workspace: Path) -> None:
    """Copy the code base to a place that must be free."""
    if workspace.exists() and (not workspace.is_dir() or any(workspace.iterdir())):
        raise IssueError(f"the workspace {workspace} is not an empty directory")
    shutil.copytree(CODEBASE, workspace, ignore=LEFT_OUT, dirs_exist_ok=True)


def apply_edit(workspace: Path, edit: Edit) -> None:
    """Make one replacement, exactly where the issue says."""
    path = workspace / edit.file
    text = edit.new
    if edit.old is not None:
        before = path.read_text(encoding="utf-8")
        if before.count(edit.old) != 1:
            raise IssueError(f"{edit.file} must contain {edit.old!r} once")
        text = before.replace(edit.old, edit.new)
    path.write_text(text, encoding="utf-8")
