"""Runs a program of a framework in its environment, and what is held against each other afterwards."""

import json
import os
import subprocess
import sys
from collections import Counter
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from cases import Case
from environments import Environment
from model_server import Asked, ModelServer
from support import Span, clean_environment, spooled

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
    clock = home.with_name("clock.jsonl")
    settings = clean_environment(home, PYTHONPATH=search, CLOCK=str(clock), **{**SILENCE, **variables})
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
    lines = clock.read_text().splitlines()
    return Ran([Clocked(**json.loads(line)) for line in lines], done.stderr, home)


TACHOGRAPH = ("python", "-m", "tachograph", "run", "--")
SILENCE = {
    "CREWAI_DISABLE_TELEMETRY": "true",
    "CREWAI_TRACING_ENABLED": "false",
    "OPENAI_API_KEY": "none",
    # Programs switch on whose instrumentation they are about.
    "OTEL_PYTHON_DISABLED_INSTRUMENTATIONS": "openai_agents,langchain,crewai,llama_index,llama-index,smolagents",
}


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
    answers = ("agents", "recipes", "tools")
    commands = [["ingest"], *([what, "--format", "json"] for what in answers)]
    done = subprocess.run(
        [sys.executable, "-c", _COMMANDS, json.dumps(commands)],
        env=clean_environment(ran.home),
        check=True,
        capture_output=True,
        text=True,
        timeout=120,
    )
    told = [json.loads(line) for line in done.stdout.split("\0")[1:-1]]
    return {what: [_timeless(entry) for entry in entries] for what, entries in zip(answers, told, strict=True)}


# In one process, for on a loaded machine each takes a second to start.
_COMMANDS = """
import json, sys
from tachograph.cli import main
for command in json.loads(sys.argv[1]):
    sys.argv[1:] = command
    try:
        status = main()
    except SystemExit as exit:
        status = exit.code
    assert not status, command
    print(end="\\0")
"""


def _timeless(value: Any) -> Any:
    """The same without durations and dates, which no two runs share."""
    if isinstance(value, list):
        return [_timeless(item) for item in value]
    if not isinstance(value, dict):
        return value
    timed = ("duration", "_ms", "date", "median_gap")
    return {key: _timeless(item) for key, item in value.items() if not any(part in key for part in timed)}


@dataclass(frozen=True)
class Work:
    """A framework's program after it ran under the launcher, and what the model saw of it."""

    case: Case
    ran: Ran
    asked: list[Asked]
    tokens: dict[str, int]

    @cached_property
    def figures(self) -> dict[str, list[dict[str, Any]]]:
        """What `tachograph` says of it."""
        return figures(self.ran)
