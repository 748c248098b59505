"""How well is it written: findings of the linter, complexity of functions, code that stands twice."""

from collections import Counter
from collections.abc import Callable, Sequence

from tachograph.quality import tools
from tachograph.quality.bench import Bench
from tachograph.quality.judged import Judgement, as_observation, falling, plural, reviewer
from tachograph.quality.paths import is_code
from tachograph.quality.tools import ToolFailed, severity
from tachograph.records import Observation

_COMPLEX = 15  # cognitive complexity from which on a function is hard to follow, as complexipy and SonarSource have it
_PER_EXCESS = 0.4  # what each point above it costs
_PER_LINE_TWICE = 0.2
_FEW_FILES = 60  # symilar compares each file with each other one

_DIMENSION = "code_quality"


@reviewer(_DIMENSION, version="1")
def code_quality(bench: Bench) -> Judgement:
    """10 without a finding; 5 at six points of findings a hundred lines, or, of a change, at 2 + 0.6 √lines points.

    A change is not judged by density alone, for that would be the same for one bad line as for a thousand.
    """
    if not bench.judged or not bench.size:
        return Judgement(None, "there is no Python in it" if bench.changes is None else "no Python was changed")
    if all(source.error for source in bench.judged.values()):
        return Judgement(None, "no file of it can be parsed")
    seen: list[Observation] = []
    said: list[str] = []
    points = 0.0
    for measure in (_linted, _complexity, _twice):
        try:
            points += measure(bench, seen, said)
        except ToolFailed as error:
            if measure is _linted:
                return Judgement(None, str(error))
            said.append(f"not looked at: {error}")
    half = 2 + 0.06 * bench.size if bench.before is None else 2 + 0.6 * bench.size**0.5
    return Judgement(falling(points, half), "; ".join(said), seen, _suggestions(seen))


Measure = Callable[[Bench, list[Observation], list[str]], float]


def _linted(bench: Bench, seen: list[Observation], said: list[str]) -> float:
    points = 0.0
    groups: Counter[str] = Counter()
    for it in sorted(bench.findings, key=lambda it: (-severity(it.rule)[0], it.file, it.line)):
        cost, about = severity(it.rule)
        points += cost
        groups[about] += 1
        level = "high" if cost >= 3 else "medium" if cost >= 1 else "low"
        message = f"{it.message} ({about})"
        seen.append(_seen(message, file=it.file, line=it.line, tool=it.tool, rule=it.rule, severity=level))
    if groups:
        said.append(", ".join(f"{n} of {about}" for about, n in groups.most_common()))
    return points


def _complexity(bench: Bench, seen: list[Observation], said: list[str]) -> float:
    points = 0.0
    lines = {(path, it.name.replace(".", "::")): it.line for path, of in bench.judged.items() for it in of.definitions}
    found = [it for it in bench.complexities if it[2] > max(_COMPLEX, it[3])]
    for file, name, value, before in sorted(found, key=lambda it: -it[2]):
        points += _PER_EXCESS * (value - max(_COMPLEX, before))
        was = f", it was {before}" if before else ""
        message = f"{name} has a cognitive complexity of {value}{was}"
        seen.append(
            _seen(
                message,
                file=file,
                line=lines.get((file, name)),
                tool="complexipy",
                rule="complexity",
                severity="medium",
            )
        )
    if found:
        said.append(f"{plural(len(found), 'function')} hard to follow")
    return points


def _twice(bench: Bench, seen: list[Observation], said: list[str]) -> float:
    """Lines that stand somewhere else as well; of a change the added ones."""
    mine = [path for path, source in bench.judged.items() if is_code(path) and source.error is None]
    others = [path for path in bench.after.sources if is_code(path) and path not in bench.judged]
    files = [*mine, *others][:_FEW_FILES]
    longest = max((len(_added(bench, path)) for path in mine), default=0)
    if len(files) < 2 or len(mine) > _FEW_FILES or longest < tools.SIMILAR_LINES:
        return 0.0
    lines = 0
    for group in tools.symilar(bench.after.folder, files, bench.clock):
        copies = [it for it in group if it[0] in bench.judged and _is_new(bench, *it)]
        for file, first, last in copies[: len(group) - 1]:
            lines += last - first + 1
            other = next((it[0] for it in group if it[0] != file), file)
            message = f"lines {first} to {last} stand in {other} as well"
            seen.append(_seen(message, file=file, line=first, tool="symilar", rule="duplicate", severity="medium"))
    if lines:
        said.append(f"{plural(lines, 'line')} twice")
    return _PER_LINE_TWICE * lines


def _added(bench: Bench, file: str) -> Sequence[int] | frozenset[int]:
    lines = bench.lines(file)
    return range(bench.judged[file].lines) if lines is None else lines


def _is_new(bench: Bench, file: str, first: int, last: int) -> bool:
    added = bench.lines(file)
    return added is None or len(added & set(range(first, last + 1))) > (last - first + 1) / 2


def _suggestions(seen: Sequence[Observation]) -> list[str]:
    said = [
        f"Split {it.message.partition(' has a')[0]} ({it.file}:{it.line})" for it in seen if it.tool == "complexipy"
    ][:2]
    said += [f"Keep once what stands twice: {it.file}, {it.message}" for it in seen if it.tool == "symilar"][:2]
    rules = Counter(it.rule for it in seen if it.tool == "ruff" and it.severity != "low")
    for rule, n in rules.most_common(3):
        first = next(it for it in seen if it.rule == rule)
        said.append(f"Mend {plural(n, 'finding')} of {rule} of ruff, first {first.file}:{first.line}: {first.message}")
    return said


def _seen(message: str, **rest: object) -> Observation:
    return as_observation(_DIMENSION, message, **rest)
