"""Does it parse, import and pass its tests; are its types right; do its own tests show that something changed."""

from collections.abc import Sequence

from tachograph.quality.bench import Bench
from tachograph.quality.containment import NotContained
from tachograph.quality.judged import Judgement, Parts, as_observation, falling, plural, reviewer
from tachograph.quality.missing import absent
from tachograph.quality.outcomes import Outcomes, outcomes
from tachograph.quality.paths import is_public, is_test, module
from tachograph.quality.sides import Side, TestRun
from tachograph.quality.tools import ToolFailed
from tachograph.records import Observation

_TESTS, _TYPES, _NEW_TESTS = 75, 15, 10  # weights in percent
_UNKNOWN = 5.0  # of what no test says anything about: half, for nothing is known
_REGRESSED = 6.0  # at most, once a test fails that passed before
_MODULES = 300  # imported at most, the first by name

_DIMENSION = "correctness"


@reviewer(_DIMENSION, version="1")
def correctness(bench: Bench) -> Judgement:
    """The mean of tests, types and new tests, times the share of files that parse and import."""
    if not bench.judged and not (bench.changes_code and bench.has_tests):
        return Judgement(None, "there is no Python in it" if bench.changes is None else "no Python was changed")
    seen: list[Observation] = []
    parts = Parts()
    broken = _unreadable(bench, seen) | _unimportable(bench, seen, parts)
    parts.add(_TESTS, _tests(bench, seen, parts))
    parts.add(_TYPES, _types(bench, seen, parts))
    parts.add(_NEW_TESTS, _new_tests(bench, seen))
    share = len(broken) / max(len(bench.judged), 1)
    # One file that does not load is worth more than its share: half of the score, and the rest in proportion.
    gate = 0.5 * (1 - share) if broken else 1.0
    mean = parts.mean
    return Judgement(None if mean is None else gate * mean, "; ".join(parts.said), seen, _suggestions(seen))


def _unreadable(bench: Bench, seen: list[Observation]) -> set[str]:
    """Files that do not parse; of a change not those that did not before."""
    found = set()
    for path, source in bench.judged.items():
        if source.error is None or _was_unreadable(bench, path):
            continue
        found.add(path)
        seen.append(_seen(source.error, file=path, line=source.line, tool="python", rule="syntax", severity="high"))
    return found


def _was_unreadable(bench: Bench, path: str) -> bool:
    was = bench.was(path)
    before = bench.before.sources.get(was) if bench.before and was else None
    return before is not None and before.error is not None


def _unimportable(bench: Bench, seen: list[Observation], parts: Parts) -> set[str]:
    """Modules that cannot be imported, for a reason that lies in the project; of a change not those that could not
    before."""
    if bench.after.may_not_run:
        parts.add(0, None, f"nothing was run: {bench.after.may_not_run}")
        return set()
    paths = [path for path, source in bench.judged.items() if source.error is None and is_public(path)][:_MODULES]
    try:
        now = _import_errors(bench, bench.after, paths)
        old = [was for path in now if (was := bench.was(path))]
        before = _import_errors(bench, bench.before, old) if bench.before and old else {}
    except NotContained as error:
        parts.add(0, None, f"nothing was imported: {error}")
        return set()
    found = {path for path in now if bench.was(path) not in before}
    for path in sorted(found):
        message, line = now[path]
        seen.append(_seen(message, file=path, line=line, tool="python", rule="import", severity="high"))
    return found


def _import_errors(bench: Bench, side: Side, paths: Sequence[str]) -> dict[str, tuple[str, int | None]]:
    names = {name: path for path in paths if (name := module(path))}
    if not names:
        return {}
    roots = {name.partition(".")[0] for path in side.sources if (name := module(path))}
    found: dict[str, tuple[str, int | None]] = {}
    ended = None
    for record in side.imports(list(names)):
        path = names.get(str(record.get("module")))
        if path is None:
            continue
        ended = path if record.get("began") else None
        error, missing = str(record.get("error", "")), record.get("missing")
        is_outside = isinstance(missing, str) and missing.partition(".")[0] not in roots
        if error and not is_outside and not absent(bench, error):
            line = record.get("line") if str(record.get("file", "")).endswith(path) else None
            found[path] = (error, line)
    if ended:
        found[ended] = ("importing it ends the process", None)
    return found


def _tests(bench: Bench, seen: list[Observation], parts: Parts) -> float | None:
    if not bench.has_tests:
        parts.add(0, None, "there are no tests, which counts half")
        return _UNKNOWN
    went = outcomes(bench)
    for test in went.failed:
        message = f"{test.id} fails: {_first(test.why)}"
        seen.append(_seen(message, file=test.file, line=test.line, tool="pytest", rule="test", severity="high"))
    seen += [_seen(f"{name} failed before and passes now", tool="pytest", rule="fixed") for name in went.fixed]
    parts.add(0, None, _said(bench, went))
    if not went.counted:
        return _UNKNOWN
    share = len(went.failed) / went.counted
    if bench.before is None:
        return 10 * (1 - share) / (1 + 20 * share)
    return _REGRESSED * (1 - share) / (1 + 10 * share) if went.failed else 10.0


def _said(bench: Bench, went: Outcomes) -> str:
    lacks = f"; {', '.join(sorted(went.lacks))} not installed here, see --python" if went.lacks else ""
    if not went.counted and lacks:
        return f"no test could be run, which counts half{lacks}"
    if not went.counted:
        why = "they failed before as well" if went.broken_before else "all were skipped"
        return f"no test could be run, which counts half ({went.trouble or why})"
    which = "that passed before or are new" if bench.before else "that ran"
    fail = "fails" if len(went.failed) == 1 else "fail"
    return f"of {plural(went.counted, 'test')} {which} {len(went.failed)} {fail}{lacks}"


def _types(bench: Bench, seen: list[Observation], parts: Parts) -> float | None:
    try:
        found = [it for it in bench.type_errors if not absent(bench, it.message)]
    except ToolFailed as error:
        parts.add(0, None, f"types were not checked: {error}")
        return None
    seen += [
        _seen(it.message, file=it.file, line=it.line, tool=it.tool, rule=it.rule, severity="medium") for it in found
    ]
    parts.add(0, None, f"{plural(len(found), 'type error')}{' more' if bench.before else ''}" if found else "")
    scale = 5 + bench.size / 20 if bench.before is None else 1 + 0.2 * bench.size**0.5
    return falling(len(found), scale)


def _new_tests(bench: Bench, seen: list[Observation]) -> float | None:
    """Whether one at least of the tests that came with the change fails without it."""
    before = bench.new_tests_before
    mine = [name for name in bench.tests_after.tests if _is_mine(bench, name)]
    if before is None or not mine or not bench.changes_code or (before.trouble and not before.tests):
        return None
    told = [name for name in mine if _passes(bench.tests_after, name) and not _passes(before, name)]
    if told:
        seen.append(_seen(f"{plural(len(told), 'new test')} fail without the change", tool="pytest", rule="new-tests"))
        return 10.0
    message = "all new tests pass without the change, too: they do not show what it brought"
    seen.append(_seen(message, tool="pytest", rule="new-tests", severity="medium"))
    return 4.0


def _is_mine(bench: Bench, name: str) -> bool:
    """Whether a test stands in a file that the change touched, and was not there before."""
    file = name.partition("::")[0]
    return is_test(file) and file in (bench.changes or {}) and name not in bench.tests_before.tests


def _passes(run: TestRun, name: str) -> bool:
    return name in run.tests and run.tests[name].outcome == "passed"


def _first(why: str) -> str:
    return next((line.strip() for line in why.splitlines() if line.strip()), "it does not run")


def _suggestions(seen: Sequence[Observation]) -> list[str]:
    said = []
    for rule, text in (
        ("syntax", "Mend {file}, which does not parse"),
        ("import", "Mend {file}, which cannot be imported"),
        ("test", "Make {test} pass"),
        ("new-tests", "Add a test that fails without the change"),
    ):
        found = [it for it in seen if it.rule == rule and it.severity != "note"]
        said += [text.format(file=it.file, test=it.message.partition(" fails:")[0]) for it in found[:3]]
    types = [it for it in seen if it.tool == "mypy"]
    return [
        *said,
        *([f"Mend {plural(len(types), 'type error')}, first in {types[0].file}:{types[0].line}"] if types else []),
    ]


def _seen(message: str, **rest: object) -> Observation:
    return as_observation(_DIMENSION, message, **rest)
