"""A plugin of pytest that writes down how tests went, what they covered and what work they caused.

It is loaded by name inside a containment and imports nothing of tachograph. `TACHOGRAPH_PROBE` holds JSON: `results`
(the file to write to, a JSON object a line), `folder` (of the code), `tests` (a regular expression of paths that hold
tests), `cover` and `work` (what else is asked for). Lines are written at once, for a test may end the process.
"""

import json
import os
import random
import re
import sys
import threading
import time
from collections.abc import Iterator
from importlib.util import find_spec
from types import CodeType, FrameType
from typing import Any

import pytest

_ORDERS: dict[str, Any] = json.loads(os.environ.get("TACHOGRAPH_PROBE") or "{}")
_FOLDER = _ORDERS.get("folder", "") + os.sep
_TESTS = re.compile(_ORDERS.get("tests", "$^"))
_ADDRESS = re.compile(r"0x[0-9a-fA-F]+")


def _note(**record: Any) -> None:
    if "results" in _ORDERS:
        with open(_ORDERS["results"], "a", encoding="utf-8") as stream:
            stream.write(json.dumps(record) + "\n")


def _is_judged(file: str) -> bool:
    """Whether a file is code of the project, and no test."""
    return file.startswith(_FOLDER) and not _TESTS.search(file[len(_FOLDER) :])


class _Work:
    """Counts what of the project's code is run: a measure of work that does not depend on the machine.

    A line that is run counts as many units as it has of bytecode, so that one that does next to nothing adds little.
    """

    def __init__(self) -> None:
        self.units = 0
        self._tracers: dict[CodeType, Any] = {}

    def begin(self) -> None:
        self.units = 0
        threading.settrace(self._called)
        sys.settrace(self._called)

    def end(self) -> int:
        sys.settrace(None)
        threading.settrace(None)
        return self.units

    def _called(self, frame: FrameType, event: str, argument: Any) -> Any:
        code = frame.f_code
        if code not in self._tracers:
            self._tracers[code] = self._tracer(code) if _is_judged(os.path.abspath(code.co_filename)) else None
        return self._tracers[code]

    def _tracer(self, code: CodeType) -> Any:
        units: dict[int, int] = {}
        for start, end, line in code.co_lines():
            if line is not None:
                units[line] = units.get(line, 0) + (end - start) // 2

        def went_on(frame: FrameType, event: str, argument: Any) -> Any:
            if event == "line":
                self.units += units.get(frame.f_lineno, 0)
            return went_on

        return went_on


_work = _Work() if _ORDERS.get("work") else None
_coverage: Any = None
if _ORDERS.get("cover") and find_spec("coverage"):
    import coverage

    _coverage = coverage.Coverage(data_file=None, config_file=False, source=[_FOLDER])
    _coverage.start()


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Iterator[None]:
    random.seed(0)
    start = time.process_time()
    if _work:
        _work.begin()
    yield
    work = _work.end() if _work else None
    _note(test=_named(item.nodeid), cpu=time.process_time() - start, work=work)


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    if report.when == "call" or report.failed or (report.skipped and report.when == "setup"):
        _note(test=_named(report.nodeid), outcome=report.outcome, when=report.when, **_why(report))


def pytest_collectreport(report: pytest.CollectReport) -> None:
    if report.failed:
        _note(collecting=report.nodeid, **_why(report))


def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    if _coverage:
        _coverage.stop()
        for file in _coverage.get_data().measured_files():
            _cover(file)
    _note(finished=int(exitstatus))


def _cover(file: str) -> None:
    if not _is_judged(file):
        return
    try:
        _, statements, _, missing, _ = _coverage.analysis2(file)
    except coverage.CoverageException:  # what cannot be read or parsed was not covered either
        return
    _note(covered=file[len(_FOLDER) :], statements=statements, missing=missing)


def _why(report: Any) -> dict[str, Any]:
    if report.outcome == "passed":
        return {}
    crash = getattr(report.longrepr, "reprcrash", None)
    text = crash.message if crash else str(report.longrepr)
    place = {"file": crash.path, "line": crash.lineno} if crash else {}
    return {"why": text[-1500:], **place}


def _named(nodeid: str) -> str:
    return _ADDRESS.sub("0x", nodeid)
