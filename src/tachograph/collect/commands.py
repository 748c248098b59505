"""What all command-line libraries have in common: one span a command, its name, its options, its real exit status."""

import atexit
import os
import re
import sys
import threading
from collections.abc import Callable, Iterable, Sequence
from contextvars import ContextVar
from pathlib import Path
from typing import Any

from tachograph import redaction, settings
from tachograph import vocabulary as v
from tachograph.collect import told
from tachograph.collect.execution import UNITS, Execution, exit_code
from tachograph.collect.exit_status import ExitWatch
from tachograph.collect.telling import Telling
from tachograph.guard import harmless

INTERRUPTED = 130  # what shells say of a program that Ctrl-C ended

_TELLING = 3  # characters; shorter arguments say nothing, and would take all messages apart

_MOST_VALUES = 1_000  # of options that are remembered, to be kept out of messages

_OWN = "tachograph"  # our own command line is not part of what it measures
_MODULE = re.compile(r"(?:\S*/)?python\S* -m (\S+)")


class Command:
    """The running command. Each library that has a part in it adds what it knows."""

    def __init__(self, program: str, is_the_process: bool = False) -> None:
        self.path: tuple[str, ...] = ()
        self.owner: Any = None  # the object of a library that runs it, so that it does not begin twice
        self._program = program
        self._is_guess = True
        self._interrupted = False
        self._options: dict[str, None] = {}
        self._process = os.getpid()
        self._ended = False
        self._execution = _execution(program, self._process, is_the_process)
        self._execution.said = self._said
        self._values: set[str] = set()

    @property
    def is_running(self) -> bool:
        """Not in a fork of the process that began it."""
        return not self._ended and self._process == os.getpid()

    def begin(self) -> None:
        self._execution.start()
        self._execution.enter()

    def name(self, program: str | None, path: tuple[str, ...]) -> None:
        """The subcommands so far; the program's name from the first library that says one."""
        if program and self._is_guess:
            self._program, self._is_guess = _without_interpreter(program), False
            self._execution.set({v.EXECUTABLE_NAME: self._program})
        self.path = path
        self._execution.rename(" ".join((self._program, *path)))

    def use(self, options: Iterable[str]) -> None:
        """Names of options that were given, never their values."""
        self._options.update(dict.fromkeys(options))
        if self._options:
            self._execution.set({v.COMMAND_OPTIONS: list(self._options)})

    def hide(self, options: Iterable[str], values: Iterable[Any]) -> None:
        """Values of options never leave with this command's message; those of secret options with nothing at all."""
        texts = [text for value in values for text in _texts(value)]
        if len(self._values) < _MOST_VALUES:
            self._values.update(texts)
        if any(redaction.is_secret(option.lstrip("-")) for option in options):
            redaction.hide(texts)

    def _said(self, message: str) -> str:
        return _without_arguments(message, self._values)

    def meet(self, error: BaseException) -> None:
        """Remember a Ctrl-C on its way to a library that makes a plain exit of it."""
        self._interrupted = self._interrupted or _was_interrupted(error)

    def leave(self) -> None:
        self._execution.leave()

    def end(self, error: BaseException | None) -> None:
        """End with what the program was left with."""
        if not self.is_running:
            return
        self._ended = True
        code = status(error)
        self._execution.set({v.EXIT_CODE: code})
        if code == INTERRUPTED or (code and (self._interrupted or _was_interrupted(error))):
            self._execution.outcome("cancellation", "KeyboardInterrupt")
        self._execution.stop(error)


def _execution(program: str, process: int, is_the_process: bool) -> Execution | Telling:
    """The command's span; where `tachograph run` has it already, what tells it the facts."""
    file = told.wanted() if is_the_process else None
    if file:
        return Telling(program, file)
    return Execution(UNITS["command"], program, {v.EXECUTABLE_NAME: program, v.PROCESS_ID: process})


class Part:
    """What one library knows of a command: its subcommands stand behind those of the library that called it."""

    def __init__(self, command: Command) -> None:
        self.command = command
        self._outer = command.path

    def name(self, program: str | None, path: Sequence[str]) -> None:
        own = tuple(path)
        said_before = bool(own) and self._outer[-len(own) :] == own
        self.command.name(program, self._outer if said_before else (*self._outer, *own))


_running: ContextVar[Command | None] = ContextVar("tachograph_command", default=None)
_of_the_process: list[Command] = []


def running() -> Command | None:
    """The command that the calling code is part of."""
    command = _running.get() or (_of_the_process[-1] if _of_the_process else None)
    return command if command and command.is_running else None


def during(command: Command | None, call: Callable[[], Any], result_is_status: bool = False) -> Any:
    """Make `call` as `command`, which ends with it."""
    token = _running.set(command)
    _begin(command)
    try:
        result = call()
    except BaseException as error:
        _running.reset(token)
        _end(command, error)
        raise
    _running.reset(token)
    _end(command, SystemExit(result) if result_is_status else None)
    return result


@harmless
def _begin(command: Command | None) -> None:
    if command is not None:
        command.begin()


@harmless
def _end(command: Command | None, error: BaseException | None) -> None:
    if command is not None:
        command.leave()
        command.end(error)


def begin_for_process() -> Command:
    """A command that ends when this process does, with the status that it really has."""
    command = Command(program_name(), is_the_process=True)
    watch = ExitWatch()
    command.begin()
    _of_the_process.append(command)
    atexit.register(harmless(lambda: command.end(watch.error)))
    return command


def status(error: BaseException | None) -> int:
    """The exit status of a program that is left with `error`."""
    if isinstance(error, SystemExit):
        return exit_code(error)
    if isinstance(error, KeyboardInterrupt):
        return INTERRUPTED
    return 0 if error is None else 1


def _was_interrupted(error: BaseException | None) -> bool:
    """Whether it stands for a Ctrl-C, which libraries turn into an exit of their own."""
    seen = 0
    while error is not None and seen < 20:
        if isinstance(error, KeyboardInterrupt):
            return True
        error, seen = error.__cause__ or error.__context__, seen + 1
    return False


def _texts(value: Any, depth: int = 3) -> list[str]:
    """The value of an option as the program may say it; several values one by one."""
    if isinstance(value, list | tuple | set) and depth:
        return [text for item in value for text in _texts(item, depth - 1)]
    return [] if value is None or isinstance(value, bool) else [str(value)]


def _without_arguments(message: str, values: Iterable[str]) -> str:
    """A message that repeats neither what the user typed nor where the user's files are."""
    typed = {value for argument in sys.argv[1:] for value in (argument, argument.partition("=")[2])} | set(values)
    spelled = typed | {repr(value)[1:-1] for value in typed}
    for value in sorted((value for value in spelled if len(value) >= _TELLING), key=len, reverse=True):
        message = message.replace(value, "…")
    return settings.without_user_home(message)


def program_name() -> str:
    """What the program is called, as far as the process knows."""
    started = Path(sys.argv[0]) if sys.argv and sys.argv[0] else Path("command")
    name = started.parent.name if started.name == "__main__.py" else started.name
    return name.removesuffix(".exe")


def _without_interpreter(program: str) -> str:
    """`app` for what libraries call `python -m app` or `__main__.py`."""
    module = _MODULE.fullmatch(program)
    name = module[1] if module else Path(program).name
    return program_name() if name == "__main__.py" else name


def is_the_programs(arguments: Sequence[str] | None) -> bool:
    """Whether these are arguments of this process, or what is left of them; None is all of them."""
    if arguments is None:
        return True
    rest = iter(sys.argv[1:])
    return all(argument in rest for argument in arguments)


def may_begin() -> bool:
    """Whether this process can be a command of somebody: not our own one, nor a worker of another process."""
    workers = sys.modules.get("multiprocessing.process")
    is_worker = workers is not None and workers.parent_process() is not None
    return program_name() != _OWN and not is_worker and threading.current_thread() is threading.main_thread()
