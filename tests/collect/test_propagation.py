"""One trace from an agent over shells and commands to what they start, in real processes."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from support import LAUNCHER, Run, clean_environment, spooled

TRACE, SPAN = "0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331"
PARENT = f"00-{TRACE}-{SPAN}-01"

CLI = """
import argparse, subprocess, sys
argparse.ArgumentParser(prog="cli").parse_args()
subprocess.run([sys.executable, "child.py"], check=True)
"""
CHILD = """
import tachograph
with tachograph.tool("innermost"): pass
"""
AGENT = """
import subprocess, tachograph
with tachograph.agent("coder"):
    subprocess.run(["sh", "-c", "python cli.py"], check=True)
"""


def test_agent_shell_command_and_child_are_one_trace(tmp_path: Path, launch: Run) -> None:
    """Each hangs below the one that started it; the shell between them hands the parent on."""
    for name, code in {"agent": AGENT, "cli": CLI, "child": CHILD}.items():
        (tmp_path / f"{name}.py").write_text(code)
    ended = launch("python", "agent.py", TRACEPARENT=PARENT)
    assert (ended.returncode, ended.stderr) == (0, "")
    spans = {span.name: span for span in spooled(tmp_path / "home")}
    agent, cli, tool = spans["invoke_agent coder"], spans["cli"], spans["execute_tool innermost"]
    assert {span.trace for span in spans.values()} == {TRACE}
    assert [agent.parent, cli.parent, tool.parent] == [SPAN, agent.id, cli.id]


SHOW = (
    "import json, os; print(json.dumps({k: os.environ.get(k) for k in ('TRACEPARENT', 'TRACESTATE', 'BAGGAGE', 'X')}))"
)
STARTS = """
import asyncio, json, os, subprocess, sys
import tachograph

tachograph.install()
command = [sys.executable, "show.py"]
before = dict(os.environ)

def said(output): return json.loads(output)

async def with_asyncio():
    process = await asyncio.create_subprocess_exec(*command, stdout=asyncio.subprocess.PIPE)
    return said((await process.communicate())[0])

own = {**before, "X": "1"}
found = {"none": said(subprocess.check_output(command))}
with tachograph.agent("a") as agent:
    context = agent.span.get_span_context()
    found["expected"] = f"00-{context.trace_id:032x}-{context.span_id:016x}"
    found["plain"] = said(subprocess.check_output(command))
    found["env"] = said(subprocess.check_output(command, env=own))
    by_position = (-1, None, None, subprocess.PIPE, None, None, True, False, None, own)
    found["position"] = said(subprocess.Popen(command, *by_position).communicate()[0])
    found["chosen"] = said(subprocess.check_output(command, env={**own, "TRACEPARENT": "mine"}))
    found["asyncio"] = asyncio.run(with_asyncio())
    found["popen"] = said(os.popen(f"{sys.executable} show.py").read())
found["unchanged"] = dict(os.environ) == before and own == {**before, "X": "1"}
print(json.dumps(found))
"""


def start(tmp_path: Path, **variables: str) -> dict:  # type: ignore[type-arg]
    (tmp_path / "show.py").write_text(SHOW)
    ended = subprocess.run(
        [sys.executable, "-c", STARTS],
        cwd=tmp_path,
        env=clean_environment(tmp_path / "home", **variables),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert ended.returncode == 0, ended.stderr
    return json.loads(ended.stdout)


def test_every_way_to_start_a_child_hands_the_span_on(tmp_path: Path) -> None:
    """Over subprocess, asyncio and os.popen, in a copy of the environment; a parent that the program chose stays."""
    found = start(tmp_path)
    assert found["none"]["TRACEPARENT"] is None
    for way in ("plain", "env", "position", "asyncio", "popen"):
        assert found[way]["TRACEPARENT"].startswith(found["expected"]), way
    assert found["env"]["X"] == found["position"]["X"] == "1"
    assert found["chosen"]["TRACEPARENT"] == "mine"
    assert found["unchanged"]


def test_a_callers_trace_state_and_baggage_go_on(tmp_path: Path) -> None:
    """All three variables; a child that starts outside any span of ours hangs under the caller's."""
    found = start(tmp_path, TRACEPARENT=PARENT, TRACESTATE="vendor=1", BAGGAGE="user=me")
    assert found["none"]["TRACEPARENT"] == PARENT
    assert found["expected"].startswith(f"00-{TRACE}-")
    assert (found["plain"]["TRACESTATE"], found["plain"]["BAGGAGE"]) == ("vendor=1", "user=me")


@pytest.mark.parametrize(
    "parent", ["", "nonsense", "00-" + "0" * 32 + "-" + "0" * 16 + "-01", "ff-1-2-3", "00-" + "g" * 32]
)
def test_a_malformed_parent_is_ignored(tmp_path: Path, parent: str) -> None:
    """A new trace begins, and the children get that one."""
    found = start(tmp_path, TRACEPARENT=parent)
    assert found["plain"]["TRACEPARENT"].startswith(found["expected"])
    assert spooled(tmp_path / "home")[0].parent == ""


THREAD = """
import threading, tachograph
def work():
    with tachograph.tool("in a thread"): pass
thread = threading.Thread(target=work)
thread.start(); thread.join()
"""


def test_roots_in_threads_join_the_caller_too(tmp_path: Path, launch: Run) -> None:
    """Threads begin with an empty context."""
    (tmp_path / "app.py").write_text(THREAD)
    launch("python", "app.py", TRACEPARENT=PARENT)
    (span,) = spooled(tmp_path / "home")
    assert (span.trace, span.parent) == (TRACE, SPAN)


def test_a_program_without_spans_starts_children_as_ever(tmp_path: Path) -> None:
    """No variable appears from nowhere."""
    (tmp_path / "show.py").write_text(SHOW)
    code = "import subprocess, sys; subprocess.run([sys.executable, 'show.py'])"
    environment = clean_environment(tmp_path / "home")
    ended = subprocess.run(
        [LAUNCHER, sys.executable, "-c", code],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )
    assert json.loads(ended.stdout) == dict.fromkeys(("TRACEPARENT", "TRACESTATE", "BAGGAGE", "X"))
    assert "TRACEPARENT" not in os.environ
