"""Host pressure from Linux's accounting: shares of time during a span, sampled at most once a second."""

import subprocess
import sys
from pathlib import Path

import pytest
from opentelemetry.sdk.trace import ReadableSpan

import tachograph
from tachograph.annotate import pressure
from tachograph.annotate.pressure import Sampler


def accounts(proc: Path, *, cpu: int, memory: int, steal: int, idle: int) -> None:
    """Files as the kernel shows them: microseconds stalled, ticks of processor time."""
    (proc / "pressure").mkdir(exist_ok=True)
    for name, total in (("cpu", cpu), ("memory", memory)):
        (proc / "pressure" / name).write_text(f"some avg10=0.00 avg60=0.00 avg300=0.00 total={total}\nfull total=0\n")
    (proc / "stat").write_text(f"cpu  100 0 0 {idle} 0 0 0 {steal} 0 0\ncpu0 1 1 1 1 1 1 1 1 1 1\n")


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """A clock that the test moves; the accounting itself is files in the kernel's form."""
    times = [1000.0]
    monkeypatch.setattr(pressure.time, "monotonic", lambda: times[0])
    return times


def test_shares_are_what_the_counters_grew_by(tmp_path: Path, clock: list[float]) -> None:
    """Two seconds, of which half a second was waited for a processor and a tenth for memory; 5 of 50 ticks stolen."""
    accounts(tmp_path, cpu=1_000_000, memory=0, steal=0, idle=0)
    sampler = Sampler(tmp_path)
    start = sampler.now()
    clock[0] += 2
    accounts(tmp_path, cpu=1_500_000, memory=200_000, steal=5, idle=45)
    found = sampler.since(start)
    assert found == pytest.approx({"host.cpu.pressure": 0.25, "host.memory.pressure": 0.1, "host.cpu.steal": 0.1})


def test_it_is_read_at_most_once_a_second(tmp_path: Path, clock: list[float]) -> None:
    """A short span gets the last second that was measured."""
    accounts(tmp_path, cpu=0, memory=0, steal=0, idle=0)
    sampler = Sampler(tmp_path)
    clock[0] += 1
    accounts(tmp_path, cpu=400_000, memory=0, steal=0, idle=100)
    start = sampler.now()
    clock[0] += 0.5
    accounts(tmp_path, cpu=900_000, memory=0, steal=0, idle=200)
    assert sampler.now() is start
    assert sampler.since(start)["host.cpu.pressure"] == pytest.approx(0.4)


def test_a_system_that_does_not_tell_gives_nothing(tmp_path: Path, clock: list[float]) -> None:
    """No file, no attribute."""
    sampler = Sampler(tmp_path / "nothing")
    start = sampler.now()
    clock[0] += 5
    assert sampler.since(start) == {}


@pytest.mark.skipif(not Path("/proc/pressure/cpu").exists(), reason="needs a Linux that accounts for pressure")
def test_agents_and_tools_are_marked(delivered: list[ReadableSpan], monkeypatch: pytest.MonkeyPatch) -> None:
    """Shares between 0 and 1 on the spans that the contract names, whatever else is on them."""
    monkeypatch.setattr(pressure, "_INTERVAL_S", 0.0)
    with tachograph.agent("coder"), tachograph.tool("ruff"):
        pass
    tool, agent = delivered
    for span in (tool, agent):
        assert span.attributes
        assert 0 <= span.attributes["host.cpu.pressure"] <= 1  # type: ignore[operator]


def test_a_step_tells_its_processor_time(delivered: list[ReadableSpan]) -> None:
    """That of this process and of children that it waited for, and how many processors there are; others do not."""
    burn = "import time\nwhile time.process_time() < 0.3: pass"
    with tachograph.recipe("r") as run, run.step("burn"):
        subprocess.run([sys.executable, "-c", burn], check=True)
    step, recipe = (span.attributes or {} for span in delivered)
    assert step["dev_agency.cpu.time"] >= 0.25  # counted in ticks of some hundredths
    assert step["host.cpu.count"] >= 1
    assert "dev_agency.cpu.time" not in recipe
