"""Runs a program of a framework in its environment, and what is held against each other afterwards."""

import json
import os
import subprocess
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from environments import Environment
from model_server import ModelServer
from support import COMMAND, Span, clean_environment, plain, spooled

__all__ = ["Clocked", "Ran", "figures", "plain", "run", "seen"]

PROGRAMS = Path(__file__).with_name("programs")
UNITS = {"invoke_agent": "agent", "invoke_workflow": "recipe", "execute_tool": "tool", "chat": "model"}
NAMES = {"agent": "gen_ai.agent.name", "recipe": "gen_ai.workflow.name", "tool": "gen_ai.tool.name"}


@dataclass(frozen=True)
class Clocked:
    """A unit as the program's own clock, or a span, has it."""

    role: str
    name: str
    outcome: str
    start: int
    end: int


@dataclass(frozen=True)
class Ran:
    """A program that has ended: what its clock said, what it wrote to standard error, and where its spool lies."""

    clock: list[Clocked]
    stderr: str
    home: Path

    @property
    def spans(self) -> list[Span]:
        return spooled(self.home)


def run(
    environment: Environment,
    program: str,
    model: ModelServer,
    home: Path,
    path: tuple[Path, ...],
    *arguments: str,
    launcher: str = "opentelemetry-instrument",
    **variables: str,
) -> Ran:
    """Runs `programs/{program}.py` to its end, under the launcher or `tachograph run`."""
    folder = environment.python.parent
    search = os.pathsep.join(map(str, (*path, PROGRAMS)))
    settings = clean_environment(home, PYTHONPATH=search, OTEL_SDK_DISABLED="false", **SILENCE, **variables)
    under = {"opentelemetry-instrument": [folder / "opentelemetry-instrument"], "tachograph": [*TACHOGRAPH]}[launcher]
    under = [environment.python if part == "python" else part for part in under]
    done = subprocess.run(
        [*under, environment.python, PROGRAMS / f"{program}.py", model.url, *arguments],
        env={**settings, "PATH": f"{folder}{os.pathsep}{settings['PATH']}"},
        cwd=home.parent,
        capture_output=True,
        text=True,
        timeout=120,
        stdin=subprocess.DEVNULL,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    lines = [line for line in done.stdout.splitlines() if line.startswith('{"role"')]
    return Ran([Clocked(**json.loads(line)) for line in lines], done.stderr, home)


TACHOGRAPH = ("python", "-m", "tachograph", "run", "--")
SILENCE = {"CREWAI_DISABLE_TELEMETRY": "true", "OPENAI_AGENTS_DISABLE_TRACING": "1", "OPENAI_API_KEY": "none"}


def seen(ran: Ran) -> list[Clocked]:
    """The units that the spans tell of, by start."""
    found = [unit for span in ran.spans if (unit := _unit(span))]
    return sorted(found, key=lambda unit: unit.start)


def _unit(span: Span) -> Clocked | None:
    role = UNITS.get(str(span.attributes.get("gen_ai.operation.name")))
    if role is None and span.name == f"step {span.attributes.get('dev_agency.step.name')}":
        role = "step"
    if role is None or role == "model":
        return None
    name = span.attributes.get(NAMES[role]) if role in NAMES else span.attributes["dev_agency.step.name"]
    failed = "failure" if span.status.get("code") == 2 else "success"
    return Clocked(role, str(name), str(span.attributes.get("dev_agency.outcome", failed)), span.start, span.end)


def counted(units: list[Clocked]) -> Counter[tuple[str, str, str]]:
    """How often which unit ended how."""
    return Counter((unit.role, unit.name, unit.outcome) for unit in units)


def figures(ran: Ran) -> dict[str, list[dict[str, Any]]]:
    """What `tachograph agents`, `recipes` and `tools` say of it, without what time alone decides."""
    settings = clean_environment(ran.home)
    subprocess.run([COMMAND, "ingest"], env=settings, check=True, capture_output=True, timeout=120)
    return {what: _asked(what, settings) for what in ("agents", "recipes", "tools")}


def _asked(what: str, settings: dict[str, str]) -> list[dict[str, Any]]:
    command = [COMMAND, what, "--format", "json"]
    done = subprocess.run(command, env=settings, check=True, capture_output=True, text=True, timeout=120)
    answer: list[dict[str, Any]] = json.loads(done.stdout)
    return [_timeless(entry) for entry in answer]


def _timeless(value: Any) -> Any:
    """The same without durations and dates, which no two runs share."""
    if isinstance(value, list):
        return [_timeless(item) for item in value]
    if not isinstance(value, dict):
        return value
    timed = ("duration", "_ms", "date", "median_gap")
    return {key: _timeless(item) for key, item in value.items() if not any(part in key for part in timed)}
