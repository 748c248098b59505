"""Entry points of frameworks in programs that use none; what they do with real ones is tested in tests/frameworks."""

from pathlib import Path

import pytest
from support import Run, spooled

from tachograph.collect.frameworks import DOORS

LOADED = "import sys; print(*sorted(name for name in sys.modules if name.startswith('tachograph.collect.frameworks')))"


def test_a_program_without_a_framework_loads_nothing_of_them(launch: Run, tachograph: Run) -> None:
    """Under the launcher and under `tachograph run` there is the list of doors, and no declaration, no engine."""
    launched = launch("python", "-c", LOADED)
    ran = tachograph("run", "--", "python", "-c", LOADED)
    assert (launched.stdout.split(), launched.returncode) == (["tachograph.collect.frameworks"], 0)
    assert (ran.stdout.split(), ran.returncode) == (["tachograph.collect.frameworks"], 0)


@pytest.mark.parametrize("door", sorted({door for doors in DOORS.values() for door in doors}))
def test_a_package_of_the_programs_own_under_the_name_of_a_door_is_left_alone(
    door: str, launch: Run, tmp_path: Path
) -> None:
    """Somebody's own `agents.run` is not the OpenAI Agents SDK: it runs as ever, and without a word of frameworks whose
    name it cannot have by accident."""
    parts = door.split(".")
    for count in range(1, len(parts) + 1):
        folder = tmp_path.joinpath(*parts[:count])
        folder.mkdir()
        (folder / "__init__.py").write_text("here = True\n")
    done = launch("python", "-c", f"import {door}; print({door}.here)")
    assert (done.stdout, done.returncode) == ("True\n", 0)
    assert "Traceback" not in done.stderr
    assert not (parts[0] == "agents" and done.stderr)


def test_a_cancelled_span_of_somebody_elses_is_a_cancellation(launch: Run, tmp_path: Path) -> None:
    """A span that ends while its task is cancelled, and says nothing of it, is recorded as cancelled; one that begins
    and ends while that is being dealt with is not."""
    (tmp_path / "app.py").write_text(
        """
import asyncio
from opentelemetry import trace

tracer = trace.get_tracer("theirs")

async def work():
    try:
        with tracer.start_as_current_span("invoke_agent a", attributes={"gen_ai.operation.name": "invoke_agent"}):
            asyncio.current_task().cancel()
            await asyncio.sleep(60)
    except asyncio.CancelledError:
        with tracer.start_as_current_span("invoke_agent b", attributes={"gen_ai.operation.name": "invoke_agent"}):
            pass

asyncio.run(work())
"""
    )
    launch("python", "app.py")
    told = {span.name: span.attributes.get("dev_agency.outcome") for span in spooled(tmp_path / "home")}
    assert told == {"invoke_agent a": "cancellation", "invoke_agent b": None}
