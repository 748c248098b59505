"""Commands written with click: one span a command, named by its path, with the exit status it really had."""

import os
import sys
from collections.abc import Collection
from contextvars import ContextVar
from pathlib import Path
from types import ModuleType
from typing import Any

import wrapt
from opentelemetry.instrumentation.instrumentor import BaseInstrumentor  # type: ignore[attr-defined]

from tachograph import vocabulary as v
from tachograph.collect.execution import UNITS, Execution, exit_code
from tachograph.guard import harmless

_running: ContextVar[Execution | None] = ContextVar("tachograph_click_command", default=None)


class ClickCommandInstrumentor(BaseInstrumentor):
    """Wraps click's entry and its dispatch once the program imports click."""

    def instrumentation_dependencies(self) -> Collection[str]:
        return []

    @harmless
    def _instrument(self, **_: Any) -> None:
        wrapt.register_post_import_hook(_wrap_click, "click.core")

    def _uninstrument(self, **_: Any) -> None:
        """Wrapped methods stay wrapped; without a tracer provider they cost next to nothing."""


@harmless
def _wrap_click(core: ModuleType) -> None:
    wrapt.wrap_function_wrapper(core, "Command.main", _main)
    wrapt.wrap_function_wrapper(core, "Command.invoke", _invoke)


def _main(wrapped: Any, instance: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    execution = Execution(UNITS["command"], _program(), {v.EXECUTABLE_NAME: _program(), v.PROCESS_ID: os.getpid()})
    execution.start()
    execution.enter()
    token = _running.set(execution)
    try:
        result = wrapped(*args, **kwargs)
    except BaseException as error:
        _finish(execution, token, error)
        raise
    _finish(execution, token, None)
    return result


def _program() -> str:
    """What the program is called until click says better."""
    return Path(sys.argv[0]).name if sys.argv and sys.argv[0] else "command"


@harmless
def _finish(execution: Execution, token: Any, error: BaseException | None) -> None:
    _running.reset(token)
    execution.leave()
    code = 0 if error is None else exit_code(error) if isinstance(error, SystemExit) else 1
    execution.set({v.EXIT_CODE: code})
    execution.stop(error)


def _invoke(wrapped: Any, instance: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    _name_after(args[0] if args else kwargs.get("ctx"))
    return wrapped(*args, **kwargs)


@harmless
def _name_after(context: Any) -> None:
    """Name the running command after the one that click dispatches to; the innermost comes last."""
    execution = _running.get()
    if execution is not None:
        execution.rename(context.command_path)
        execution.set({v.EXECUTABLE_NAME: context.find_root().info_name})
