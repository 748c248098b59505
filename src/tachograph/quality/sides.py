"""The code after and the code before, each a private copy: what it defines, and how its tests go."""

import functools
import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from tachograph.quality.containment import Completed, NotContained
from tachograph.quality.paths import TESTS, is_python
from tachograph.quality.tools import Clock

PROBES = Path(__file__).parent / "probes"
_WRONG_USE = 4  # exit status of pytest
_LARGEST = 2**26  # bytes of what a probe wrote
_OUTPUT = 2000  # characters of what a run said that are kept


class Box(Protocol):
    """What a containment offers; see `tachograph.quality.containment`."""

    @property
    def folder(self) -> Path: ...
    def run(self, argv: Sequence[str], *, env: Any = ..., seconds: Any = ..., readable: Any = ...) -> Completed: ...
    def read(self, path: Path, most: int = ...) -> bytes: ...


@dataclass(frozen=True, slots=True)
class Definition:
    """A function or class by its name inside of its file, such as `Reader.read`."""

    name: str
    line: int
    end: int
    public: bool
    is_class: bool
    documented: bool
    stub: bool


@dataclass(frozen=True, slots=True)
class Source:
    """A Python file: what it defines, or why it cannot be read. `lines` are those that are not blank."""

    path: str
    definitions: tuple[Definition, ...] = ()
    lines: int = 0
    error: str | None = None
    line: int | None = None


@dataclass(frozen=True, slots=True)
class Test:
    """How one test went: `passed`, `failed` or `skipped`, why, and what its call took (s of CPU, units of work)."""

    id: str
    outcome: str
    why: str = ""
    file: str | None = None
    line: int | None = None
    cpu: float | None = None
    work: int | None = None


@dataclass(frozen=True, slots=True)
class TestRun:
    """One run of the tests. `uncollected` are files that could not be loaded, with why; `statements` and `missing` are
    lines by file; `trouble` says why there are no results, or not all."""

    tests: dict[str, Test]
    uncollected: dict[str, str] = field(default_factory=dict)
    statements: dict[str, frozenset[int]] = field(default_factory=dict)
    missing: dict[str, frozenset[int]] = field(default_factory=dict)
    completed: Completed | None = None
    trouble: str | None = None
    counted: bool = True  # False where a command told no more than its exit status

    @property
    def outcomes(self) -> dict[str, str]:
        return {test.id: test.outcome for test in self.tests.values()}


@dataclass(frozen=True, slots=True)
class HowToRun:
    """How tests are run: by which command, else by pytest of which Python, and how long (s) at most."""

    test_command: str | None
    python: Path
    seconds: float

    @property
    def readable(self) -> list[Path]:
        """What a run has to see: our probes, and the environment of a Python that is not ours."""
        own = self.python.parent.parent
        if self.python == Path(sys.executable):
            return [PROBES]
        return [PROBES, own, *_base_of(own)]


def _base_of(environment: Path) -> Iterator[Path]:
    """Where the Python is that a virtual environment was made with."""
    settings = environment / "pyvenv.cfg"
    for line in settings.read_text(encoding="utf-8").splitlines() if settings.is_file() else ():
        key, _, value = line.partition("=")
        if key.strip() == "home":
            yield Path(value.strip()).parent


class Side:
    """One version of the code on the bench. What was asked once is remembered."""

    def __init__(self, box: Box, clock: Clock, how: "HowToRun", may_not_run: str | None) -> None:
        self.box = box
        self.folder = box.folder.resolve()
        self.may_not_run = may_not_run  # why, None where it may
        self._how = how
        self._command = how.test_command
        self._clock = clock
        self._own_options: list[str] = []
        self._runs = 0

    @property
    def has_command(self) -> bool:
        """Whether it was said how tests are run."""
        return self._command is not None

    @functools.cached_property
    def files(self) -> list[str]:
        """All regular files, by their path below the folder."""
        return sorted(self._walk())

    def _walk(self) -> Iterator[str]:
        for folder, _, names in os.walk(self.folder):
            for name in names:
                file = Path(folder, name)
                if file.is_file() and not file.is_symlink() and not name.startswith(_RESULTS):
                    yield file.relative_to(self.folder).as_posix()

    @functools.cached_property
    def sources(self) -> dict[str, Source]:
        """Every Python file with what it defines."""
        paths = [path for path in self.files if is_python(path) and "\n" not in path]
        return self._surveyed(paths) if paths else {}

    def _surveyed(self, paths: list[str]) -> dict[str, Source]:
        found = {source.path: source for source in self._survey(paths)}
        # A parser that crashed takes with it what came after the file that it crashed on.
        rest = [path for path in paths if path not in found]
        if rest:
            found[rest[0]] = Source(rest[0], error="the parser crashed on it")
        return {**found, **(self._surveyed(rest[1:]) if rest[1:] else {})}

    def _survey(self, paths: list[str]) -> Iterator[Source]:
        command = [sys.executable, "-I", os.fspath(PROBES / "survey.py"), os.fspath(self.folder)]
        try:
            done = subprocess.run(
                command,
                input="\n".join(paths).encode(errors="surrogateescape"),
                capture_output=True,
                timeout=120,
                check=False,
            )
            output = done.stdout
        except subprocess.TimeoutExpired as error:
            output = error.stdout or b""
        for line in output.splitlines():
            yield _source(json.loads(line))

    def tests(self, *, cover: bool = False, work: bool = False, seconds: float | None = None) -> TestRun:
        """One run of the project's tests in the containment."""
        if self.may_not_run:
            return TestRun({}, trouble=self.may_not_run)
        results = self._results()
        orders = {
            "results": os.fspath(self.folder / results),
            "folder": os.fspath(self.folder),
            "tests": TESTS,
            "cover": cover,
            "work": work,
        }
        environment = {"TACHOGRAPH_PROBE": json.dumps(orders)}
        try:
            done = self.run(self._test_argv(), environment, seconds)
            if done.status == _WRONG_USE and not self._command and not self._own_options:
                # The project asks for options of plugins that are not here, such as --cov.
                self._own_options = ["--override-ini", "addopts="]
                done = self.run(self._test_argv(), environment, seconds)
        except NotContained as error:
            return TestRun({}, trouble=str(error))
        return _test_run(done, self._read(results), self.folder, by_command=self._command is not None)

    def _test_argv(self) -> list[str]:
        if self._command:
            return ["sh", "-c", self._command]
        return [os.fspath(self._how.python), "-m", "pytest", "-q", "--tb=short", *self._own_options]

    def imports(self, modules: Sequence[str]) -> list[dict[str, Any]]:
        """How importing each module went; raises NotContained."""
        results = self._results()
        command = [
            os.fspath(self._how.python),
            os.fspath(PROBES / "imports.py"),
            os.fspath(self.folder / results),
            *modules,
        ]
        self.run(command, {}, 60)
        return list(_records(self._read(results)))

    def run(self, argv: Sequence[str], env: dict[str, str], seconds: float | None = None) -> Completed:
        """Run a program in the containment, with the project's code importable and our probes at hand."""
        began = time.monotonic()
        paths = [self.folder / "src", self.folder, PROBES]
        ours = {
            "PYTHONPATH": os.pathsep.join(map(os.fspath, paths)),
            "PYTHONDONTWRITEBYTECODE": "1",
            "PYTHONHASHSEED": "0",
            "PATH": os.pathsep.join([os.fspath(self._how.python.parent), "/usr/local/bin", "/usr/bin", "/bin"]),
            "PYTEST_ADDOPTS": "-p tachograph_probe -p no:cacheprovider",
            "NO_COLOR": "1",
        }
        try:
            return self.box.run(
                argv, env={**ours, **env}, seconds=seconds or self._how.seconds, readable=self._how.readable
            )
        finally:
            self._clock.add(time.monotonic() - began)

    def _results(self) -> str:
        self._runs += 1
        return f"{_RESULTS}-{self._runs}.jsonl"

    def _read(self, name: str) -> bytes:
        try:
            return self.box.read(Path(name), _LARGEST)
        except OSError:  # nothing was written, or something else stands in its place
            return b""


_RESULTS = ".tachograph-results"


def _source(record: dict[str, Any]) -> Source:
    if "error" in record:
        return Source(record["path"], error=record["error"], line=record["line"])
    found = tuple(
        Definition(it["name"], it["line"], it["end"], it["public"], it["class"], it["documented"], it["stub"])
        for it in record["definitions"]
    )
    return Source(record["path"], found, record["lines"])


def _records(content: bytes) -> Iterator[dict[str, Any]]:
    """What a probe wrote; a line that was cut off, or that the code itself wrote, is passed over."""
    for line in content.splitlines():
        try:
            record = json.loads(line)
        except ValueError:
            continue
        if isinstance(record, dict):
            yield record


def _test_run(done: Completed, content: bytes, folder: Path, *, by_command: bool) -> TestRun:
    records = list(_records(content))
    finished = any("finished" in record for record in records)
    tests = _tests(records, folder)
    uncollected = {str(it["collecting"]): str(it.get("why", "")) for it in records if "collecting" in it}
    lines = [it for it in records if "covered" in it]
    if by_command and not records:
        return _by_status(done)
    return TestRun(
        tests,
        uncollected,
        {it["covered"]: frozenset(it["statements"]) for it in lines},
        {it["covered"]: frozenset(it["missing"]) for it in lines},
        done,
        None if finished else _trouble(done),
    )


def _by_status(done: Completed) -> TestRun:
    """Of a command that is not pytest only the exit status is known; it counts as one test."""
    outcome = "passed" if done.status == 0 else "failed"
    test = Test("the test command", outcome, "" if done.status == 0 else _trouble(done), cpu=done.cpu_seconds)
    return TestRun({test.id: test}, completed=done, counted=False)


def _trouble(done: Completed) -> str:
    said = (done.stderr or done.stdout).decode(errors="replace").strip()[-_OUTPUT:].splitlines()
    how = f"ended by {done.ended}" if done.ended != "exit" else f"exit status {done.status}"
    return f"the tests did not come to their end ({how}{': ' + said[-1].strip() if said else ''})"


def _tests(records: list[dict[str, Any]], folder: Path) -> dict[str, Test]:
    """Tests by id; of several reports about one (setup, call, teardown) a failure counts."""
    found: dict[str, Test] = {}
    costs = {str(it["test"]): it for it in records if "cpu" in it}
    for it in records:
        if "outcome" not in it:
            continue
        name = str(it["test"])
        if name in found and found[name].outcome == "failed":
            continue
        cost = costs.get(name, {})
        place = _inside(it.get("file"), folder)
        found[name] = Test(
            name, str(it["outcome"]), str(it.get("why", "")), place, it.get("line"), cost.get("cpu"), cost.get("work")
        )
    return found


def _inside(file: Any, folder: Path) -> str | None:
    """A path relative to the folder, None for one outside of it."""
    if not isinstance(file, str):
        return None
    path = Path(file)
    if not path.is_absolute():
        return path.as_posix()
    return path.relative_to(folder).as_posix() if path.is_relative_to(folder) else None
