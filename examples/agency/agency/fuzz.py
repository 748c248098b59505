"""Tries random durations on the code base it is started in: python -m agency.fuzz PACKAGE --processes N --rounds N"""

import argparse
import importlib
import multiprocessing
import random
import sys
from collections.abc import Callable


def main() -> None:
    """Print the durations that are read wrong, one a line; exit with 1 where there is one."""
    parser = argparse.ArgumentParser(prog="fuzz")
    parser.add_argument("package")
    parser.add_argument("--processes", type=int, default=1)
    parser.add_argument("--rounds", type=int, default=100_000, help="of each process")
    options = parser.parse_args()
    jobs = [(options.package, options.rounds, seed) for seed in range(options.processes)]
    with multiprocessing.get_context("spawn").Pool(options.processes) as pool:
        wrong = sorted({text for texts in pool.starmap(try_out, jobs) for text in texts})
    print("\n".join(wrong))
    sys.exit(bool(wrong))


def try_out(package: str, rounds: int, seed: int) -> list[str]:
    """Up to ten durations that do not come back as they were written."""
    parse: Callable[[str], int] = importlib.import_module(f"{package}.duration").parse_duration
    chance = random.Random(seed)
    wrong = []
    for _ in range(rounds):
        hours, minutes = chance.randrange(1_000), chance.randrange(60)
        if parse(f"{hours}h{minutes}m") != 60 * hours + minutes and len(wrong) < 10:
            wrong.append(f"{hours}h{minutes}m")
    return wrong


if __name__ == "__main__":
    main()
