"""However a process ends, every span that it finished is in the spool, once and whole."""

import json
import signal
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest
from support import clean_environment

START = """
import os, signal, sys
import tachograph
tachograph.install()
def work(name, count=20):
    for number in range(count):
        with tachograph.tool(f"{name}{number}"):
            pass
"""


def names(home: Path) -> Counter[str]:
    """How often each finished span stands in the spool; every line must be a whole one."""
    lines = [line for file in (home / "spool").glob("*.otlp.jsonl") for line in file.read_bytes().splitlines(True)]
    assert all(line.endswith(b"\n") for line in lines)
    requests = [json.loads(line) for line in lines]
    spans = [
        span
        for request in requests
        for resource in request.get("resourceSpans", [])
        for scope in resource["scopeSpans"]
        for span in scope["spans"]
    ]
    assert len({span["spanId"] for span in spans}) == len(spans)
    return Counter(span["name"].removeprefix("execute_tool ") for span in spans)


def tools(*prefixes: str, count: int = 20) -> Counter[str]:
    return Counter(f"{prefix}{number}" for prefix in prefixes for number in range(count))


def run(home: Path, program: str) -> int:
    file = home.parent / "app.py"
    file.write_text(START + program)
    command = [sys.executable, str(file)]
    return subprocess.run(
        command, env=clean_environment(home), timeout=120, check=False, stderr=subprocess.DEVNULL
    ).returncode


ENDS = {
    "SIGTERM": "os.kill(os.getpid(), signal.SIGTERM)",
    "SIGKILL": "os.kill(os.getpid(), signal.SIGKILL)",
    "abort": "os.abort()",
    "os._exit": "os._exit(3)",
    "exit": "sys.exit(3)",
    "exception": "raise ValueError('unhandled')",
    "exec": "os.execv(sys.executable, [sys.executable, '-c', 'raise SystemExit(3)'])",
}
_SIGNALS = {"SIGTERM": -signal.SIGTERM, "SIGKILL": -signal.SIGKILL, "abort": -signal.SIGABRT, "exception": 1}


@pytest.mark.parametrize("end", ENDS)
def test_a_process_that_ends(tmp_path: Path, end: str) -> None:
    """In the middle of an agent, which is not finished where nothing unwinds."""
    code = run(tmp_path / "home", f"with tachograph.agent('open'):\n    work('t')\n    {ENDS[end]}\n")
    assert code == _SIGNALS.get(end, 3)
    unwound = Counter({"invoke_agent open": 1}) if end in ("exit", "exception") else Counter()
    assert names(tmp_path / "home") == tools("t") + unwound


@pytest.mark.parametrize("end", ENDS)
def test_a_forked_child_that_ends(tmp_path: Path, end: str) -> None:
    """Both processes go on, each in a file of its own; what the parent began only the parent ends."""
    program = f"""
with tachograph.agent('open'):
    work('before')
    child = os.fork()
    if not child:
        work('child')
        {ENDS[end]}
    work('parent')
    os.waitpid(child, 0)
"""
    assert run(tmp_path / "home", program) == 0
    assert names(tmp_path / "home") == tools("before", "child", "parent") + Counter({"invoke_agent open": 1})
    assert len(list((tmp_path / "home" / "spool").iterdir())) == 2


def test_a_daemon_ends_what_its_parent_began(tmp_path: Path) -> None:
    """Where the process that began a span is gone, the child's word counts."""
    program = """
reader, writer = os.pipe()
if os.fork():  # stays until the daemon is done, so that the test can wait for it
    os.close(writer)
    os.read(reader, 1)
    os._exit(0)
with tachograph.agent('daemon'):
    begun_by = os.getpid()
    if os.fork():
        os._exit(0)
    while os.getppid() == begun_by:
        pass
    work('child')
"""
    assert run(tmp_path / "home", program) == 0
    assert names(tmp_path / "home") == tools("child") + Counter({"invoke_agent daemon": 1})


@pytest.mark.parametrize("method", ["fork", "spawn"])
def test_processes_of_multiprocessing(tmp_path: Path, method: str) -> None:
    """Four at once, which leave without the interpreter's own end."""
    program = f"""
import multiprocessing
if __name__ == '__main__':
    context = multiprocessing.get_context({method!r})
    children = [context.Process(target=work, args=(f'p{{number}}-',)) for number in range(4)]
    [child.start() for child in children]
    work('parent')
    [child.join() for child in children]
"""
    assert run(tmp_path / "home", program) == 0
    assert names(tmp_path / "home") == tools("p0-", "p1-", "p2-", "p3-", "parent")


def test_threads_and_a_kill(tmp_path: Path) -> None:
    """Eight threads are done, a ninth kills the process."""
    program = """
import threading
threads = [threading.Thread(target=work, args=(f'{number}-', 200)) for number in range(8)]
[thread.start() for thread in threads]
[thread.join() for thread in threads]
threading.Thread(target=os.kill, args=(os.getpid(), signal.SIGKILL)).start()
signal.pause()
"""
    assert run(tmp_path / "home", program) == -signal.SIGKILL
    assert names(tmp_path / "home") == tools(*(f"{number}-" for number in range(8)), count=200)


def test_a_fork_among_threads(tmp_path: Path) -> None:
    """Children are forked while threads write; no child waits for a lock that did not come along."""
    program = """
import threading
threads = [threading.Thread(target=work, args=(f'{number}-', 200)) for number in range(4)]
[thread.start() for thread in threads]
for child in range(10):
    if not os.fork():
        work(f'c{child}-')
        os._exit(0)
[thread.join() for thread in threads]
for child in range(10):
    os.wait()
"""
    assert run(tmp_path / "home", program) == 0
    written = tools(*(f"{number}-" for number in range(4)), count=200) + tools(*(f"c{number}-" for number in range(10)))
    assert names(tmp_path / "home") == written


def test_a_cancelled_task_is_finished(tmp_path: Path) -> None:
    """A cancellation ends the spans that it passes through."""
    program = """
import asyncio
async def task(number):
    with tachograph.tool(f't{number}'):
        await asyncio.Event().wait()
async def main():
    tasks = [asyncio.create_task(task(number)) for number in range(20)]
    await asyncio.sleep(0)
    [task.cancel() for task in tasks]
    await asyncio.gather(*tasks, return_exceptions=True)
    os._exit(0)
asyncio.run(main())
"""
    assert run(tmp_path / "home", program) == 0
    assert names(tmp_path / "home") == tools("t")


def test_eight_processes_at_once(tmp_path: Path) -> None:
    """Into one spool, each killed when it is done."""
    (tmp_path / "app.py").write_text(START + "work(sys.argv[1], 300)\nos.kill(os.getpid(), signal.SIGKILL)\n")
    command = [sys.executable, str(tmp_path / "app.py")]
    environment = clean_environment(tmp_path / "home")
    running = [subprocess.Popen([*command, f"{number}-"], env=environment) for number in range(8)]
    assert {process.wait(timeout=120) for process in running} == {-signal.SIGKILL}
    assert names(tmp_path / "home") == tools(*(f"{number}-" for number in range(8)), count=300)


def test_what_an_exporter_has_no_room_for_waits_in_the_spool(tmp_path: Path) -> None:
    """With nobody listening all spans stay there; that the queue is full is said once, and not with each span."""
    file, home = tmp_path / "app.py", tmp_path / "home"
    file.write_text(START + "work('t', 500)")
    named = {"OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:9", "OTEL_EXPORTER_OTLP_PROTOCOL": "http/protobuf"}
    short = {"OTEL_BSP_MAX_QUEUE_SIZE": "64", "OTEL_BSP_MAX_EXPORT_BATCH_SIZE": "32"}
    done = subprocess.run(
        [sys.executable, str(file)], env=clean_environment(home, **named, **short), capture_output=True, text=True,
        timeout=120, check=True,
    )  # fmt: skip
    assert names(home) == tools("t", count=500)
    assert done.stderr.count("queue is full") == 1, done.stderr
    assert "dropping" not in done.stderr
