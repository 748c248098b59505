"""Run the sample agency under real instrumentation, show the report, change what it recommends and measure that."""

import argparse
import importlib.util
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TextIO

import tachograph
from tachograph.cli import demo_work
from tachograph.cli.common import OK, WRONG_USE, Refusal
from tachograph.cli.demo_work import Kept

# What the team asked its agency for: issues to be fixed, releases to be made, single questions to an agent.
_FIXES = ("TB-1", "TB-2", "TB-3", "TB-4", "TB-5", "TB-6", "TB-8", "TB-9", "TB-10")
_RELEASES = ("TB-2", "TB-3", "TB-5", "TB-7", "TB-8")
JOBS = (
    *(("recipe", "run", "fix_bug", "--issue", issue) for issue in _FIXES),
    *(("recipe", "run", "release", "--issue", issue) for issue in _RELEASES),
    ("recipe", "run", "fix_bug", "--issue", "TB-2", "--workers", "3"),
    ("recipe", "run", "tangled", "--issue", "TB-2"),
    ("agent", "invoke", "security", "--issue", "TB-9"),
    ("agent", "invoke", "documenter", "--issue", "TB-4"),
)
# Jobs whose work is kept, and assessed afterwards: what the coder changed, against the issue as it was handed out.
ASSESSED = ("TB-2", "TB-3", "TB-6")
# A recipe that runs often, one step at a time; then as often with what tachograph recommends.
CHECKED = ("TB-1", "TB-2", "TB-3", "TB-5", "TB-6", "TB-8") * 2
_CHECK = "health_check"
_TOOLS = ("bandit", "click", "hatchling", "pytest", "ruff", "yaml")


def declare(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--home", type=Path, metavar="DIR", help="where to keep what is recorded; else a new folder")


def run(options: argparse.Namespace) -> int:
    home = (options.home or Path(tempfile.mkdtemp(prefix="tachograph-demo-"))).absolute()
    for folder in ("spool", "work"):
        shutil.rmtree(home / folder, ignore_errors=True)
    (home / "store.duckdb").unlink(missing_ok=True)
    agency = _copied(_agency(), home / "agency")
    environment = _environment(agency, home)
    jobs = [*JOBS, *_checks()]
    _say(f"Running the sample agency {len(jobs)} times under opentelemetry-instrument; some of it fails, really.\n")
    kept: list[Kept] = []
    for number, job in enumerate(jobs, 1):
        work = demo_work.prepare(job, home / "work", environment, agency) if _is_kept(job, kept) else None
        start = time.time_ns()
        place = ("--workspace", str(work)) if work else ()
        _run_job(f"{number:2}/{len(jobs)}", (*job, *place), agency, environment)
        if work:
            kept.append(Kept(job[-1], work, start, time.time_ns()))
    _tachograph("ingest", environment, sys.stderr)
    demo_work.assess(kept, home, environment)
    _tachograph("report", environment, sys.stdout, "--format", options.format)
    if CHECKED:
        _improve(agency, environment, options.format)
    _say(f"\nTelemetry and store are in {home}. To look further:\n")
    _say(f"  export TACHOGRAPH_HOME={home}\n  tachograph agents coder")
    return OK


def _is_kept(job: tuple[str, ...], kept: list[Kept]) -> bool:
    issue = job[-1]
    return job[:3] == ("recipe", "run", "fix_bug") and issue in ASSESSED and issue not in {it.issue for it in kept}


def _checks() -> list[tuple[str, ...]]:
    return [("recipe", "run", _CHECK, "--issue", issue) for issue in CHECKED]


def _improve(agency: Path, environment: dict[str, str], format: str) -> None:
    """Do what is recommended for the recipe that ran often, run it as often again, and measure what that brought."""
    found = json.loads(_answer("recommend", environment, agency))
    chosen = next((one for one in found if one["component"] == _CHECK and one["diff"]), None)
    if chosen is None:
        _say(f"\nNo change to {_CHECK} would surely help on this machine, so none is recommended.")
        return
    _say("\nWhat tachograph recommends, and predicts:\n")
    if format == "text":
        _tachograph("recommend", environment, sys.stdout, folder=agency)
    _say(f"\nApplying {chosen['id']}, {chosen['title']}:\n\n{chosen['diff']}")
    _change(agency, chosen["diff"])
    _tachograph("apply", environment, sys.stderr, chosen["id"], folder=agency)
    _say("")
    for number, job in enumerate(_checks(), 1):
        _run_job(f"{number:2}/{len(CHECKED)}", job, agency, environment)
    _tachograph("ingest", environment, sys.stderr)
    _say("\nWhat it brought:")
    _tachograph("verify", environment, sys.stdout if format == "text" else sys.stderr, chosen["id"], folder=agency)


def _change(agency: Path, diff: str) -> None:
    """Apply a diff of one file, as `patch -p1` does."""
    from tachograph.recommend import patched

    file = agency / diff.splitlines()[0].removeprefix("--- a/")
    file.write_text(patched(file.read_text(encoding="utf-8"), diff), encoding="utf-8")


def _copied(agency: Path, folder: Path) -> Path:
    """A copy of the agency, for its recipes are going to be changed."""
    shutil.rmtree(folder, ignore_errors=True)
    return shutil.copytree(agency, folder, ignore=shutil.ignore_patterns("__pycache__", ".*", "*.egg-info"))


def _answer(command: str, environment: dict[str, str], folder: Path) -> str:
    arguments = [sys.executable, "-m", "tachograph", command, "--format", "json"]
    return subprocess.run(arguments, env=environment, cwd=folder, capture_output=True, text=True, check=True).stdout


def _tachograph(
    command: str, environment: dict[str, str], output: TextIO, *options: str, folder: Path | None = None
) -> None:
    _say("")
    arguments = [sys.executable, "-m", "tachograph", command, *options]
    subprocess.run(arguments, env=environment, cwd=folder, stdout=output, check=True)


def _agency() -> Path:
    """The folder of the sample agency: beside the package in a wheel, among the examples in a checkout."""
    missing = [name for name in _TOOLS if importlib.util.find_spec(name) is None]
    if missing:
        raise Refusal(f"{missing[0]} is not installed; run: pip install 'tachograph[analysis,demo]'", WRONG_USE)
    package = Path(tachograph.__file__).parent
    places = (package / "_agency", package.parents[1] / "examples" / "agency")
    return next(place for place in places if (place / "pyproject.toml").exists())


def _environment(agency: Path, home: Path) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("OTEL_", "TACHOGRAPH_"))}
    paths = [str(agency), *filter(None, [os.environ.get("PYTHONPATH")])]
    ours = {"TACHOGRAPH_HOME": str(home), "OTEL_SERVICE_NAME": "agency", "PYTHONPATH": os.pathsep.join(paths)}
    return {**kept, **ours, "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}"}


def _run_job(number: str, job: tuple[str, ...], agency: Path, environment: dict[str, str]) -> None:
    start = time.monotonic()
    # Called as the program is called anywhere: its own folder, its own settings, no change to its code.
    command = [_launcher(), sys.executable, "-m", "agency", *job]
    ended = subprocess.run(command, cwd=agency, env=environment, capture_output=True, text=True, check=False)
    said = (ended.stdout or ended.stderr).strip().splitlines() or ["(said nothing)"]
    ending = f"exit {ended.returncode}  {time.monotonic() - start:4.1f} s  {said[-1].strip()[:60]}"
    _say(f"  {number}  {' '.join(job):50} {ending}")


def _launcher() -> str:
    beside = Path(sys.executable).with_name("opentelemetry-instrument")
    return str(beside) if beside.exists() else shutil.which(beside.name) or beside.name


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)
