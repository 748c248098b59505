"""Does it run as fast, and in as little memory, as before; is the change as small as it may be."""

from tachograph.quality import git
from tachograph.quality.bench import Bench
from tachograph.quality.judged import Judgement, as_observation, reviewer
from tachograph.quality.timing import Compared, Ratio, compare
from tachograph.records import Observation

_STEPS = (
    1.25,
    1.5,
    2.0,
    3.0,
    5.0,
    10.0,
    20.0,
    50.0,
    100.0,
)  # of measured time and memory, which are never quite the same
_MEMORY_COUNTS = 1.5  # from which ratio on
_SIZE_COSTS = 0.4  # points, where all that was changed is white space

_DIMENSION = "efficiency"


@reviewer(_DIMENSION, version="1")
def efficiency(bench: Bench) -> Judgement:
    """10 where the tests take no more than before; 10 × ratio^-0.7 where they take more, 6.2 at twice as much.

    Work counts exactly, as the bytecode of the lines that are run. Time counts by the lower end of its interval, and
    in steps, so that noise does not move the score; memory in the same steps, to a lesser degree.
    """
    if bench.before is None:
        return Judgement(None, "there is no version before to compare with (--base)")
    if not bench.changes_code:
        return Judgement(None, "no code was changed")
    if not bench.has_tests:
        return Judgement(None, "there are no tests to measure with")
    found = compare(bench)
    if found.work is None and found.time is None:
        return Judgement(None, found.why_not or "the tests take too long to be run again, or tell no times")
    seen: list[Observation] = []
    score = 10 * _slower(found, seen) ** -0.7 * _larger(found.memory, seen) ** -0.3
    score -= _ballast(bench, seen)
    return Judgement(max(score, 0.0), _said(found), seen, _suggestions(seen))


def _slower(found: Compared, seen: list[Observation]) -> float:
    """How many times as much work or time it takes, at least 1."""
    work = time = 1.0
    if found.work:
        work = max(1.0, found.work.value)
        message = f"tests do {found.work.value:.3g} times as much work in the code as before ({found.work.n} tests)"
        seen.append(_seen(message, tool="pytest", rule="work", severity=_level(work)))
    if found.time and found.time.ci:
        time = _step(found.time.ci[0])
        low, high = found.time.ci
        message = (
            f"tests take {found.time.value:.3g} times the CPU time ({low:.3g} to {high:.3g}, {found.time.n} tests)"
        )
        seen.append(_seen(message, tool="pytest", rule="cpu-time", severity=_level(time)))
    return max(work, time)


def _larger(memory: Ratio | None, seen: list[Observation]) -> float:
    if memory is None:
        return 1.0
    step = _step(memory.value) if memory.value >= _MEMORY_COUNTS else 1.0
    seen.append(
        _seen(
            f"tests take {memory.value:.3g} times the memory at most",
            tool="pytest",
            rule="memory",
            severity=_level(step),
        )
    )
    return step


def _ballast(bench: Bench, seen: list[Observation]) -> float:
    """What it costs that lines were changed which say the same."""
    if bench.before is None:
        return 0.0
    share = git.substance(bench.before.folder, bench.after.folder)
    if share is None or share == 1:
        return 0.0
    message = f"{100 * (1 - share):.0f} % of the added lines differ in white space only"
    seen.append(_seen(message, tool="git", rule="size", severity="low"))
    return _SIZE_COSTS * (1 - share)


def _step(ratio: float) -> float:
    return max((step for step in _STEPS if step <= ratio), default=1.0)


def _level(ratio: float) -> str:
    return "high" if ratio >= 2 else "medium" if ratio >= 1.25 else "note"


def _said(found: Compared) -> str:
    said = []
    if found.work:
        said.append(f"{found.work.value:.3g} times the work")
    if found.time and found.time.ci:
        low, high = found.time.ci
        said.append(f"{found.time.value:.3g} times the CPU time ({low:.3g} to {high:.3g})")
    if found.memory:
        said.append(f"{found.memory.value:.3g} times the memory")
    return ", ".join(said) + " of before"


def _suggestions(seen: list[Observation]) -> list[str]:
    said = [f"Make it faster: {it.message}" for it in seen if it.rule in ("work", "cpu-time") and it.severity != "note"]
    return said[:1] + [f"Use less memory: {it.message}" for it in seen if it.rule == "memory" and it.severity != "note"]


def _seen(message: str, **rest: object) -> Observation:
    return as_observation(_DIMENSION, message, **rest)
