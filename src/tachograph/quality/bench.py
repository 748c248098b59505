"""What reviewers work on: the code after, the code before where there is one, and the change between them."""

import functools
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tachograph.quality import git, tools
from tachograph.quality.containment import Limits, NotContained, TooLarge, contained
from tachograph.quality.copies import Unrunnable, copied
from tachograph.quality.git import FileChange
from tachograph.quality.paths import is_code, is_public, is_python, is_test
from tachograph.quality.sides import Definition, HowToRun, Side, Source, TestRun
from tachograph.quality.spec import Spec
from tachograph.quality.tools import Clock, Report

_COPY = 2**29
_FIRST_RUN = 300.0  # seconds that one run of the tests may take


@dataclass(frozen=True, slots=True)
class Order:
    """What is to be assessed: a folder or file as it is, or its change against `base`."""

    path: Path
    base: str | None = None
    spec: Path | None = None
    test_command: str | None = None
    python: Path | None = None
    unsafe: bool = False


class Bench:
    """The two sides and the change. `changes` is None where a folder is judged as it is.

    Everything is computed when it is first asked for, and remembered.
    """

    def __init__(
        self,
        after: Side,
        before: Side | None,
        overlay: Side | None,
        changes: dict[str, FileChange] | None,
        spec: Spec | None,
        clock: Clock,
    ) -> None:
        self.after = after
        self.before = before
        self.changes = changes
        self.spec = spec
        self.clock = clock
        self._private = ExitStack()
        self._overlay = overlay  # the code before with the tests of the change

    # --- what is judged ---

    @functools.cached_property
    def judged(self) -> dict[str, Source]:
        """Python files that were changed, or all of them where a folder is judged as it is."""
        sources = self.after.sources
        return sources if self.changes is None else {path: it for path, it in sources.items() if path in self.changes}

    def lines(self, path: str) -> frozenset[int] | None:
        """The judged lines of a file; None for all of them."""
        if self.changes is None:
            return None
        return self.changes[path].added if path in self.changes else frozenset()

    @functools.cached_property
    def size(self) -> int:
        """How many lines of Python are judged, of a change those added and removed; blank ones do not count where a
        folder is judged as it is."""
        if self.changes is None:
            return sum(source.lines for source in self.judged.values())
        touched = [change for path, change in self.changes.items() if is_python(path)]
        return sum(len(change.added) + change.removed for change in touched)

    def was(self, path: str) -> str | None:
        """The path that a file had before; None where it is new."""
        if self.before is None:
            return None
        change = (self.changes or {}).get(path)
        return change.before if change else path

    @property
    def changes_code(self) -> bool:
        """Whether any Python that is no test is judged."""
        return any(is_code(path) for path in (self.judged if self.changes is None else self.changes))

    # --- what it defines ---

    def public(self, side: Side, paths: Sequence[str] | None = None) -> dict[tuple[str, str], Definition]:
        """Public functions and classes by file and name."""
        sources = side.sources.values() if paths is None else [side.sources[it] for it in paths if it in side.sources]
        return {
            (source.path, definition.name): definition
            for source in sources
            if is_public(source.path)
            for definition in source.definitions
            if definition.public
        }

    @functools.cached_property
    def removed(self) -> dict[str, tuple[str, Definition]]:
        """Public names that there were before and that nothing has now, with where they were."""
        if self.before is None or self.changes is None:
            return {}
        now = {it.name.rpartition(".")[2] for source in self.after.sources.values() for it in source.definitions}
        touched = [change.before for change in self.changes.values() if change.before]
        return {
            name.rpartition(".")[2]: (path, definition)
            for (path, name), definition in self.public(self.before, touched).items()
            if name.rpartition(".")[2] not in now
        }

    @functools.cached_property
    def defined(self) -> frozenset[str]:
        """The last part of every name that is defined after."""
        return frozenset(
            it.name.rpartition(".")[2] for source in self.after.sources.values() for it in source.definitions
        )

    # --- what tools say ---

    @functools.cached_property
    def findings(self) -> list[Report]:
        """What ruff finds in what is judged; of a change only what it brought in."""
        return self._added(tools.ruff(self.after.folder, self.clock), lambda side: tools.ruff(side.folder, self.clock))

    @functools.cached_property
    def type_errors(self) -> list[Report]:
        """What mypy finds in what is judged; of a change only what it brought in."""
        found = tools.mypy(self.after.folder, self._parsed(self.after, list(self.judged)), self.clock, self._cache)
        return self._added(found, self._types_before)

    def _types_before(self, side: Side) -> list[Report]:
        paths = [was for path in self.judged if (was := self.was(path))]
        return tools.mypy(side.folder, self._parsed(side, paths), self.clock, self._cache)

    @functools.cached_property
    def undocumented(self) -> list[Report]:
        """What of the public surface has no docstring; of a change only what it left so or made so."""
        found = [it for it in tools.undocumented(self.after.folder, self.clock) if is_public(it.file)]
        return self._added(found, lambda side: tools.undocumented(side.folder, self.clock))

    @functools.cached_property
    def complexities(self) -> list[tuple[str, str, int, int]]:
        """Functions that are judged, as (file, name, cognitive complexity, complexity before or 0)."""
        now = tools.complexipy(self.after.folder, self._parsed(self.after, list(self.judged)), self.clock)
        if self.before is None:
            return [(file, name, value, 0) for file, name, value in now]
        paths = [was for path in self.judged if (was := self.was(path))]
        old = tools.complexipy(self.before.folder, self._parsed(self.before, paths), self.clock) if paths else []
        before = {(file, name): value for file, name, value in old}
        return [(file, name, value, before.get((self.was(file) or "", name), 0)) for file, name, value in now]

    def _added(self, found: list[Report], of: Any) -> list[Report]:
        """Reports about what is judged; of a change, those by which a file has more of a rule than before, first of all
        on the lines that were changed."""
        mine = [report for report in found if report.file in self.judged]
        if self.before is None:
            return mine
        old: dict[tuple[str, str], int] = {}
        for report in of(self.before) if any(change.before for change in (self.changes or {}).values()) else []:
            old[report.file, report.rule] = old.get((report.file, report.rule), 0) + 1
        grouped: dict[tuple[str, str], list[Report]] = {}
        for report in mine:
            grouped.setdefault((report.file, report.rule), []).append(report)
        return [
            report
            for (file, rule), group in grouped.items()
            for report in self._most_likely(group, len(group) - old.get((self.was(file) or "", rule), 0))
        ]

    def _most_likely(self, group: list[Report], n: int) -> list[Report]:
        """The `n` reports that the change brought in: those on its lines first."""
        added = self.lines(group[0].file) or frozenset()
        return sorted(group, key=lambda it: (it.line not in added, it.line))[: max(n, 0)]

    def _parsed(self, side: Side, paths: Sequence[str]) -> list[str]:
        return [path for path in paths if path in side.sources and side.sources[path].error is None]

    @functools.cached_property
    def _cache(self) -> Path:
        return Path(self._private.enter_context(tempfile.TemporaryDirectory(prefix="tachograph-")))

    # --- how tests go ---

    @functools.cached_property
    def has_tests(self) -> bool:
        return bool(self.after.has_command) or any(is_test(path) for path in self.after.sources)

    @functools.cached_property
    def tests_after(self) -> TestRun:
        return self.after.tests(cover=True) if self.has_tests else TestRun({}, trouble="there are no tests")

    @functools.cached_property
    def tests_before(self) -> TestRun:
        if self.before is None:
            return TestRun({}, trouble="there is no version before")
        return self.before.tests(cover=True)  # as after, so that time and memory can be compared

    @functools.cached_property
    def new_tests_before(self) -> TestRun | None:
        """The tests of the change, run on the code as it was; None where the change has no tests."""
        mine = [path for path in self.changes or {} if is_test(path) and path in self.after.sources]
        if self.before is None or not mine or not self.tests_after.counted:
            return None
        if self._overlay is None:
            return TestRun({}, trouble="there is no copy to run them on")
        return self._overlay.tests()

    def close(self) -> None:
        self._private.close()


@contextmanager
def laid_out(order: Order, clock: Clock) -> Iterator[Bench]:
    """Private copies of what is to be assessed, for as long as it lasts.

    Raises git.NoBase where there is no version before, and TooLarge where there is too much to copy.
    """
    with ExitStack() as stack:
        root = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="tachograph-")))
        folder, only = _folder(order.path, root)
        before, overlay, changes, listed = None, None, None, None
        if order.base is not None:
            base = root / "before"
            base.mkdir()
            at = order.path if order.path.is_dir() else order.path.absolute().parent
            git.write_tree(at, order.base, base)
            _keep(base, only)
            listed = git.listed(at)
        after = _side(stack, folder, order, clock)
        if order.base is not None:
            before = _side(stack, base, order, clock)
            # What was deleted is listed no more, what is ignored was never part of it.
            found = git.compare(before.folder, after.folder)
            changes = {it.path: it for it in found if it.before or listed is None or it.path in listed}
            if any(is_test(path) for path in changes):
                overlay = _side(stack, _overlaid(base, after, changes), order, clock)
        bench = Bench(after, before, overlay, changes, Spec.read(order.spec) if order.spec else None, clock)
        stack.callback(bench.close)
        yield bench


def _folder(path: Path, root: Path) -> tuple[Path, str | None]:
    """The folder to copy; of a single file one that holds it alone."""
    if path.is_dir():
        return path, None
    alone = root / "after"
    alone.mkdir()
    (alone / path.name).write_bytes(path.read_bytes())
    return alone, path.name


def _keep(folder: Path, only: str | None) -> None:
    """Remove from a folder of our own everything but one file, where one is named."""
    if only is None:
        return
    for file in [it for it in folder.rglob("*") if it.is_file() and it != folder / only]:
        file.unlink()


def _side(stack: ExitStack, folder: Path, order: Order, clock: Clock) -> Side:
    how = HowToRun(order.test_command, (order.python or Path(sys.executable)).absolute(), _FIRST_RUN)
    limits = Limits(seconds=_FIRST_RUN, cpu_seconds=2 * _FIRST_RUN)
    try:
        box = stack.enter_context(contained(folder, limits=limits, unsafe=order.unsafe))
        return Side(box, clock, how, None)
    except TooLarge:
        raise
    except NotContained as error:
        bare = stack.enter_context(copied(folder, limits))
        return Side(Unrunnable(bare, str(error)), clock, how, str(error))


def _overlaid(base: Path, after: Side, changes: dict[str, FileChange]) -> Path:
    """The code before with the tests of the change, and what lies beside them."""
    for path in [path for path in changes if is_test(path) and path in after.files]:
        target = base / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes((after.folder / path).read_bytes())
    return base
