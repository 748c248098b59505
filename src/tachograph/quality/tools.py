"""Well-kept tools as subprocesses: what is asked of them, and what they answer.

They read what a model wrote, but run none of it: they are started isolated from the folder's own settings and modules,
for whoever is judged has no say in how.
"""

import json
import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from importlib import metadata
from importlib.util import find_spec
from pathlib import Path

from tachograph.quality.paths import is_test, module


@dataclass(frozen=True, slots=True)
class Report:
    """One thing that a tool reports."""

    tool: str
    rule: str
    file: str
    line: int
    message: str


@dataclass(slots=True)
class Clock:
    """Adds up the time that tools and runs of tests take, so that the rest is known to be ours."""

    seconds: float = 0.0

    def add(self, seconds: float) -> None:
        self.seconds += seconds


class ToolFailed(Exception):
    """A tool is not installed, took too long or broke down; the message is one line."""


# Rules by what they say of code: (what they start with, what one costs, what they are about). What is no fault of the
# code's quality is not asked for: undefined names are a matter of correctness, docstrings of completeness, PERF of
# efficiency.
RULES = (
    ("BLE", 3.0, "error handling"),
    ("E722", 3.0, "error handling"),
    ("TRY", 1.0, "error handling"),
    ("S110", 3.0, "error handling"),
    ("S112", 3.0, "error handling"),
    ("B904", 1.0, "error handling"),
    ("S", 2.0, "security"),
    ("N", 1.0, "naming"),
    ("A", 1.0, "naming"),
    ("E741", 1.0, "naming"),
    ("C901", 2.0, "structure"),
    ("PLR", 1.0, "structure"),
    ("SIM", 1.0, "structure"),
    ("RET", 1.0, "structure"),
    ("ARG", 1.0, "structure"),
    ("C4", 1.0, "structure"),
    ("F", 2.0, "likely mistakes"),
    ("B", 2.0, "likely mistakes"),
    ("PLE", 3.0, "likely mistakes"),
    ("PLW", 2.0, "likely mistakes"),
    ("E7", 1.0, "style"),
    ("E", 0.4, "style"),
    ("W", 0.4, "style"),
    ("I", 0.4, "style"),
    ("PIE", 0.4, "style"),
    ("ERA", 0.4, "style"),
)
_ASKED = "E,W,F,B,BLE,TRY,S,N,A,C4,C901,PLR,PLE,PLW,SIM,RET,ARG,I,PIE,ERA"
_NOT_ASKED = (
    "E9,F82,TRY003,TRY300,TRY301,PLR2004,PLR6301,PLR0904,S404,S603,S607,N818,A005,SIM108,RET505,RET506,W191,E501"
)
_NOT_OF_TESTS = ("S", "ARG", "PLR", "N", "BLE", "TRY")
_SYNTAX = "invalid-syntax"


def severity(rule: str) -> tuple[float, str]:
    """What one finding of a rule costs, and what the rule is about; the longest beginning counts."""
    fitting = [(len(start), cost, about) for start, cost, about in RULES if rule.startswith(start)]
    _, cost, about = max(fitting, default=(0, 0.4, "style"))
    return cost, about


def ruff(folder: Path, clock: Clock) -> list[Report]:
    """Findings about all Python files of a folder."""
    chosen = ("--select", _ASKED, "--ignore", _NOT_ASKED, "--line-length", "120", "--ignore-noqa")
    return [it for it in _ruff(folder, clock, *chosen) if not _is_fine_in_tests(it)]


def undocumented(folder: Path, clock: Clock) -> list[Report]:
    """Public modules, classes and functions without a docstring."""
    return [it for it in _ruff(folder, clock, "--select", "D100,D101,D102,D103,D104") if not is_test(it.file)]


def _ruff(folder: Path, clock: Clock, *chosen: str) -> list[Report]:
    options = ("--isolated", "--no-cache", "--no-respect-gitignore", "--exit-zero", "--output-format", "json")
    output = run("ruff", ["check", *options, *chosen, "."], folder, clock)
    return [
        Report("ruff", it["code"] or _SYNTAX, _relative(folder, it["filename"]), it["location"]["row"], it["message"])
        for it in json.loads(output)
        if (it["code"] or _SYNTAX) != _SYNTAX
    ]


def _is_fine_in_tests(report: Report) -> bool:
    return is_test(report.file) and report.rule.startswith(_NOT_OF_TESTS)


def complexipy(folder: Path, files: Sequence[str], clock: Clock) -> list[tuple[str, str, int]]:
    """Cognitive complexity of functions, as (file, function, complexity)."""
    with tempfile.TemporaryDirectory(prefix="tachograph-") as private:
        result = Path(private) / "complexity.json"
        # Some of its messages are not JSON, and it names files as they were named to it.
        options = ("--isolated", "--no-ignore", "--ignore-complexity", "--quiet", "--output-format", "json")
        named = [os.fspath(folder / file) for file in files]
        run("complexipy", [*options, "--output", os.fspath(result), "--", *named], Path(private), clock, (0, 1))
        found = json.loads(result.read_text(encoding="utf-8")) if result.exists() else []
    return [(_relative(folder, it["path"]), it["function_name"], it["complexity"]) for it in found]


_TYPE_ERROR = re.compile(r"^(?P<file>[^:]+):(?P<line>\d+): error: (?P<message>.*?)(?:  \[(?P<rule>[\w-]+)\])?$")
_NO_TYPE_ERRORS = frozenset(
    {"import-untyped", "import-not-found", "import", "no-redef", "annotation-unchecked", "syntax"}
)


_MYPY = (
    "--no-site-packages",
    "--ignore-missing-imports",
    "--namespace-packages",
    "--explicit-package-bases",
    "--follow-imports=silent",
    "--check-untyped-defs",
    "--allow-redefinition",
    "--show-error-codes",
    "--hide-error-context",
    "--no-error-summary",
    "--no-color-output",
    "--no-pretty",
)


def mypy(folder: Path, files: Sequence[str], clock: Clock, cache: Path) -> list[Report]:
    """Type errors in some files of a folder; what they import counts as far as it is there."""
    named = [file for file in files if module(file)]
    if not named:
        return []
    options = ("--config-file=", f"--cache-dir={cache}", *_MYPY)
    arguments = [*options, "--", *named]
    output = run("mypy", arguments, folder, clock, (0, 1), env={"MYPYPATH": "src"}, seconds=180)
    found = [match for line in output.splitlines() if (match := _TYPE_ERROR.match(line))]
    rules = [(match["rule"] or "misc", match) for match in found]
    return [
        Report("mypy", rule, match["file"], int(match["line"]), match["message"])
        for rule, match in rules
        if rule not in _NO_TYPE_ERRORS
    ]


SIMILAR_LINES = 8  # that stand twice before it counts
_SIMILAR = re.compile(r"^(\d+) similar lines in (\d+) files$")
_PLACE = re.compile(r"^==(.+):\[(\d+):(\d+)\]$")


def symilar(folder: Path, files: Sequence[str], clock: Clock) -> list[list[tuple[str, int, int]]]:
    """Groups of places, as (file, first line, last line), that say the same in as many lines as count."""
    options = ("--duplicates", str(SIMILAR_LINES), "--ignore-imports", "--ignore-docstrings", "--ignore-signatures")
    output = run("symilar", [*options, *files], folder, clock, seconds=60)
    return list(_groups(output))


def _groups(output: str) -> Iterator[list[tuple[str, int, int]]]:
    group: list[tuple[str, int, int]] = []
    for line in output.splitlines():
        if place := _PLACE.match(line):
            group.append((place[1], int(place[2]) + 1, int(place[3])))
        elif _SIMILAR.match(line) and group:
            yield group
            group = []
    if group:
        yield group


_PACKAGES = {"symilar": "pylint"}
_MODULES = {"mypy": "mypy", "ruff": "ruff"}


def version(tool: str) -> str | None:
    """The version of an installed tool, None where it is not."""
    try:
        return metadata.version(_PACKAGES.get(tool, tool))
    except metadata.PackageNotFoundError:
        return None


def run(
    tool: str,
    arguments: Sequence[str],
    folder: Path,
    clock: Clock,
    allowed: Sequence[int] = (0,),
    *,
    env: dict[str, str] | None = None,
    seconds: float = 120,
) -> str:
    """What a tool prints; raises ToolFailed."""
    began = time.monotonic()
    try:
        done = subprocess.run(
            [*_program(tool), *arguments], cwd=folder, env={**_environment(folder), **(env or {})}, capture_output=True,
            stdin=subprocess.DEVNULL, timeout=seconds, check=False,
        )  # fmt: skip
    except subprocess.TimeoutExpired:
        raise ToolFailed(f"{tool} took more than {seconds:g} s") from None
    finally:
        clock.add(time.monotonic() - began)
    if done.returncode not in allowed:
        said = (done.stderr or done.stdout).decode(errors="replace").strip().splitlines() or ["it says nothing"]
        raise ToolFailed(f"{tool} ended with {done.returncode}: {said[-1][:200]}")
    return done.stdout.decode(errors="replace")


def _program(tool: str) -> list[str]:
    """How a tool is started so that no module of the folder can take its place."""
    if tool in _MODULES and find_spec(_MODULES[tool]):
        return [sys.executable, "-I", "-m", _MODULES[tool]]
    beside = Path(sys.executable).with_name(tool)
    if beside.exists():
        return [os.fspath(beside)]
    raise ToolFailed(f"{tool} is not installed; run: pip install 'tachograph[quality]'")


def _environment(folder: Path) -> dict[str, str]:
    return {"PATH": os.defpath, "HOME": os.fspath(folder.parent), "LC_ALL": "C.UTF-8", "PYTHONSAFEPATH": "1"}


def _relative(folder: Path, file: str) -> str:
    path = Path(file)
    return (path.relative_to(folder) if path.is_absolute() else path).as_posix()
