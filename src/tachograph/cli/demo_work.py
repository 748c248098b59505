"""The part of the demo that assesses what the sample agency produced: the issue as it was, the work, and who did it."""

import json
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tachograph.store import open_store

_GIT = ("git", "-c", "user.name=agency", "-c", "user.email=agency@localhost", "-c", "commit.gpgsign=false")
_PREPARE = """
import sys
from pathlib import Path
from agency.workspace import load_issue, prepared_task
with prepared_task(load_issue(sys.argv[1]), Path(sys.argv[2])):
    pass
"""


@dataclass(frozen=True, slots=True)
class Kept:
    """A job whose workspace was kept, and when it ran (ns)."""

    issue: str
    work: Path
    start_ns: int
    end_ns: int


def prepare(job: tuple[str, ...], folder: Path, environment: dict[str, str], agency: Path) -> Path:
    """Where the job is to work; beside it, where there is git, the issue as it is handed out, as a commit."""
    work = folder / job[-1]
    folder.mkdir(parents=True, exist_ok=True)
    if shutil.which("git"):
        base = _base(work)
        command = [sys.executable, "-c", _PREPARE, job[-1], os.fspath(base)]
        subprocess.run(command, env=environment, cwd=agency, check=True, capture_output=True)
        for step in (("init", "-q"), ("add", "-A"), ("commit", "-q", "-m", "the issue")):
            subprocess.run([*_GIT, *step], cwd=base, check=True, capture_output=True)
    return work


def assess(kept: list[Kept], home: Path, environment: dict[str, str]) -> None:
    """Assess the coder's work on each job that was kept; what was found is recorded with the execution of the coder."""
    for job in kept:
        coder = _coder(home, job)
        if coder is None or not job.work.is_dir():
            continue
        folder, options = job.work, []
        if _base(job.work).is_dir():
            folder, options = _base(job.work), ["--base", "HEAD"]
            shutil.copytree(job.work, folder, dirs_exist_ok=True)
        command = [sys.executable, "-m", "tachograph", "assess", os.fspath(folder), "--execution", coder, *options]
        ended = subprocess.run(
            [*command, "--format", "json"], env=environment, stdout=subprocess.PIPE, text=True, check=True
        )
        print(f"  assessed {job.issue:6} {_said(json.loads(ended.stdout))}", file=sys.stderr, flush=True)


def _base(work: Path) -> Path:
    return work.with_name(f"{work.name}.base")


def _coder(home: Path, job: Kept) -> str | None:
    """The span of the coder's last run within the job."""
    with open_store(home / "store.duckdb", read_only=True) as store:
        rows = store.query("events", since=job.start_ns, until=job.end_ns)
    found = [row["span_id"] for row in rows if row["role"] == "agent" and row["name"] == "coder"]
    return found[-1] if found else None


def _said(made: dict[str, Any]) -> str:
    scores = [f"{name.replace('_', ' ')} {_number(score)}" for name, score in made["scores"].items()]
    return f"overall {_number(made['overall_score'])}: {', '.join(scores)}"


def _number(score: float | None) -> str:
    return "–" if score is None else f"{score:.1f}"
