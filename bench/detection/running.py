"""One run from the world to the judgement: telemetry is made, ingested and judged by the real commands."""

import json
import os
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from detection import baselines
from detection.scenario import Scenario, Truth, generate
from detection.score import Judged, judge

PRODUCT = "tachograph"
TIMEOUT = 600  # seconds a command may take


@dataclass
class Result:
    """What came of one run: the judgement of each system, and the seconds that generating, reading and judging took."""

    scenario: Scenario
    truths: list[Truth]
    judged: dict[str, Judged]
    findings: list[dict[str, Any]]
    seconds: dict[str, float]


def run(scenario: Scenario, product: bool) -> Result:
    """In a folder and a store of its own, which are removed."""
    with tempfile.TemporaryDirectory(prefix="detection-") as name:
        folder, clock = Path(name), _Clock()
        truths = generate(scenario, folder)
        clock.note("generate")
        _ingest(folder)
        clock.note("ingest")
        found: dict[str, list[dict[str, Any]]] = baselines.judge(folder / "store.db")
        clock.note("baselines")
        judged = {system: judge(findings, truths) for system, findings in found.items()}
        findings: list[dict[str, Any]] = []
        if product:
            judged[PRODUCT], findings = _asked(folder, truths)
            clock.note("bottlenecks")
        return Result(scenario, truths, judged, findings, clock.seconds)


def has_bottlenecks() -> bool:
    """Whether the command is there, to be judged."""
    return _command(Path.cwd(), "bottlenecks", "--help").returncode == 0


def _ingest(folder: Path) -> None:
    done = _command(
        folder, "ingest", str(folder / "telemetry.jsonl"), "--store", str(folder / "store.db"), "--format", "json"
    )
    if done.returncode or json.loads(done.stdout)["rejected"]:
        raise RuntimeError(f"ingest did not take the telemetry: {done.stderr or done.stdout}")


def _asked(folder: Path, truths: list[Truth]) -> tuple[Judged, list[dict[str, Any]]]:
    """What the command finds; where it fails, a run without findings that says so."""
    done = _command(folder, "bottlenecks", "--store", str(folder / "store.db"), "--format", "json")
    if done.returncode:
        judged = judge([], truths)
        judged.failed = (done.stderr.strip().splitlines() or [f"exit status {done.returncode}"])[-1]
        return judged, []
    findings: list[dict[str, Any]] = json.loads(done.stdout, parse_constant=_refuse)
    return judge(findings, truths), findings


def _refuse(constant: str) -> None:
    raise ValueError(f"{constant} is no JSON")


def _command(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    program = Path(sys.executable).with_name(PRODUCT)
    environment = {**os.environ, "TACHOGRAPH_HOME": str(folder), "OPENBLAS_NUM_THREADS": "1"}
    return subprocess.run(
        [program, *arguments],
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
        env=environment,
        timeout=TIMEOUT,
    )


class _Clock:
    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}
        self._last = time.perf_counter()

    def note(self, what: str) -> None:
        now = time.perf_counter()
        self.seconds[what], self._last = now - self._last, now
