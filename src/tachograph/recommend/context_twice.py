"""Steps in a row in which one agent prepares the same context twice."""

from collections import defaultdict
from collections.abc import Iterator
from itertools import pairwise
from statistics import median
from typing import Final

from tachograph.measure.replay import Run, Runs
from tachograph.measure.replay.steps import Step

_USUALLY: Final = 0.8  # of the executions that have both steps


def prepared_twice(runs: Runs, agent: str) -> Iterator[tuple[str, str, float]]:
    """Two steps that one execution of the agent could do, and which share of the second one's time is preparing
    context; the second of one pair is never the first of another."""
    shares: defaultdict[tuple[str, str], list[float]] = defaultdict(list)
    for run in runs.runs:
        for pair, share in _in_a_row(run, agent):
            shares[pair].append(share)
    taken: set[str] = set()
    for (first, then), found in sorted(shares.items(), key=lambda item: -median(item[1])):
        usual = len(found) >= _USUALLY * _with_both(runs, first, then)
        if usual and median(found) > 0 and not {first, then} & taken:
            taken |= {first, then}
            yield first, then, median(found)


def _in_a_row(run: Run, agent: str) -> Iterator[tuple[tuple[str, str], float]]:
    done = [step for step in run.steps if not step.skipped]
    for first, then in pairwise(sorted(done, key=lambda step: step.start)):
        if first.name != then.name and first.end <= then.start and _is_by(first, agent) and _is_by(then, agent):
            preparing = sum(attempt.context_ns for attempt in then.attempts)
            yield (first.name, then.name), min(1.0, preparing / max(1, then.end - then.start))


def _is_by(step: Step, agent: str) -> bool:
    return {attempt.agent for attempt in step.attempts} == {agent}


def _with_both(runs: Runs, first: str, then: str) -> int:
    return sum({first, then} <= {step.name for step in run.steps if not step.skipped} for run in runs.runs)
