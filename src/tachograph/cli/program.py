"""The parser, and the one place where errors become a line on standard error and an exit status."""

import argparse
import os
import sys
from collections.abc import Sequence
from types import ModuleType
from typing import NoReturn

import tachograph
from tachograph.cli import agents, demo, errors, export, ingest, rate, recipes, report, review, tools, trace
from tachograph.cli.common import OK, UNREACHABLE, WRONG_USE, Refusal
from tachograph.cli.times import moment
from tachograph.store import StoreError

COMMANDS: dict[str, ModuleType] = {
    "demo": demo,
    "ingest": ingest,
    "report": report,
    "agents": agents,
    "recipes": recipes,
    "tools": tools,
    "errors": errors,
    "export": export,
    "trace": trace,
    "review": review,
    "rate": rate,
}


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        self.exit(WRONG_USE, f"{self.prog}: {message}; see {self.prog} --help\n")


def run(arguments: Sequence[str]) -> int:
    """The exit status: 0 done, 1 the answer is a failure, 2 wrong use, 3 store not reachable."""
    try:
        options = _parser().parse_args(arguments)
        status: int = COMMANDS[options.command].run(options)
        sys.stdout.flush()
        return status
    except Refusal as refusal:
        return _say(str(refusal), refusal.status)
    except StoreError as error:
        return _say(str(error), UNREACHABLE)
    except KeyboardInterrupt:
        return _say("interrupted", 130)
    except BrokenPipeError:  # the reader of a pipe had enough; nothing more can be told it
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return OK


def _say(message: str, status: int) -> int:
    print(f"tachograph: {message}", file=sys.stderr)
    return status


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(prog="tachograph", description=tachograph.__doc__, allow_abbrev=False)
    parser.add_argument("--version", action="version", version=f"tachograph {tachograph.__version__}")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for name, module in COMMANDS.items():
        summary = (module.__doc__ or "").strip().splitlines()[0]
        command = commands.add_parser(name, help=summary, description=summary, allow_abbrev=False)
        module.declare(command)
        _declare_common(command, getattr(module, "FORMATS", ("text", "json")))
    return parser


def _declare_common(command: argparse.ArgumentParser, formats: Sequence[str]) -> None:
    command.add_argument(
        "--format", choices=formats, default=formats[0], help=f"{', '.join(formats)}; the first by default"
    )
    command.add_argument("--store", metavar="URL", help="the store: a path or duckdb:///path")
    command.add_argument("--since", type=moment, metavar="TIME", help="30d, 12h, 2026-11-01 or RFC 3339")
    command.add_argument("--until", type=moment, metavar="TIME", help="the same; not part of the window")
