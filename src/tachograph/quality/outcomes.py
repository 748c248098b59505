"""How tests went, in the words of a review: what fails, what failed before, what cannot run for something gone."""

from dataclasses import dataclass, field

from tachograph.quality.bench import Bench
from tachograph.quality.missing import absent, not_installed
from tachograph.quality.sides import Test, TestRun


@dataclass(slots=True)
class Outcomes:
    """Tests that count and those of them that fail; `lacking` are names that others could not find,
    `lacks` packages that are not installed here; `fixed` and `broken_before` are ids."""

    counted: int = 0
    failed: list[Test] = field(default_factory=list)
    lacking: dict[str, Test] = field(default_factory=dict)
    lacks: set[str] = field(default_factory=set)
    fixed: list[str] = field(default_factory=list)
    broken_before: set[str] = field(default_factory=set)
    trouble: str | None = None


def outcomes(bench: Bench) -> Outcomes:
    """The tests of what is judged: of a change those that passed before, and its own."""
    now = bench.tests_after
    made = Outcomes(trouble=now.trouble)
    every = {**now.tests, **_vanished(bench, now)}
    if bench.before is not None:
        every = _of_the_change(bench, every, made)
    for test in every.values():
        _count(bench, test, made)
    return made


def _count(bench: Bench, test: Test, made: Outcomes) -> None:
    if test.outcome == "skipped":
        return
    if test.outcome == "failed" and (name := absent(bench, test.why)):
        made.lacking.setdefault(name, test)
        return
    if test.outcome == "failed" and (package := not_installed(bench, test.why)):
        made.lacks.add(package)
        return
    made.counted += 1
    if test.outcome == "failed":
        made.failed.append(test)


def _of_the_change(bench: Bench, every: dict[str, Test], made: Outcomes) -> dict[str, Test]:
    """Without the tests that failed before as they do now, for which the change is not to blame."""
    before = bench.tests_before
    made.fixed = [
        name for name, was in before.outcomes.items() if was == "failed" and every.get(name, _NONE).outcome == "passed"
    ]
    made.broken_before = {name for name, was in before.outcomes.items() if was == "failed"} | before.uncollected.keys()
    return {name: test for name, test in every.items() if not (test.outcome == "failed" and name in made.broken_before)}


_NONE = Test("", "")


def _vanished(bench: Bench, now: TestRun) -> dict[str, Test]:
    """Tests that did not run: their file cannot be loaded, or the run ended before them. They count as failed."""
    found = {path: Test(path, "failed", why, path.partition("::")[0]) for path, why in now.uncollected.items()}
    if bench.before is None:
        return found
    for name, was in bench.tests_before.outcomes.items():
        file = name.partition("::")[0]
        if was != "passed" or name in now.tests:
            continue
        why = next((it for path, it in now.uncollected.items() if name.startswith(path)), now.trouble)
        if why and (file in bench.after.files or not bench.tests_before.counted):
            found.pop(file, None)
            found[name] = Test(name, "failed", why, file)
    return found
