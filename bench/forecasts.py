"""Do forecasts come true where the truth is known? Recipes whose executions are drawn, before a change and with it.

    python bench/forecasts.py [--worlds 300] [--runs 40]

Each world has five steps with log-normal times of their own, executions that are hard or easy as a whole, and a step
that fails now and then, after which nothing more is done. What is predicted from `--runs` recorded executions is held
against 4,000 drawn with the change (the error of the median), and its 90 % interval against the change that as many
further executions show. Expected: a mean error of at most 10 %, and 85 to 95 % inside.
"""

import argparse
import random
import statistics
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests" / "measure" / "replay"))

from replay_cases import run, step

from tachograph.measure.replay import Change, Run, build, predict

_MANY = 4_000
_STEPS = ("read", "plan", "write", "check", "report")
_PAIR = ("write", "check")

# Name, how it is asked for, and what it makes of the steps' times: groups that run at once, one after the other.
Times = dict[str, float]
Groups = list[list[str]]
CHANGES: tuple[tuple[str, Change, Callable[[Times], tuple[Times, Groups]]], ...] = (
    ("two steps at once", Change(parallel=(_PAIR,)), lambda t: (t, [["read"], ["plan"], [*_PAIR], ["report"]])),
    ("a step dropped", Change(drop=("plan",)), lambda t: (t, [[name] for name in _STEPS if name != "plan"])),
    (
        "a step twice as fast",
        Change(scale=(("write", 0.5),)),
        lambda t: ({**t, "write": t["write"] / 2}, [[name] for name in _STEPS]),
    ),
)


@dataclass(frozen=True)
class World:
    """Mean times in ms, their spread, and how often which step fails."""

    means: Times
    spread: float
    hardness: float
    fails: str
    often: float

    @classmethod
    def drawn(cls, chance: random.Random) -> "World":
        means = {name: chance.lognormvariate(5.3, 0.6) for name in _STEPS}
        return cls(
            means, chance.uniform(0.1, 0.5), chance.uniform(0, 0.4), chance.choice(_STEPS), chance.uniform(0, 0.2)
        )

    def times(self, chance: random.Random) -> tuple[Times, bool]:
        hard = chance.lognormvariate(0, self.hardness)
        times = {name: hard * chance.lognormvariate(0, self.spread) * mean for name, mean in self.means.items()}
        return times, chance.random() < self.often

    def took(self, chance: random.Random, change: Callable[[Times], tuple[Times, Groups]]) -> float:
        """How long an execution takes with the change."""
        drawn, fails = self.times(chance)
        times, groups = change(drawn)
        total = 0.0
        for group in groups:
            total += max(times[name] for name in group)
            if fails and self.fails in group:
                break
        return total

    def recorded(self, chance: random.Random, number: int) -> Run:
        """An execution as it was before the change; its steps wait for something elsewhere."""
        times, fails = self.times(chance)
        at, steps = 0.0, []
        for name in _STEPS:
            failed = fails and name == self.fails
            end = at + times[name]
            steps.append(step(name, at, end, ok=not failed, waiting_ns=int(times[name] * 1e6)))
            at = end
            if failed:
                break
        return run(*steps, took=at, success=not fails, number=number)


def main() -> None:
    """A line a change."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--worlds", type=int, default=300)
    parser.add_argument("--runs", type=int, default=40)
    options = parser.parse_args()
    for name, asked, change in CHANGES:
        errors, inside = zip(*(held(seed, options.runs, asked, change) for seed in range(options.worlds)), strict=True)
        low, middle, high = statistics.quantiles(errors, n=4)
        print(
            f"{name:<22} error of the median {100 * statistics.mean(errors):4.1f} % "
            f"[quartiles {100 * low:.1f} {100 * middle:.1f} {100 * high:.1f}]   "
            f"inside the 90 % interval {100 * statistics.mean(inside):5.1f} % of {len(inside)}",
            flush=True,
        )


def held(seed: int, runs: int, asked: Change, change: Callable[[Times], tuple[Times, Groups]]) -> tuple[float, bool]:
    """The relative error of the predicted median, and whether the interval holds what is measured afterwards."""
    chance = random.Random(seed)
    world = World.drawn(chance)
    recorded = [world.recorded(chance, number) for number in range(runs)]
    found = predict(build("r", recorded), asked)
    truth = statistics.median(world.took(chance, change) for _ in range(_MANY))
    measured = statistics.median(world.took(chance, change) for _ in range(runs))
    low, high = found.ci_pct or (0.0, 0.0)
    return abs(found.predicted_p50_ms / truth - 1), low <= 100 * (measured / found.baseline_p50_ms - 1) <= high


if __name__ == "__main__":
    main()
