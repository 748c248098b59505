"""How often a change that did nothing is told as an effect, and how often a real one is seen: `make bench-verify`.

Executions are log-normal (sigma 0.3) with two complexities; a change multiplies their time. Printed for each case: how
many of the runs ended with which verdict. Null changes must be no effect in at least 95 of 100.
"""

import argparse
import random
import sys
from collections import Counter
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests" / "recommend"))

from simulated import applied, history, lucky

from tachograph.recommend import verified

# Name, executions before and after, recipes, whether the worst of them is the one, factor on the time after.
CASES = (
    ("null, 15 + 15", 15, 15, 1, False, 1.0),
    ("null, 30 + 30", 30, 30, 1, False, 1.0),
    ("null, 200 + 60", 200, 60, 1, False, 1.0),
    ("null, two untouched recipes", 30, 30, 3, False, 1.0),
    ("null, worst of 20, 25 + 25", 25, 25, 20, True, 1.0),
    ("null, worst of 20, 100 + 100", 100, 100, 20, True, 1.0),
    ("-25 %, 30 + 30", 30, 30, 1, False, 0.75),
    ("-25 %, 200 + 60", 200, 60, 1, False, 0.75),
    ("-25 %, worst of 20, 100 + 100", 100, 100, 20, True, 0.75),
)
_EFFECTS = ("confirmed", "weaker", "worse")


def verdict(seed: int, before: int, after: int, recipes: int, worst: bool, factor: float) -> str:
    """What is said of one change."""
    chance = random.Random(seed)
    names = ["ship", *(f"recipe {number}" for number in range(1, recipes))]
    was, since = lucky(chance, names, before, 0), lucky(chance, names, after, 10_000, factor)
    chosen = "ship"
    if worst:
        chosen = max(names, key=lambda name: float(np.median(was["duration"][was.words["name"].is_(name)])))
        was, since = (units.take(units.words["name"].is_(chosen)) for units in (was, since))
    claim = "observational" if worst else "simulated"
    record = applied(-25.0, component=chosen, at=9_000.0, claim=claim, rivals=recipes)
    said = verified(record, history(was), history(since)).verdict
    return "more needed" if said.startswith("about") else said


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=400)
    runs = parser.parse_args().runs
    failed = False
    for name, *case in CASES:
        counts = Counter(verdict(seed, *case) for seed in range(runs))
        effects = sum(counts[kind] for kind in _EFFECTS)
        failed |= case[-1] == 1.0 and effects > 0.05 * runs
        print(f"{name:32} effect {100 * effects / runs:5.1f} %   {dict(counts.most_common())}", flush=True)
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())
