"""Whether what is predicted comes true on real work: the sample agency one step at a time, then with the change.

    python bench/whatif.py --runs 20 --json .bench/whatif.json

Each recipe runs `--runs` times one step at a time and as often with several workers. Both take turns, so that whatever
else the computer does meets both alike; they record into homes of their own, and only the first is shown to
`tachograph what-if`. Measured is the change of the median. `publish` is ordinary, the steps of `fuzz` contend for the
processors, and `soak` keeps all of them busy, so that nothing helps.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

BIN = Path(sys.executable).parent
AGENCY = Path(__file__).resolve().parents[1] / "examples" / "agency"
ISSUE = "TB-2"
WITHIN_POINTS = 10.0  # of the prediction
WORTHWHILE_PCT = -5.0  # a smaller gain, or one that is not sure, is nothing to recommend


@dataclass(frozen=True)
class Case:
    """A recipe, what is asked of it, and how many workers carry that out."""

    recipe: str
    parallel: str
    workers: int
    helps: bool


CASES = (
    Case("publish", "ask_users,ask_maintainers", 2, helps=True),
    Case("fuzz", "morning,noon,evening", 3, helps=True),
    Case("soak", "first,second", 2, helps=False),
)


@dataclass(frozen=True)
class Row:
    """What was predicted and what came of it; times in s, changes in per cent."""

    recipe: str
    runs: int
    before_s: float
    predicted_s: float
    after_s: float
    predicted_pct: float
    ci_pct: tuple[float, float]
    measured_pct: float
    contention_basis: str
    inside: bool
    near: bool
    recommended: bool
    judged_right: bool


def main() -> int:
    """Print a row a recipe; 1 where a prediction did not come true."""
    options = _options()
    with tempfile.TemporaryDirectory() as temporary:
        folder = options.folder or Path(temporary)
        rows = [measure(case, options.runs, folder / case.recipe) for case in CASES if case.recipe in options.only]
    print(_table(rows))
    if options.json:
        options.json.write_text(json.dumps([asdict(row) for row in rows], indent=2) + "\n")
    return 0 if all(row.inside and row.near and row.judged_right for row in rows) else 1


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=20, help="executions of each recipe before and after (20)")
    parser.add_argument("--only", nargs="+", default=[case.recipe for case in CASES], metavar="RECIPE")
    parser.add_argument("--folder", type=Path, help="where to keep the telemetry (a temporary folder)")
    parser.add_argument("--json", type=Path, help="where to put the figures as well")
    return parser.parse_args()


def measure(case: Case, runs: int, folder: Path) -> Row:
    """Run a recipe both ways, in turns, and hold the prediction from the one against the other."""
    before, after = folder / "before", folder / "after"
    for number in range(runs):
        execute(case.recipe, before, workers=1)
        execute(case.recipe, after, workers=case.workers)
        print(f"{case.recipe} {number + 1}/{runs}", end="\r", file=sys.stderr, flush=True)
    base, later = (statistics.median(durations(home, case.recipe)) for home in (before, after))
    found = ask(before, "what-if", case.recipe, "--parallel", case.parallel, "--later", str(runs))
    measured = 100 * (later / base - 1)
    low, high = found["ci_pct"]
    recommended = high < 0 and found["change_pct"] <= WORTHWHILE_PCT
    return Row(
        recipe=case.recipe,
        runs=runs,
        before_s=base,
        predicted_s=found["predicted_p50_ms"] / 1e3,
        after_s=later,
        predicted_pct=found["change_pct"],
        ci_pct=(low, high),
        measured_pct=measured,
        contention_basis=found["contention_basis"],
        inside=low <= measured <= high,
        near=abs(measured - found["change_pct"]) <= WITHIN_POINTS,
        recommended=recommended,
        judged_right=recommended == case.helps,
    )


def execute(recipe: str, home: Path, workers: int) -> None:
    """One execution under the launcher, as anybody would run it."""
    command = [BIN / "opentelemetry-instrument", BIN / "agency", "recipe", "run", recipe, "--issue", ISSUE]
    ended = subprocess.run(
        [*command, "--workers", str(workers)], cwd=AGENCY, env=environment(home), capture_output=True, text=True,
        check=False,
    )  # fmt: skip
    if ended.returncode:
        raise SystemExit(f"{recipe} ended with {ended.returncode}: {(ended.stdout + ended.stderr).strip()[-500:]}")


def ask(home: Path, *arguments: str) -> Any:
    """What tachograph answers, as JSON."""
    command = [BIN / "tachograph", *arguments, "--format", "json"]
    ended = subprocess.run(command, env=environment(home), capture_output=True, text=True, check=False)
    if ended.returncode:
        raise SystemExit(f"tachograph {' '.join(arguments)}: {ended.stderr.strip()}")
    return json.loads(ended.stdout)


def environment(home: Path) -> dict[str, str]:
    """This one, without telemetry settings of its own."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("OTEL_", "TACHOGRAPH_"))}
    path = f"{BIN}{os.pathsep}{os.environ['PATH']}"
    return {**kept, "PATH": path, "TACHOGRAPH_HOME": str(home), "OTEL_SERVICE_NAME": "agency"}


def durations(home: Path, recipe: str) -> list[float]:
    """Seconds of each execution, read from the spool itself and not by what is to be judged."""
    found = []
    for file in (home / "spool").glob("*.otlp.jsonl"):
        for request in map(json.loads, file.read_text().splitlines()):
            for group in request.get("resourceSpans", []):
                spans = [span for scope in group["scopeSpans"] for span in scope["spans"]]
                named = (span for span in spans if span["name"] == f"invoke_workflow {recipe}")
                found += [(int(span["endTimeUnixNano"]) - int(span["startTimeUnixNano"])) / 1e9 for span in named]
    if "executions" not in ask(home, "ingest") or not found:
        raise SystemExit(f"nothing was recorded of {recipe} in {home}")
    return found


def _table(rows: list[Row]) -> str:
    head = f"{'recipe':<9}{'runs':>5}{'before':>9}{'after':>9}{'measured':>10}{'predicted':>11}{'90 % interval':>18}"
    lines = [f"{head}  {'contention':<15}{'inside':<8}{'near':<6}recommended"]
    for row in rows:
        interval = f"{row.ci_pct[0]:+.1f} to {row.ci_pct[1]:+.1f}"
        figures = f"{row.before_s:>7.2f} s{row.after_s:>7.2f} s{row.measured_pct:>+9.1f}%{row.predicted_pct:>+10.1f}%"
        said = [("no", "yes")[flag] for flag in (row.inside, row.near, row.recommended)]
        right = "" if row.judged_right else " (wrong)"
        lines.append(
            f"{row.recipe:<9}{row.runs:>5}{figures}{interval:>18}  {row.contention_basis:<15}"
            f"{said[0]:<8}{said[1]:<6}{said[2]}{right}"
        )
    return "\n".join(lines)


if __name__ == "__main__":
    sys.exit(main())
