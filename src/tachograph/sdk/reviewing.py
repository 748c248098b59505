"""After an agent has returned, another process reviews what it produced: here it is only asked for.

A request is a file that is written before that process is started and removed when its scores are written, so that
neither the end of this process nor of the other one loses it; `tachograph assess --pending` takes up what was left.
"""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from tachograph import vocabulary as v
from tachograph.guard import harmless
from tachograph.semantics import roles
from tachograph.semantics.ended import Ended
from tachograph.settings import Settings

_running: list["subprocess.Popen[bytes]"] = []


class Reviewing:
    """Asks for a review of each span of the agents that the settings name."""

    def __init__(self, configured: Settings) -> None:
        self._folder = configured.requests_folder
        self._wanted = configured.review

    @harmless
    def __call__(self, ended: Ended) -> None:
        wanted = self._wanted
        if wanted is None or ended.role != roles.AGENT or not wanted.includes(ended.component):
            return
        request = {**_ids(ended), **wanted.order()}
        _start(_written(self._folder, request))


def _ids(ended: Ended) -> dict[str, str]:
    context = ended.span.context
    span_id = format(context.span_id, "016x")
    return {
        "trace_id": format(context.trace_id, "032x"),
        "span_id": span_id,
        "execution_id": str(ended.attributes.get(v.EXECUTION_ID) or span_id),
        "role": ended.role,
        "name": ended.component,
    }


def _written(folder: Path, request: dict[str, Any]) -> Path:
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    file = folder / f"{request['trace_id']}-{request['span_id']}.json"
    fresh = file.with_suffix(".new")
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as stream:
        json.dump(request, stream)
    fresh.replace(file)
    return file


def _start(file: Path) -> None:
    """Start the review in a session of its own, which the end of this process, or Ctrl-C, does not reach."""
    _running[:] = [process for process in _running if process.poll() is None]
    program = [sys.executable, "-m", "tachograph", "assess", "--request", os.fspath(file)]
    with file.with_suffix(".log").open("ab") as log:
        process = subprocess.Popen(
            program,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=log,
            cwd=file.parent,
            env=_environment(),
            start_new_session=True,
        )
    _running.append(process)  # kept, for one that is forgotten while it runs is complained about


def _environment() -> dict[str, str]:
    """Without what would make the review a part of the trace that it is about."""
    ours = ("OTEL_", "TRACEPARENT", "TRACESTATE", "BAGGAGE")
    return {name: value for name, value in os.environ.items() if not name.startswith(ours)}
