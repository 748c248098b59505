"""How long a short command takes to end, once its own work is done, and what a Collector that is away costs in memory.

    python bench/exit.py [--runs 9] [--spans 1000000] [--json FILE]

A program with three spans under the launcher, without telemetry and with it: no exporter named, a Collector that takes
everything, none that listens, one that accepts and never answers. Exit is the time between the program's last line and
the end of its process; all variants take turns, and a figure is the median of the differences to the program without
telemetry. Memory is what the resident set of a process grows by from its 10,000th span to its last.
"""

import argparse
import json
import os
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from capture import sink

BIN = Path(sys.executable).parent
PROGRAM = """
import time
from opentelemetry import trace
tracer = trace.get_tracer("bench")
for name in ("one", "two", "three"):
    with tracer.start_as_current_span(name): pass
print(time.clock_gettime_ns(time.CLOCK_MONOTONIC), flush=True)
"""
MANY = """
import resource, sys
import tachograph
def resident():
    with open("/proc/self/statm") as stream:
        return int(stream.read().split()[1]) * resource.getpagesize()
@tachograph.tool("t")
def call(): ...
count = int(sys.argv[1])
for _ in range(10_000): call()
before = resident()
for _ in range(count - 10_000): call()
print((resident() - before) / 1e6)
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=9)
    parser.add_argument("--spans", type=int, default=1_000_000)
    parser.add_argument("--json", help="file to write the figures to")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        figures = {"exit_ms": _exits(Path(folder), options.runs), "grown_mb": _grown(Path(folder), options.spans)}
    for variant, row in figures["exit_ms"].items():
        print(f"{variant:20}{row['median']:8.0f} ms later  [{row['q1']:.0f}–{row['q3']:.0f}]  n={row['n']}")
    print(f"memory: {figures['grown_mb']:+.1f} MB over {options.spans:,} spans with the Collector down")
    if options.json:
        Path(options.json).write_text(json.dumps(figures, indent=1) + "\n")


def _exits(folder: Path, runs: int) -> dict[str, dict[str, float]]:
    (folder / "program.py").write_text(PROGRAM)
    with sink() as up, _silent() as silent:
        endpoints = {"no exporter": None, "Collector up": up, "refused": "http://127.0.0.1:9", "never answers": silent}
        taken: dict[str, list[float]] = {variant: [] for variant in endpoints}
        for _ in range(runs):
            plain = _exit(folder, [BIN / "python"], None)
            for variant, endpoint in endpoints.items():
                command = [BIN / "opentelemetry-instrument", BIN / "python"]
                taken[variant].append(_exit(folder, command, endpoint) - plain)
    return {variant: _summary(values) for variant, values in taken.items()}


def _summary(values: list[float]) -> dict[str, float]:
    q1, median, q3 = statistics.quantiles(values, n=4)
    return {"median": median, "q1": q1, "q3": q3, "n": len(values)}


def _exit(folder: Path, command: list[Path], endpoint: str | None) -> float:
    """Milliseconds from the program's last line to the end of its process."""
    done = subprocess.run(
        [*command, folder / "program.py"],
        env=_environment(folder, endpoint),
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        check=True,
    )
    return (time.clock_gettime_ns(time.CLOCK_MONOTONIC) - int(done.stdout)) / 1e6


def _environment(folder: Path, endpoint: str | None) -> dict[str, str]:
    kept = {key: value for key, value in os.environ.items() if not key.startswith(("OTEL_", "TACHOGRAPH_"))}
    named = (
        {"OTEL_EXPORTER_OTLP_ENDPOINT": endpoint, "OTEL_EXPORTER_OTLP_PROTOCOL": "http/protobuf"} if endpoint else {}
    )
    return {**kept, "TACHOGRAPH_HOME": str(folder / "home"), **named}


@contextmanager
def _silent() -> Iterator[str]:
    """Accepts every connection, and answers none."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        held: list[Any] = []

        def accept() -> None:
            while True:
                try:
                    held.append(server.accept())
                except OSError:
                    return

        threading.Thread(target=accept, daemon=True).start()
        yield f"http://127.0.0.1:{server.getsockname()[1]}"


def _grown(folder: Path, spans: int) -> float:
    print(f"{spans:,} spans with the Collector down", file=sys.stderr)
    (folder / "many.py").write_text(MANY)
    command = [BIN / "opentelemetry-instrument", BIN / "python", folder / "many.py", str(spans)]
    environment = _environment(folder, "http://127.0.0.1:9") | {"TACHOGRAPH_SPOOL_MAX_MB": "64"}
    done = subprocess.run(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=True)
    return float(done.stdout)


if __name__ == "__main__":
    main()
