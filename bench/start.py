"""What instrumenting adds to a short command: CPU of all its processes, and the time until it is gone.

    python bench/start.py [--runs 15] [--json FILE]

A program with three spans and one without any, plain, under the stock launcher with the stock distro, under the same
launcher with ours, and by `tachograph run`. Two virtual environments with the same libraries, one with
`opentelemetry-distro` and one with tachograph, are made below `.venvs/` the first time. All variants take turns.
"""

import argparse
import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
STOCK, OURS = ROOT / ".venvs" / "bench-stock", ROOT / ".venvs" / "bench-ours"

SPANS = """
from opentelemetry import trace
tracer = trace.get_tracer("bench")
for name in ("one", "two", "three"):
    with tracer.start_as_current_span(name, attributes={"step": name}):
        pass
"""
PROGRAMS = {"three spans": SPANS, "no span": "print('done')"}


def main() -> None:
    options = _options()
    _install(STOCK, "opentelemetry-distro>=0.66b0,<0.67")
    _install(OURS)
    with tempfile.TemporaryDirectory() as folder:
        rows = {name: _row(Path(folder), name, options.runs) for name in PROGRAMS}
    _show(rows)
    if options.json:
        Path(options.json).write_text(json.dumps(rows, indent=1) + "\n")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=15)
    parser.add_argument("--json", help="file to write the table to")
    return parser.parse_args()


def _install(folder: Path, *more: str) -> None:
    """The libraries that tachograph brings, and tachograph itself unless something else is named."""
    python = folder / "bin" / "python"
    if not python.exists():
        print(f"installing {folder.name}", file=sys.stderr)
        subprocess.run([sys.executable, "-m", "venv", folder], check=True)
    pip = [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    subprocess.run([*pip, *(more or ["--force-reinstall", "--no-deps", "."])], cwd=ROOT, check=True)
    subprocess.run([*pip, *_libraries()], check=True)


def _libraries() -> list[str]:
    import tomllib

    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    return list(project["dependencies"])


def _row(folder: Path, name: str, runs: int) -> dict[str, dict[str, float]]:
    program = folder / "program.py"
    program.write_text(PROGRAMS[name])
    variants = {
        "plain Python": [OURS / "bin" / "python", program],
        "stock launcher": [STOCK / "bin" / "opentelemetry-instrument", STOCK / "bin" / "python", program],
        "our launcher": [OURS / "bin" / "opentelemetry-instrument", OURS / "bin" / "python", program],
        "tachograph run": [OURS / "bin" / "tachograph", "run", "--", OURS / "bin" / "python", program],
    }
    taken: dict[str, list[tuple[float, float]]] = {variant: [] for variant in variants}
    for run in range(runs + 1):
        for variant, command in variants.items():
            costs = _costs([*map(str, command)], folder)
            if run:  # the first one fills caches
                taken[variant].append(costs)
    return _added(taken)


def _costs(command: list[str], folder: Path) -> tuple[float, float]:
    """Milliseconds of CPU of the command with all its children, and of time."""
    kept = {key: value for key, value in os.environ.items() if not key.startswith(("OTEL_", "TACHOGRAPH_", "PYTHON"))}
    none = {f"OTEL_{signal}_EXPORTER": "none" for signal in ("TRACES", "METRICS", "LOGS")}
    environment = {**kept, **none, "TACHOGRAPH_HOME": str(folder / "home")}
    before, begun = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    subprocess.run(command, env=environment, cwd=folder, stdout=subprocess.DEVNULL, check=True)
    after, ended = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return cpu * 1e3, (ended - begun) * 1e3


def _added(taken: dict[str, list[tuple[float, float]]]) -> dict[str, dict[str, float]]:
    """Medians, over the turns, of what each variant took and of what it added to plain Python."""
    plain = taken["plain Python"]
    rows: dict[str, dict[str, float]] = {}
    for variant, costs in taken.items():
        added = [mine[0] - theirs[0] for mine, theirs in zip(costs, plain, strict=True)]
        rows[variant] = {
            "cpu_ms": round(statistics.median(cpu for cpu, _ in costs), 1),
            "wall_ms": round(statistics.median(wall for _, wall in costs), 1),
            "added_ms": round(statistics.median(added), 1),
            "spread_ms": round(statistics.quantiles(added, n=4)[2] - statistics.quantiles(added, n=4)[0], 1),
            "n": len(costs),
        }
    for row in rows.values():
        row["of_stock"] = round(row["added_ms"] / rows["stock launcher"]["added_ms"], 3)
    return rows


def _show(rows: dict[str, dict[str, dict[str, float]]]) -> None:
    for program, variants in rows.items():
        print(f"{program:24}{'CPU ms':>10}{'wall ms':>10}{'added ms':>10}{'spread':>10}{'× stock':>10}")
        for variant, row in variants.items():
            cells = "".join(f"{row[key]:>10.1f}" for key in ("cpu_ms", "wall_ms", "added_ms", "spread_ms"))
            print(f"  {variant:22}{cells}{row['of_stock']:>10.2f}")


if __name__ == "__main__":
    main()
