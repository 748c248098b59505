"""Runs the sample agency under instrumentation, as a team would over a day, then shows what tachograph saw."""

import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
AGENCY = ROOT / "examples" / "agency"
HOME = ROOT / ".demo"
BIN = Path(sys.executable).parent

# What the team asked its agency for: issues to be fixed, releases to be made, single questions to an agent.
FIXES = ("TB-1", "TB-2", "TB-3", "TB-4", "TB-5", "TB-6", "TB-8", "TB-9", "TB-10")
RELEASES = ("TB-2", "TB-3", "TB-5", "TB-7", "TB-8")
JOBS = (
    *(("recipe", "run", "fix_bug", "--issue", issue) for issue in FIXES),
    *(("recipe", "run", "release", "--issue", issue) for issue in RELEASES),
    ("agent", "invoke", "security", "--issue", "TB-9"),
    ("agent", "invoke", "documenter", "--issue", "TB-4"),
    ("recipe", "run", "no_such_recipe", "--issue", "TB-1"),
)


def main() -> int:
    """Exit status 0 when everything was recorded and shown; that some jobs fail is part of the story."""
    sys.stdout.reconfigure(line_buffering=True)  # in order with what the commands print, also into a pipe
    shutil.rmtree(HOME, ignore_errors=True)
    print(f"Running the sample agency {len(JOBS)} times under opentelemetry-instrument; some of it fails, really.\n")
    for number, job in enumerate(JOBS, 1):
        run_job(number, job)
    print()
    tachograph("ingest")
    print()
    tachograph("report")
    print(f"\nTelemetry and store are in {HOME.relative_to(ROOT)}. To look further:\n")
    print(f"  export TACHOGRAPH_HOME={HOME.relative_to(ROOT)}")
    print(f"  {(BIN / 'tachograph').relative_to(ROOT)} agents coder\n")
    return 0


def run_job(number: int, job: tuple[str, ...]) -> None:
    start = time.monotonic()
    # Called as the program is called anywhere: its own folder, its own settings, no change to its code.
    command = [BIN / "opentelemetry-instrument", BIN / "agency", *job]
    ended = subprocess.run(command, cwd=AGENCY, env=environment(), capture_output=True, text=True, check=False)
    said = (ended.stdout or ended.stderr).strip().splitlines() or ["(said nothing)"]
    seconds = time.monotonic() - start
    print(f"  {number:2}/{len(JOBS)}  {' '.join(job):38} exit {ended.returncode}  {seconds:4.1f} s  {said[-1][:60]}")


def tachograph(command: str) -> None:
    subprocess.run([BIN / "tachograph", command], env=environment(), check=True)


def environment() -> dict[str, str]:
    path = f"{BIN}{os.pathsep}{os.environ.get('PATH', '')}"
    return {**os.environ, "PATH": path, "TACHOGRAPH_HOME": str(HOME), "OTEL_SERVICE_NAME": "agency"}


if __name__ == "__main__":
    sys.exit(main())
