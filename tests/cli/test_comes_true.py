"""A prediction against what the changed program then does: a small `make bench-whatif`, with fixed times."""

import json
import statistics
from pathlib import Path

import pytest
from support import Run, Span, spooled

# Each step sleeps as long as its name says, in ms; with "together" in its arguments the named ones run side by side.
PROGRAM = """
import asyncio, sys
import tachograph

first, *both, last = sys.argv[1].split(",")

async def do(run, name):
    with run.step(name):
        await asyncio.sleep(int(name.strip("ab")) / 1000)

async def main():
    for _ in range(5):
        with tachograph.recipe("ship") as run:
            await do(run, first)
            if "together" in sys.argv:
                await asyncio.gather(*(do(run, name) for name in both))
            else:
                for name in both:
                    await do(run, name)
            await do(run, last)

asyncio.run(main())
"""


def recorded(launch: Run, tmp_path: Path, steps: str, *mode: str) -> list[Span]:
    """The recipe spans of one process that ran it five times; each mode has a home of its own."""
    home = tmp_path / "-".join(("home", *mode))
    (tmp_path / "program.py").write_text(PROGRAM)
    variables = {"TACHOGRAPH_HOME": str(home)}
    ended = launch("python", "program.py", steps, *mode, **variables)
    assert ended.returncode == 0, ended.stderr
    return [span for span in spooled(home) if span.name == "invoke_workflow ship"]


@pytest.mark.parametrize(
    ("steps", "worthwhile"),
    [("100,a300,b280,120", True), ("200,a500,b10,100", False)],
    ids=["two long steps", "one long and one short step"],
)
def test_the_measured_gain_is_the_predicted_one(
    launch: Run, tachograph: Run, tmp_path: Path, steps: str, worthwhile: bool
) -> None:
    """Five executions one step at a time, a prediction from these alone, five with the change."""
    before = recorded(launch, tmp_path, steps)
    assert tachograph("ingest").returncode == 0
    pair = ",".join(steps.split(",")[1:3])
    found = json.loads(tachograph("what-if", "ship", "--parallel", pair, "--format", "json").stdout)
    after = recorded(launch, tmp_path, steps, "together")
    base, later = (statistics.median(span.end - span.start for span in spans) for spans in (before, after))
    measured = 100 * (later / base - 1)
    assert found["executions"] == len(before) == len(after) == 5
    assert found["baseline_p50_ms"] == pytest.approx(base / 1e6)
    assert found["change_pct"] == pytest.approx(measured, abs=10)
    assert (found["change_pct"] < -5) == worthwhile


def test_the_program_is_what_it_says(launch: Run, tmp_path: Path) -> None:
    """Together, the two steps overlap; one after the other they do not."""
    for mode, overlap in (((), False), (("together",), True)):
        recorded(launch, tmp_path, "10,a50,b60,10", *mode)
        spans = [
            span for span in spooled(tmp_path / "-".join(("home", *mode))) if span.name in ("step a50", "step b60")
        ]
        pairs = zip(*[iter(sorted(spans, key=lambda span: span.start))] * 2, strict=True)
        assert {first.end > second.start for first, second in pairs} == {overlap}
