"""Runs the command-line tools of the agency; every subprocess starts here."""

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

# Exit codes with which a tool says that it did its work; 1 stands for "done, with findings".
ALLOWED = {"ruff": {0, 1}, "pytest": {0, 1}, "bandit": {0, 1}, "hatchling": {0}, "agency.fuzz": {0, 1}}

# A quick start, and nothing left behind in the workspace.
CHILD_ENVIRONMENT = {"PYTHONDONTWRITEBYTECODE": "1", "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1", "NO_COLOR": "1"}


class ToolError(Exception):
    """A tool is missing, took too long or broke down."""


@dataclass(frozen=True)
class ToolResult:
    """How a tool ended and what it wrote."""

    name: str
    exit_code: int
    stdout: str
    stderr: str

    @property
    def ok(self) -> bool:
        """Whether the tool did its work, whatever it found."""
        return self.exit_code in ALLOWED[self.name]

    def json(self) -> Any:
        """Read the output of a tool that was asked for JSON."""
        if not self.ok:
            raise ToolError(f"{self.name} exited with {self.exit_code}: {self.stderr.strip()}")
        return json.loads(self.stdout)


def run_tool(name: str, argv: list[str], cwd: Path, timeout: float = 60) -> ToolResult:
    """Run one of the known tools as a module of this Python."""
    if name not in ALLOWED or find_spec(name) is None:
        raise ToolError(f"{name} is not installed")
    command = [sys.executable, "-m", name, *argv]
    environment = {**os.environ, **CHILD_ENVIRONMENT}
    try:
        done = subprocess.run(
            command, cwd=cwd, env=environment, timeout=timeout, capture_output=True, text=True, check=False
        )
    except subprocess.TimeoutExpired as error:
        raise ToolError(f"{name} took more than {timeout:g} s") from error
    return ToolResult(name, done.returncode, done.stdout, done.stderr)
