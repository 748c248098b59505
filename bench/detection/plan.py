"""Which runs make the benchmark: every cause, strength and size, nulls, several faults at once, damaged telemetry."""

from collections.abc import Iterator
from itertools import count, cycle, islice

from detection.faults import CATEGORY, INJECTIONS, STRENGTHS
from detection.nulls import NULLS
from detection.perturb import Perturbation
from detection.scenario import SIZES, Scenario

TOGETHER = (
    ("oversized_context", "missing_specialist"),
    ("wrong_agent", "unnecessary_sequential_dependency"),
    ("network_latency", "retry_loop", "step_order"),
    ("slow_context_preparation", "cpu_pressure"),
    ("redundant_context", "resource_contention"),
    ("memory_pressure", "agent_sequence", "error_pattern"),
    ("underutilised_agent", "release"),
    ("slow_context_preparation", "missing_specialist", "network_latency"),
)
DAMAGE = (
    *(Perturbation(sampled=share, keeps_errors=kept) for share in (0.01, 0.05, 0.2) for kept in (False, True)),
    *(Perturbation(skew=seconds) for seconds in (0.005, 0.05, 0.5)),
    *(Perturbation(missing=share) for share in (0.05, 0.1, 0.2)),
)


def full(nulls: int, only: str = "", size: str = "") -> Iterator[Scenario]:
    """All of it, or the runs of one cause (`null` is one, too) or one size."""
    seeds = count(1)
    sizes = (size,) if size else tuple(SIZES)
    if only != "null":
        yield from _single(seeds, sizes, STRENGTHS, only)
    if only in ("", "null"):
        yield from _nulls(seeds, nulls, sizes)
    if not only:
        yield from _together(seeds, [each for each in sizes if each != "small"], 2)
    if only != "null":
        yield from _damaged(seeds, only)


def quick(nulls: int, only: str = "", size: str = "") -> Iterator[Scenario]:
    """One strength and one size for each cause, some nulls, two compounds: minutes."""
    seeds = count(10_001)
    sizes = (size or "medium",)
    if only != "null":
        yield from _single(seeds, sizes, (4,), only)
    if only in ("", "null"):
        yield from _nulls(seeds, nulls, sizes)
    if not only:
        yield from list(_together(seeds, list(sizes), 1))[:2]


def _single(seeds: Iterator[int], sizes: tuple[str, ...], strengths: tuple[int, ...], only: str) -> Iterator[Scenario]:
    """The forms of a cause take turns."""
    for cause, maker in INJECTIONS.items():
        turn = 0
        for size in sizes:
            for strength in strengths:
                seed, form = next(seeds), maker.forms[turn % len(maker.forms)]
                turn += 1
                if only in ("", cause):
                    yield Scenario(seed, size, ((cause, strength, form),))


def _nulls(seeds: Iterator[int], number: int, sizes: tuple[str, ...]) -> Iterator[Scenario]:
    for turn in range(number):
        null = NULLS[turn % len(NULLS)].__name__
        yield Scenario(next(seeds), sizes[turn // len(NULLS) % len(sizes)], null=null)


def _together(seeds: Iterator[int], sizes: list[str], times: int) -> Iterator[Scenario]:
    for time in range(times):
        for size in sizes:
            for causes in TOGETHER:
                yield Scenario(next(seeds), size, tuple((cause, 3 + time, "") for cause in causes))


def _damaged(seeds: Iterator[int], only: str) -> Iterator[Scenario]:
    causes = [each for each in CATEGORY if only in ("", each)]
    for turn, how in enumerate(DAMAGE):
        size = "large" if how.sampled < 1 else "medium"
        for cause in islice(cycle(causes), turn, turn + len(causes), 3):
            yield Scenario(next(seeds), size, ((cause, 4, ""),), how=how)
        if not only:
            yield Scenario(next(seeds), size, null=NULLS[turn % len(NULLS)].__name__, how=how)
