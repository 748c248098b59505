"""Programs that parse their arguments with argparse: one span for the process, named by the subcommands it chose."""

import argparse
import sys
from contextvars import ContextVar
from functools import lru_cache
from pathlib import Path
from types import FrameType, ModuleType
from typing import Any

import wrapt

from tachograph import settings
from tachograph.collect import commands
from tachograph.collect.commands import Command, Part
from tachograph.guard import harmless

_SUBCOMMANDS = argparse._SubParsersAction


@lru_cache(maxsize=1)
def _libraries() -> tuple[str, ...]:
    import sysconfig  # takes longer to load than most programs have options

    return tuple(sysconfig.get_path(name) for name in ("stdlib", "purelib", "platlib"))


class _Parse:
    """The outermost parse that is going on, with the subcommands chosen so far."""

    def __init__(self, command: Command, program: str) -> None:
        self._part = Part(command)
        self._program = program
        self._path: list[str] = []
        self.name()

    def name(self) -> None:
        self._part.name(self._program, self._path)

    def take(self, action: argparse.Action, values: Any) -> None:
        if isinstance(action, _SUBCOMMANDS):
            self._path.append(_canonical(action, values[0]))
            self.name()
        elif action.option_strings and not isinstance(action, argparse.BooleanOptionalAction):
            self.use(max(action.option_strings, key=len))
        if not isinstance(action, _SUBCOMMANDS):
            self._part.command.hide(action.option_strings or [action.dest], [values])

    def use(self, option: str) -> None:
        self._part.command.use([option])


# None outside; False inside a parse that is no business of ours.
_parse: ContextVar[_Parse | bool | None] = ContextVar("tachograph_argparse", default=None)


@harmless
def wrap_parser(_: ModuleType) -> None:
    """Wrap the parse of a program's arguments."""
    for method in ("parse_known_args", "parse_known_intermixed_args"):
        wrapt.wrap_function_wrapper(argparse, f"ArgumentParser.{method}", _parsing)
    wrapt.wrap_function_wrapper(argparse, "ArgumentParser._get_values", _get_values)
    wrapt.wrap_function_wrapper(argparse, "BooleanOptionalAction.__call__", _switch)


def _parsing(wrapped: Any, instance: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    if _parse.get() is not None:  # a subparser
        return wrapped(*args, **kwargs)
    token = _parse.set(_begun(instance, kwargs.get("args", args[0] if args else None)) or False)
    try:
        return wrapped(*args, **kwargs)
    finally:
        _parse.reset(token)


@harmless
def _begun(parser: argparse.ArgumentParser, arguments: Any) -> _Parse | None:
    given = None if arguments is None else list(arguments)
    if settings.is_completion() or not commands.is_the_programs(given):
        return None
    command = commands.running()
    if command is None and not _is_the_program(given):
        return None
    return _Parse(command or commands.begin_for_process(), parser.prog)


def _is_the_program(arguments: list[str] | None) -> bool:
    """Whether the program itself parses, rather than a library for its own ends."""
    frame = _outside_argparse()
    is_own = frame is not None and _is_of_the_program(frame)
    says_so = arguments is None or bool(arguments) or not sys.argv[1:]
    return commands.may_begin() and is_own and says_so


def _outside_argparse() -> FrameType | None:
    """Who called the parser, beyond wrappers and argparse itself."""
    frame: FrameType | None = sys._getframe()
    while frame is not None and _package(frame) in ("argparse", "tachograph", "wrapt"):
        frame = frame.f_back
    return frame


def _package(frame: FrameType) -> str:
    return str(frame.f_globals.get("__name__", "")).split(".")[0]


def _is_of_the_program(frame: FrameType) -> bool:
    """Whether the code is the started module, of its package, or a file that no library holds."""
    package = getattr(sys.modules.get("__main__"), "__package__", None) or "__main__"
    if _package(frame) in ("__main__", package.split(".")[0]):
        return True
    file = str(Path(frame.f_code.co_filename).resolve())
    return not file.startswith(_libraries()) and "site-packages" not in file


def _get_values(wrapped: Any, instance: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    # argparse asks here for the value of each action that it takes, with abbreviations resolved.
    values = wrapped(*args, **kwargs)
    _take(args[0] if args else kwargs.get("action"), values)
    return values


@harmless
def _take(action: Any, values: Any) -> None:
    parse = _parse.get()
    if isinstance(parse, _Parse):
        parse.take(action, values)


def _switch(wrapped: Any, instance: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    _take_switch(args[3] if len(args) > 3 else kwargs.get("option_string"))
    return wrapped(*args, **kwargs)


@harmless
def _take_switch(option: str | None) -> None:
    """Of `--color` and `--no-color`, which are one action, the one that was given."""
    parse = _parse.get()
    if isinstance(parse, _Parse) and option:
        parse.use(option)


def _canonical(action: Any, chosen: str) -> str:
    """The name of a subcommand that was called by an alias."""
    parser = action.choices[chosen]
    return next((str(name) for name, other in action.choices.items() if other is parser), str(chosen))
