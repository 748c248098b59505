"""Does a worse version score worse, in what is worse about it, and in nothing else?

For each package, kind of damage and level, `tachograph assess` judges a change: the published code is the base, the
damaged code what became of it; level 0 is a change that does no harm. What was assessed is kept in a file, so that a
run that was broken off goes on where it was.
"""

import argparse
import concurrent.futures
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import packages
from damage import KINDS, LEVELS, damaged, places
from table import table

TACHOGRAPH = Path(sys.executable).with_name("tachograph")
LEAST_PLACES = 4  # a package with fewer places for a kind of damage has no four levels of it

Scores = dict[str, float | None]
Assess = Callable[[Path], Scores]


def main() -> int:
    options = _options()
    done = [json.loads(line) for line in _lines(options.results)]
    wanted = [case for case in _cases(options) if case not in [tuple(each["case"]) for each in done]]
    sdists = packages.fetch()
    with concurrent.futures.ThreadPoolExecutor(options.jobs) as pool, options.results.open("a") as results:
        running = {pool.submit(assessed, sdists[case[0]], case[1], case[2], by_command): case for case in wanted}
        for finished in concurrent.futures.as_completed(running):
            record = {"case": running[finished], "scores": finished.result()}
            done.append(record)
            print(json.dumps(record), file=results, flush=True)
            print(f"{len(done)} of {len(done) + sum(not each.done() for each in running)}: {record}", file=sys.stderr)
    print(table(done))
    return 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--results", type=Path, default=Path(".bench/quality.jsonl"), help="what was assessed, a line each"
    )
    parser.add_argument(
        "--jobs", type=int, default=1, help="assessments at a time; more than one disturbs measured times"
    )
    parser.add_argument("--package", action="append", choices=packages.names(), help="only these")
    parser.add_argument("--kind", action="append", choices=KINDS, help="only these")
    return parser.parse_args()


def _lines(file: Path) -> list[str]:
    file.parent.mkdir(parents=True, exist_ok=True)
    return file.read_text().splitlines() if file.exists() else []


def _cases(options: argparse.Namespace) -> Iterator[tuple[str, str, int]]:
    for name in options.package or packages.names():
        yield name, "none", 0
        for level in LEVELS:
            for kind in options.kind or KINDS:
                yield name, kind, level


def assessed(sdist: Path, kind: str, level: int, assess: Assess) -> Scores | None:
    """The scores of one version; None where the package has too few places for such damage."""
    with tempfile.TemporaryDirectory(prefix="bench-quality-") as made:
        folder = packages.unpack(sdist, Path(made) / "project")
        before = packages.sources(folder)
        tests = packages.tests(folder)
        if level and len(places(kind, before, LEVELS[-1], tests)) < LEAST_PLACES:
            return None
        after = damaged(before, kind if level else "bugs", level, tests)
        for name, source in after.items():
            (folder / name).write_text(source, encoding="utf-8")
        return assess(folder)


def by_command(folder: Path) -> Scores:
    """The scores that `tachograph assess` gives the change since the last commit."""
    command = [TACHOGRAPH, "assess", folder, "--base", "HEAD", "--format", "json"]
    home = {"TACHOGRAPH_HOME": str(folder.parent / "home")}
    done = subprocess.run(
        command, capture_output=True, text=True, timeout=1800, env={**os.environ, **home}, check=False
    )
    if done.returncode != 0:
        raise RuntimeError(f"tachograph assess ended with {done.returncode}: {done.stderr.strip()[-500:]}")
    assessment = json.loads(done.stdout)
    for dimension, why in assessment["not_measured"].items():
        print(f"{dimension} was not measured: {why}", file=sys.stderr)
    scores: Scores = assessment["scores"]
    return scores


if __name__ == "__main__":
    sys.exit(main())
