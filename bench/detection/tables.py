"""What the benchmark prints: each figure beside its target, for each system."""

from collections.abc import Callable, Iterable, Sequence
from statistics import fmean

from detection import score
from detection.faults import ANY, STRENGTHS
from detection.running import Result
from detection.scenario import SIZES
from detection.score import Judged

# The least and the most that each figure may be.
TARGETS = {
    "F1": (0.85, 1.0),
    "AC@1": (0.80, 1.0),
    "AC@3": (0.95, 1.0),
    "alarms": (0.0, 0.10),
    "false share": (0.0, 0.10),
    "coverage": (0.85, 0.95),
}


def render(results: Sequence[Result]) -> str:
    """All tables as text."""
    systems = list(dict.fromkeys(system for result in results for system in result.judged))
    whole = [result for result in results if result.scenario.how.name == "complete"]
    clear = [each for each in whole if _clear(each)]
    parts = [
        _headline("Faults that so many executions show", clear, systems),
        _by_category("of faults that so many executions show", clear, systems),
        _headline("All runs", whole, systems),
        _by_category("of all", whole, systems),
        _headline("Without the smallest samples and faults", [each for each in whole if _enough(each)], systems),
        _by_cause(whole, systems),
        _by(whole, systems, "size", tuple(SIZES), lambda result: result.scenario.size),
        _by(whole, systems, "strength", STRENGTHS, _strength),
        _damaged(results, systems),
        _wrong(whole, systems),
        _costs(results),
    ]
    return "\n".join(part for part in parts if part)


def figures(results: Sequence[Result], system: str) -> dict[str, object]:
    """The figures that have targets, of one system, as numbers."""
    whole = [result for result in results if result.scenario.how.name == "complete"]
    faulty, nulls = _of(whole, system, True), _of(whole, system, False)
    clear = _of([each for each in whole if _clear(each)], system, True)
    held, intervals = score.coverage(faulty, "own")
    return {
        "f1": {category: score.f1(faulty, category)[2] for category in score.categories()},
        "ac_1": score.accuracy(faulty, 1),
        "ac_3": score.accuracy(faulty, 3),
        "f1_clear": {category: score.f1(clear, category)[2] for category in score.categories()},
        "ac_1_clear": score.accuracy(clear, 1),
        "ac_3_clear": score.accuracy(clear, 3),
        "null_alarms": score.alarms(nulls),
        "null_runs": len(nulls),
        "false_share": score.false_share(faulty),
        "coverage": held,
        "intervals": intervals,
        "failed_runs": sum(bool(each.failed) for each in (*faulty, *nulls)),
    }


def _of(results: Iterable[Result], system: str, faulty: bool) -> list[Judged]:
    return [result.judged[system] for result in results if system in result.judged and bool(result.truths) == faulty]


def _enough(result: Result) -> bool:
    return result.scenario.size != "small" and all(truth.strength > 1 for truth in result.truths)


def _clear(result: Result) -> bool:
    return all(truth.clear for truth in result.truths)


def _headline(which: str, results: Sequence[Result], systems: list[str]) -> str:
    rows = []
    for system in systems:
        faulty, nulls = _of(results, system, True), _of(results, system, False)
        held, intervals = score.coverage(faulty, "own")
        others = [f"{_percent(score.coverage(faulty, basis)[0])}" for basis in (*score.BASES, "points")]
        rows.append(
            (
                system,
                _against(score.accuracy(faulty, 1), "AC@1"),
                _against(score.accuracy(faulty, 3), "AC@3"),
                _against(score.alarms(nulls), "alarms"),
                _against(score.false_share(faulty), "false share"),
                f"{_against(held, 'coverage')} of {intervals}",
                " ".join(others),
                str(sum(bool(each.failed) for each in (*faulty, *nulls))),
            )
        )
    heads = (
        "system",
        "AC@1 ≥80",
        "AC@3 ≥95",
        "null alarms ≤10",
        "false share ≤10",
        "coverage 85–95",
        "mean median incr. points",
        "failed",
    )
    mattering = sum(truth.matters for result in results for truth in result.truths)
    truths = sum(len(result.truths) for result in results)
    nulls_ = sum(not result.truths for result in results)
    title = (
        f"{which} ({len(results)}, complete telemetry): {nulls_} without a fault, {mattering} of {truths} faults matter"
    )
    return _table(title, heads, rows)


def _by_category(which: str, results: Sequence[Result], systems: list[str]) -> str:
    rows = []
    for category in score.categories():
        cells = []
        for system in systems:
            precision, recall, f1 = score.f1(_of(results, system, True), category)
            found = f"{_against(f1, 'F1', 2)} ({_number(precision)} {_number(recall)})"
            cells.append(found if category != ANY else f"recall {_number(recall)}")
        rows.append((category, *cells))
    return _table(f"F1 (precision recall) by category, ≥0.85, {which}", ("category", *systems), rows)


def _by_cause(results: Sequence[Result], systems: list[str]) -> str:
    causes = list(dict.fromkeys(truth.cause for result in results for truth in result.truths))
    return _by(results, systems, "cause", causes, lambda result: result.truths[0].cause if result.truths else None)


def _strength(result: Result) -> int | None:
    return result.truths[0].strength if len(result.truths) == 1 else None


def _by(
    results: Sequence[Result], systems: list[str], what: str, values: Sequence[object], key: Callable[[Result], object]
) -> str:
    """AC@1 and AC@3 of single faults."""
    rows = []
    for value in values:
        some = [result for result in results if len(result.truths) == 1 and key(result) == value]
        if some:
            cells = [
                " ".join(_percent(score.accuracy(_of(some, system, True), within)) for within in (1, 3))
                for system in systems
            ]
            rows.append((str(value), str(sum(truth.matters for result in some for truth in result.truths)), *cells))
    return _table(f"AC@1 AC@3 (%) by {what}", (what, "n", *systems), rows) if rows else ""


def _damaged(results: Sequence[Result], systems: list[str]) -> str:
    names = list(dict.fromkeys(result.scenario.how.name for result in results))
    rows = []
    for name in names if len(names) > 1 else []:
        some = [result for result in results if result.scenario.how.name == name]
        cells = []
        for system in systems:
            faulty, nulls = _of(some, system, True), _of(some, system, False)
            told = (
                score.accuracy(faulty, 1),
                score.accuracy(faulty, 3),
                score.false_share(faulty),
                score.alarms(nulls),
            )
            cells.append(" ".join(_percent(each) for each in told))
        rows.append((name, str(len(some)), *cells))
    title = "Damaged telemetry: AC@1 AC@3, false share, null alarms (%)"
    return _table(title, ("telemetry", "runs", *systems), rows) if rows else ""


def _wrong(results: Sequence[Result], systems: list[str]) -> str:
    """Which causes are told falsely, and in which null worlds."""
    rows = []
    for system in systems:
        false: dict[str, int] = {}
        for judged in _of(results, system, True):
            for _, cause, _ in judged.false:
                false[cause] = false.get(cause, 0) + 1
        nulls: dict[str, int] = {}
        for result in results:
            if not result.truths and system in result.judged and result.judged[system].severe:
                nulls[result.scenario.null] = nulls.get(result.scenario.null, 0) + 1
        rows.append((system, _most(false), _most(nulls)))
    return _table("What is told falsely", ("system", "causes, in runs with faults", "null worlds with alarms"), rows)


def _most(counts: dict[str, int]) -> str:
    return ", ".join(f"{name} {count}" for name, count in sorted(counts.items(), key=lambda each: -each[1])[:4]) or "–"


def _costs(results: Sequence[Result]) -> str:
    parts = list(dict.fromkeys(part for result in results for part in result.seconds))
    rows = []
    for size in SIZES:
        some = [result for result in results if result.scenario.size == size and result.scenario.how.sampled == 1]
        if some:
            rows.append((size, *(f"{fmean(each.seconds.get(part, 0.0) for each in some):.2f}" for part in parts)))
    return _table("Seconds a run", ("size", *parts), rows)


def _against(value: float | None, target: str, digits: int = 0) -> str:
    if value is None:
        return "–"
    least, most = TARGETS[target]
    met = least <= value <= most
    return f"{_number(value) if digits else _percent(value)} {'✓' if met else '✗'}"


def _percent(value: float | None) -> str:
    return "–" if value is None else f"{100 * value:.0f}"


def _number(value: float | None) -> str:
    return "–" if value is None else f"{value:.2f}"


def _table(title: str, heads: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    widths = [max(len(row[place]) for row in (heads, *rows)) for place in range(len(heads))]
    lines = [
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in (heads, *rows)
    ]
    return "\n".join((title, *(f"  {line}" for line in lines), ""))
