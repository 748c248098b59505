"""Run any program as one command: same output, exit status and signals; spans of the program attach to it."""

import argparse
import os

import tachograph
from tachograph import environment
from tachograph import vocabulary as v
from tachograph.cli.common import WRONG_USE, Refusal
from tachograph.collect import propagation, told
from tachograph.collect.execution import UNITS, Execution
from tachograph.guard import harmless
from tachograph.quick import runner, spawning

READS = False  # it takes no store and no window


def declare(parser: argparse.ArgumentParser) -> None:
    parser.usage = "tachograph run -- CMD ARG…"


def run(options: argparse.Namespace) -> int:
    """With the SDK, which takes longer to load: for commands whose span goes elsewhere than to the spool, too."""
    command: list[str] = options.child or []
    if not command:
        raise Refusal("say what to run after two dashes: tachograph run -- CMD ARG…", WRONG_USE)
    harmless(tachograph.install)()
    execution = Execution(UNITS["command"], os.path.basename(command[0]))  # noqa: PTH119
    offered = told.offer(environment.home())
    execution.start()
    execution.enter()
    try:
        handed_on = propagation.handed_on(None) or dict(os.environ)
        code = spawning.run(command, runner.with_hook(handed_on, offered))
    finally:
        execution.leave()
    _end(execution, runner.Ending(command, code, told.read(offered)))
    return spawning.OF_SIGNAL - code if code < 0 else code


@harmless
def _end(execution: Execution, ending: runner.Ending) -> None:
    execution.rename(ending.name)
    execution.set({**ending.attributes, v.PROCESS_ID: os.getpid()})
    if ending.error:
        kind, message = ending.error
        execution.outcome(ending.outcome, kind)
        execution.said = lambda _: message
    execution.stop(SystemExit(ending.status))
