"""`tachograph ship` to a real Collector, both killed at random while spans are being made: each one arrives."""

import json
import os
import random
import signal
import subprocess
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from programs import BUILT, Program, listens
from support import COMMAND, clean_environment, free_port, spooled

ROUNDS = int(os.environ.get("TACHOGRAPH_STACK_ROUNDS", "20"))

# The file is written without a buffer where it is rotated, so that what the Collector has acknowledged it has written.
CONFIG = """
receivers: {{otlp: {{protocols: {{http: {{endpoint: "127.0.0.1:{port}"}}}}}}}}
exporters: {{file: {{path: "{file}", rotation: {{max_megabytes: 1000}}}}}}
service:
  telemetry: {{metrics: {{level: none}}}}
  pipelines:
    traces: {{receivers: [otlp], exporters: [file]}}
    logs: {{receivers: [otlp], exporters: [file]}}
"""

MAKER = """
import os, signal, sys, time
import tachograph
tachograph.install()
signal.signal(signal.SIGCHLD, signal.SIG_IGN)
asked = []
signal.signal(signal.SIGTERM, lambda *_: asked.append(1))
number = 0
while not asked:
    number += 1
    with tachograph.recipe("r") as run, run.step("s"):
        with tachograph.agent("a"):
            pass
    if number % 20 == 0 and not os.fork():
        with tachograph.tool("t"):
            pass
        os.kill(os.getpid(), signal.SIGKILL)
    time.sleep(0.01)
"""


@pytest.fixture
def makers(tmp_path: Path) -> Iterator[list[subprocess.Popen[bytes]]]:
    """Two processes that make spans and short-lived children until they are asked to stop."""
    (tmp_path / "maker.py").write_text(MAKER)
    environment = clean_environment(tmp_path / "home")
    started = [subprocess.Popen(["python", tmp_path / "maker.py"], env=environment) for _ in range(2)]
    yield started
    for process in started:
        process.kill()
        process.wait()


def test_every_span_arrives_whatever_is_killed(tmp_path: Path, makers: list[subprocess.Popen[bytes]]) -> None:
    """The Collector may see a span twice after a kill; the store that reads what it wrote holds each exactly once."""
    chance = random.Random(ROUNDS)
    port = free_port()
    written = tmp_path / "written"
    written.mkdir()
    program = started(tmp_path, port, 0)
    try:
        for number in range(1, ROUNDS + 1):
            one_round(tmp_path, port, program, chance)
            if not listens(port):
                program = started(tmp_path, port, number)
        for process in makers:
            process.terminate()
            process.wait(timeout=60)
        last = ship(tmp_path, port, "--format", "json", "--for", "60s")
        result = json.loads(last.communicate(timeout=120)[0])
        assert (last.returncode, result["left"], result["rejected"]) == (0, 0, 0)
    finally:
        program.stop(signal.SIGKILL)
    check(tmp_path, written)


def started(folder: Path, port: int, number: int) -> Program:
    """A Collector that writes to a file of its own: a line that a kill has cut stays the last one of its file."""
    config = folder / "collector.yaml"
    config.write_text(CONFIG.format(port=port, file=folder / "written" / f"{number:04}.jsonl"))
    program = Program([str(BUILT / "otelcol"), "--config", str(config)], folder / "collector")
    program.start(lambda: listens(port))
    return program


def ship(folder: Path, port: int, *options: str) -> subprocess.Popen[bytes]:
    command = [COMMAND, "ship", "--endpoint", f"http://127.0.0.1:{port}", *options]
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.DEVNULL}
    return subprocess.Popen(command, env=clean_environment(folder / "home"), **pipes)


def one_round(folder: Path, port: int, program: Program, chance: random.Random) -> None:
    """Ship, and kill it, the Collector or both at some moment, or neither."""
    with ship(folder, port, "--for", "200ms") as shipping:
        time.sleep(chance.uniform(0.2, 0.8))  # a moment, not a wait for something
        victims = chance.choice(["ship", "collector", "both", "neither"])
        if victims in ("collector", "both"):
            program.stop(signal.SIGKILL)
        if victims in ("ship", "both"):
            shipping.kill()


def check(folder: Path, written: Path) -> None:
    made = Counter(span.id for span in spooled(folder / "home"))
    assert len(made) > 100
    assert set(made.values()) == {1}
    seen = Counter(span_id for file in sorted(written.iterdir()) for span_id in span_ids(file))
    assert seen.keys() == made.keys()
    elsewhere = clean_environment(folder / "elsewhere")
    command = [COMMAND, "ingest", written, "--format", "json"]
    result = json.loads(subprocess.run(command, env=elsewhere, stdout=subprocess.PIPE, check=True).stdout)
    assert result["spans"] == len(made)
    print(f"{len(made)} spans made, {sum(seen.values()) - len(seen)} seen twice, {result['spans']} stored")


def span_ids(file: Path) -> Iterator[str]:
    for line in file.read_bytes().splitlines():
        try:
            request = json.loads(line)
        except ValueError:  # cut off by a kill, so not acknowledged either
            continue
        for resource in request.get("resourceSpans", []):
            for scope in resource["scopeSpans"]:
                for span in scope["spans"]:
                    yield span["spanId"]
