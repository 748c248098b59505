"""Before against after: how much more work, time and memory the same tests take."""

import math
import statistics
from collections.abc import Sequence
from dataclasses import dataclass

from tachograph.quality.bench import Bench
from tachograph.quality.sides import Side, TestRun

# Quantiles of Student's t for a two-sided 95 % interval, by the number of pairs.
_T = {2: 12.706, 3: 4.303, 4: 3.182, 5: 2.776}
_LEAST_CPU = 0.05  # seconds below which clocks are too coarse to compare
_PAIRS = ((3.0, 5), (20.0, 3))  # as many pairs where one run takes at most so many seconds
_SLOWER_WITH_TRACE = 30.0  # by how much counting may slow a run down before it is given up


@dataclass(frozen=True, slots=True)
class Ratio:
    """After ÷ before, with a 95 % interval (None where a measure is exact) and on how many tests it rests."""

    value: float
    ci: tuple[float, float] | None
    n: int


@dataclass(frozen=True, slots=True)
class Compared:
    """What the tests that pass on both sides cost: work (exact), CPU time and peak memory."""

    work: Ratio | None
    time: Ratio | None
    memory: Ratio | None
    why_not: str = ""


def compare(bench: Bench) -> Compared:
    """Run the tests of both sides in turns."""
    if bench.before is None:
        return Compared(None, None, None, "there is no version before to compare with")
    first = (bench.tests_before, bench.tests_after)
    shared = _shared(*first)
    if not shared:
        why = next((run.trouble for run in first if run.trouble), "no test passes on both")
        return Compared(None, None, None, f"no test passes before and after ({why})")
    work = _work(bench.before, bench.after, shared, first) if first[0].counted else None
    time, memory = _times(bench.before, bench.after, shared, first)
    return Compared(work, time, memory)


def _shared(before: TestRun, after: TestRun) -> list[str]:
    passed = [{name for name, how in run.outcomes.items() if how == "passed"} for run in (before, after)]
    return sorted(passed[0] & passed[1])


def _seconds(run: TestRun) -> float:
    return run.completed.seconds if run.completed else 0.0


def _work(before: Side, after: Side, shared: Sequence[str], first: tuple[TestRun, TestRun]) -> Ratio | None:
    """Work that the tests cause in the project's code, in all or in the geometric mean over the tests, whichever grew
    more: one slow test among many shows in the first, many that became a little slower in the second."""
    bound = min(300.0, 20 + _SLOWER_WITH_TRACE * max(map(_seconds, first)))
    runs = [side.tests(work=True, seconds=bound) for side in (before, after)]
    if any(run.trouble for run in runs):
        return None
    pairs = [
        (old, new)
        for name in shared
        if (old := _counted(runs[0], name)) is not None and (new := _counted(runs[1], name)) is not None and old and new
    ]
    if not pairs:
        return None
    total = sum(new for _, new in pairs) / sum(old for old, _ in pairs)
    mean = math.exp(statistics.fmean(math.log(new / old) for old, new in pairs))
    return Ratio(max(total, mean), None, len(pairs))


def _counted(run: TestRun, name: str) -> int | None:
    test = run.tests.get(name)
    return test.work if test and test.outcome == "passed" else None


def _times(
    before: Side, after: Side, shared: Sequence[str], first: tuple[TestRun, TestRun]
) -> tuple[Ratio | None, Ratio | None]:
    longest = max(map(_seconds, first))
    pairs = next((n for seconds, n in _PAIRS if longest <= seconds), 0)
    if min(_cpu(run, shared) or 0.0 for run in first) < _LEAST_CPU:
        pairs = 0  # the first runs tell of memory, and of time there is nothing to tell
    logs: list[float] = []
    peaks = _peaks(*first) if not pairs else []
    for turn in range(pairs):
        # In turns of changing order, so that a machine that becomes slower or faster does so for both.
        order = (before, after) if turn % 2 == 0 else (after, before)
        ran = {side: side.tests() for side in order}
        old, new = (_cpu(ran[side], shared) for side in (before, after))
        if old and new and min(old, new) >= _LEAST_CPU:
            logs.append(math.log(new / old))
        peaks += _peaks(ran[before], ran[after])
    return _interval(logs, len(shared)), _memory(peaks, len(shared))


def _peaks(before: TestRun, after: TestRun) -> list[tuple[int, int]]:
    """Peak memory of both runs (bytes), where both are known."""
    old, new = (run.completed.peak_bytes if run.completed else None for run in (before, after))
    return [(old, new)] if old and new else []


def _cpu(run: TestRun, shared: Sequence[str]) -> float | None:
    """Seconds of CPU that the shared tests took, None where one of them did not run."""
    times = [run.tests[name].cpu for name in shared if name in run.tests]
    known = [it for it in times if it is not None]
    return sum(known) if known and len(known) == len(shared) else None


def _interval(logs: Sequence[float], n: int) -> Ratio | None:
    """Geometric mean of the ratios of pairs, with Student's interval."""
    if len(logs) not in _T:
        return None
    mean = statistics.fmean(logs)
    half = _T[len(logs)] * statistics.stdev(logs) / len(logs) ** 0.5
    return Ratio(math.exp(mean), (math.exp(mean - half), math.exp(mean + half)), n)


def _memory(peaks: Sequence[tuple[int, int]], n: int) -> Ratio | None:
    if not peaks:
        return None
    return Ratio(statistics.median(new / old for old, new in peaks), None, n)
