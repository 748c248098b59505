"""The parser, and the one place where errors become a line on standard error and an exit status."""

import argparse
import os
import sys
from collections.abc import Sequence
from importlib import import_module
from types import ModuleType
from typing import Any, NoReturn

import tachograph
from tachograph.cli.common import OK, UNREACHABLE, WRONG_USE, Refusal
from tachograph.cli.times import moment

# Each is a module of this package, loaded when it is asked for.
COMMANDS = (
    "demo",
    "run",
    "ingest",
    "report",
    "agents",
    "recipes",
    "tools",
    "errors",
    "bottlenecks",
    "compare",
    "recommend",
    "what-if",
    "apply",
    "verify",
    "trace",
    "assess",
    "review",
    "rate",
    "export",
    "ship",
    "receive",
    "doctor",
)


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        self.exit(WRONG_USE, f"{self.prog}: {message}; see {self.prog} --help\n")


def run(arguments: Sequence[str]) -> int:
    """The exit status: 0 done, 1 the answer is a failure, 2 wrong use, 3 store not reachable."""
    try:
        own, of_the_child = _split(arguments)
        options = _parser(_asked_for(own)).parse_args(own)
        options.child = of_the_child
        status: int = _module(options.command).run(options)
        sys.stdout.flush()
        return status
    except Refusal as refusal:
        return _say(str(refusal), refusal.status)
    except KeyboardInterrupt:
        return _say("interrupted", 130)
    except BrokenPipeError:  # the reader of a pipe had enough; nothing more can be told it
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return OK
    except Exception as error:
        if _is_of_the_store(error):
            return _say(str(error), WRONG_USE if getattr(error, "is_wrong_use", False) else UNREACHABLE)
        raise


def _is_of_the_store(error: Exception) -> bool:
    """Whether the store says that it cannot answer; it is not loaded where nobody asked it."""
    store = sys.modules.get("tachograph.store")
    return store is not None and isinstance(error, store.StoreError)


def _split(arguments: Sequence[str]) -> tuple[list[str], list[str] | None]:
    """Our own arguments, and those after `--` of a command that runs another program."""
    given = list(arguments)
    if given[:1] != ["run"] or "--" not in given:
        return given, None
    border = given.index("--")
    return given[:border], given[border + 1 :]


def _asked_for(arguments: Sequence[str]) -> tuple[str, ...]:
    """The commands that have to be loaded: the one that is named, all of them for their summaries."""
    named = tuple(argument for argument in arguments[:1] if argument in COMMANDS)
    return named or COMMANDS


def _module(command: str) -> ModuleType:
    return import_module(f"tachograph.cli.{command.replace('-', '_')}")


def _say(message: str, status: int) -> int:
    print(f"tachograph: {message}", file=sys.stderr)
    return status


def _parser(asked_for: Sequence[str]) -> argparse.ArgumentParser:
    parser = _Parser(prog="tachograph", description=tachograph.__doc__, allow_abbrev=False)
    parser.add_argument("--version", action="version", version=f"tachograph {tachograph.__version__}")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for name in COMMANDS:
        if name in asked_for:
            _declare(commands, name, _module(name))
        else:
            commands.add_parser(name)
    return parser


def _declare(commands: Any, name: str, module: ModuleType) -> None:
    summary = (module.__doc__ or "").strip().splitlines()[0]
    command = commands.add_parser(name, help=summary, description=summary, allow_abbrev=False)
    module.declare(command)
    if getattr(module, "READS", True):
        _declare_common(command, getattr(module, "FORMATS", ("text", "json")))


def _declare_common(command: argparse.ArgumentParser, formats: Sequence[str]) -> None:
    known = f"{', '.join(formats)}; the first by default"
    command.add_argument("--format", choices=formats, default=formats[0], help=known)
    command.add_argument("--store", metavar="URL", help="the store: a path or duckdb:///path")
    command.add_argument("--since", type=moment, metavar="TIME", help="30d, 12h, 2026-11-01 or RFC 3339")
    command.add_argument("--until", type=moment, metavar="TIME", help="the same; not part of the window")
