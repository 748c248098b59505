"""Is everything there that was asked for or that there was before; is what others use documented; is it tested."""

from collections.abc import Iterator, Sequence

from tachograph.quality.bench import Bench
from tachograph.quality.judged import Judgement, Parts, as_observation, falling, plural, reviewer
from tachograph.quality.missing import absent
from tachograph.quality.outcomes import outcomes
from tachograph.quality.paths import is_code, is_public, is_test
from tachograph.quality.spec import Item
from tachograph.quality.tools import ToolFailed
from tachograph.records import Observation

_ASKED, _SURFACE, _DOCS, _TESTED = 50, 25, 15, 10  # weights in percent

_DIMENSION = "completeness"


@reviewer(_DIMENSION, version="1")
def completeness(bench: Bench) -> Judgement:
    """The weighted mean of what was asked for, the public surface, its documentation and its tests."""
    if bench.spec is None and not bench.changes_code:
        return Judgement(None, "there is no code in it" if bench.changes is None else "no code was changed")
    seen: list[Observation] = []
    parts = Parts()
    parts.add(_ASKED, _asked(bench, seen, parts))
    if bench.changes_code:
        parts.add(_SURFACE, _surface(bench, seen, parts))
        parts.add(_DOCS, _documented(bench, seen, parts))
        parts.add(_TESTED, _tested(bench, seen, parts))
    return Judgement(parts.mean, "; ".join(parts.said), seen, _suggestions(seen))


def _asked(bench: Bench, seen: list[Observation], parts: Parts) -> float | None:
    if bench.spec is None:
        return None
    items = bench.spec.named
    unnamed = len(bench.spec.items) - len(items)
    if unnamed:
        message = (
            f"{plural(unnamed, 'item')} of the specification name no function and no file, and cannot be looked for"
        )
        seen.append(_seen(message, rule="spec"))
    found = 0
    for item in items:
        lacks = list(_lacking(bench, item))
        found += not lacks
        if lacks:
            message = f"asked for and not found: {', '.join(lacks)} ({item.text})"
            seen.append(_seen(message, line=item.line or None, tool="spec", rule="asked-for", severity="high"))
    if not items:
        parts.add(0, None, "the specification names no function and no file")
        return None
    parts.add(0, None, f"{found} of {plural(len(items), 'requested item')} found")
    return 10 * found / len(items)


def _lacking(bench: Bench, item: Item) -> Iterator[str]:
    """The names and files of an item that are not there; a function that is yet to be written is not."""
    yield from (
        path for path in item.files if not any(it == path or it.endswith(f"/{path}") for it in bench.after.files)
    )
    for name in item.names:
        if not _is_defined(bench, name):
            yield name


def _is_defined(bench: Bench, name: str) -> bool:
    last = name.rpartition(".")[2]
    found = [
        definition
        for source in bench.after.sources.values()
        for definition in source.definitions
        if definition.name == name or definition.name.rpartition(".")[2] == last
    ]
    return any(not it.stub for it in found) or (not found and name in _modules(bench))


def _modules(bench: Bench) -> set[str]:
    return {path.removesuffix(".py").replace("/", ".") for path in bench.after.sources} | {
        path.removesuffix(".py").rpartition("/")[2] for path in bench.after.sources
    }


def _surface(bench: Bench, seen: list[Observation], parts: Parts) -> float | None:
    """What is missing or yet to be written, against what others may use."""
    gone = _gone(bench, seen)
    stubs = _stubs(bench, seen)
    side = bench.before or bench.after
    size = len(bench.public(side))
    if not size and not gone and not stubs:
        return None
    if gone or stubs:
        parts.add(0, None, f"{plural(gone + stubs, 'public name')} missing or yet to be written")
    if bench.before is None:
        return falling((gone + stubs) / max(size, 1), 0.05)
    return falling(gone + stubs, 2 + 0.5 * size**0.5)


def _gone(bench: Bench, seen: list[Observation]) -> int:
    """Public names that there were before, or that something in the project asks for in vain."""
    names = _removed(bench, seen) if bench.before else _asked_in_vain(bench, seen)
    return len(names)


def _removed(bench: Bench, seen: list[Observation]) -> set[str]:
    wanted = {name for name in bench.removed if not _was_to_go(bench, name)}
    for name in sorted(wanted):
        path, definition = bench.removed[name]
        kind = "class" if definition.is_class else "function"
        message = f"the public {kind} {definition.name} is gone"
        seen.append(_seen(message, file=path, line=definition.line, tool="ast", rule="removed", severity="high"))
    return wanted


def _was_to_go(bench: Bench, name: str) -> bool:
    """Whether the specification speaks of removing it."""
    items = bench.spec.items if bench.spec else ()
    words = ("remove", "delete", "drop", "rename")
    return any(name in item.text and any(word in item.text.lower() for word in words) for item in items)


def _asked_in_vain(bench: Bench, seen: list[Observation]) -> set[str]:
    found: set[str] = set()
    for name, test in outcomes(bench).lacking.items() if bench.has_tests else ():
        found.add(name)
        message = f"{name} is not there, which {test.id} asks for"
        seen.append(_seen(message, file=test.file, line=test.line, tool="pytest", rule="missing", severity="high"))
    try:
        errors = bench.type_errors
    except ToolFailed:
        return found
    for it in errors:
        lacking = absent(bench, it.message)
        if lacking and it.rule in ("attr-defined", "name-defined") and lacking not in found:
            found.add(lacking)
            seen.append(_seen(it.message, file=it.file, line=it.line, tool=it.tool, rule=it.rule, severity="high"))
    return found


def _stubs(bench: Bench, seen: list[Observation]) -> int:
    """Functions that are yet to be written; of a change those that were not so before."""
    found = 0
    for path, source in bench.judged.items():
        before = bench.before.sources.get(bench.was(path) or "") if bench.before else None
        old = {it.name for it in before.definitions if it.stub} if before else set()
        for it in source.definitions if is_code(path) and not path.endswith(".pyi") else ():
            if it.stub and it.name not in old and not _is_protocol(source.path, it.name, bench):
                found += 1
                message = f"{it.name} is yet to be written"
                seen.append(_seen(message, file=path, line=it.line, tool="ast", rule="stub", severity="high"))
    return found


def _is_protocol(path: str, name: str, bench: Bench) -> bool:
    """Whether a method is one of several empty ones of its class: then the class says how others are to look."""
    owner = name.rpartition(".")[0]
    mine = [it for it in bench.after.sources[path].definitions if owner and it.name.rpartition(".")[0] == owner]
    return len(mine) > 0 and all(it.stub for it in mine)


def _documented(bench: Bench, seen: list[Observation], parts: Parts) -> float | None:
    try:
        bare = [it for it in bench.undocumented if is_public(it.file)]
    except ToolFailed as error:
        parts.add(0, None, f"documentation was not looked at: {error}")
        return None
    surface = bench.public(bench.after, list(bench.judged))
    size = len(surface) + sum(is_public(path) for path in bench.judged)
    if not size:
        return None
    seen += [
        _seen(it.message, file=it.file, line=it.line, tool=it.tool, rule=it.rule, severity="medium") for it in bare
    ]
    if bare:
        more = "more " if bench.before else ""
        parts.add(0, None, f"{len(bare)} {more}of {size} public definitions without a docstring")
    if bench.before is None:
        return max(0.0, 10 * (1 - len(bare) / size))
    return falling(len(bare), 2 + 0.5 * size**0.5)


def _tested(bench: Bench, seen: list[Observation], parts: Parts) -> float | None:
    """How many of the judged lines that can be run tests do run."""
    run = bench.tests_after
    if not bench.has_tests:
        parts.add(0, None, "there are no tests")
        return 0.0
    if not run.counted or not run.statements:
        return None
    every = missed = 0
    for path, statements in run.statements.items():
        if path not in bench.judged or is_test(path):
            continue
        lines = bench.lines(path)
        mine = statements if lines is None else statements & lines
        bare = sorted(mine & run.missing[path])
        every, missed = every + len(mine), missed + len(bare)
        seen += [_bare(path, first, last) for first, last in _runs(bare)]
    if not every:
        return None
    parts.add(0, None, f"tests run {100 * (every - missed) / every:.0f} % of {plural(every, 'line')}")
    return 10 * (every - missed) / every


def _bare(path: str, first: int, last: int) -> Observation:
    where = f"line {first}" if first == last else f"lines {first} to {last}"
    return _seen(f"no test runs {where}", file=path, line=first, tool="coverage", rule="not-covered", severity="low")


def _runs(lines: Sequence[int]) -> Iterator[tuple[int, int]]:
    """Sorted numbers as (first, last) of each stretch; a gap of one or two lines does not end one."""
    start = last = None
    for line in lines:
        if start is None or last is None:
            start = line
        elif line > last + 3:
            yield start, last
            start = line
        last = line
    if start is not None and last is not None:
        yield start, last


def _suggestions(seen: Sequence[Observation]) -> list[str]:
    said = [it.message[:1].upper() + it.message[1:] for it in seen if it.rule == "asked-for"][:3]
    said += [f"Bring back what is missing: {it.message}" for it in seen if it.rule in ("removed", "missing")][:3]
    said += [
        f"Write {it.message.removesuffix(' is yet to be written')} ({it.file}:{it.line})"
        for it in seen
        if it.rule == "stub"
    ][:3]
    docs = [it for it in seen if it.tool == "ruff"]
    if docs:
        said.append(f"Document {plural(len(docs), 'public definition')}, first {docs[0].file}:{docs[0].line}")
    bare = [it for it in seen if it.tool == "coverage"]
    said += [f"Test {it.file}: {it.message}" for it in bare[:2]]
    return said


def _seen(message: str, **rest: object) -> Observation:
    return as_observation(_DIMENSION, message, **rest)
