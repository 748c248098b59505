"""Programs started from an entry-point script: one span for a call of their function, whatever library they use."""

import inspect
import sys
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path
from types import ModuleType
from typing import Any

import wrapt

from tachograph import settings
from tachograph.collect import commands
from tachograph.collect.commands import Command
from tachograph.guard import harmless

_LONGEST = 20_000  # bytes; scripts that installers write are much shorter


@harmless
def wait_for_entry() -> None:
    """Wrap the function behind the script that started this process, once its module is imported."""
    entry = _entry_point(Path(sys.argv[0])) if sys.argv and sys.argv[0] else None
    if entry and commands.may_begin() and not settings.is_completion():
        wrapt.register_post_import_hook(lambda module: _wrap(module, entry.attr), entry.module)


def _entry_point(script: Path) -> EntryPoint | None:
    """The entry point that an installed script calls, None for any other file."""
    if script.suffix == ".py" or not script.is_file():
        return None
    content = script.read_bytes() if script.stat().st_size <= _LONGEST or script.suffix == ".exe" else b""
    if script.suffix != ".exe" and not content.startswith(b"#!"):
        return None
    named = entry_points(group="console_scripts", name=script.name.removesuffix(".exe"))
    return next((entry for entry in named if entry.module.encode() in content), None)


@harmless
def _wrap(module: ModuleType, qualname: str) -> None:
    target: Any = module
    for name in qualname.split("."):
        target = getattr(target, name)
    if inspect.isroutine(target):  # objects of click and Typer are called, too, and see to themselves
        wrapt.wrap_function_wrapper(module, qualname, _call)


def _call(wrapped: Any, instance: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    if commands.running() is not None:
        return wrapped(*args, **kwargs)
    command = Command(commands.program_name(), is_the_process=True)
    return commands.during(command, lambda: wrapped(*args, **kwargs), result_is_status=True)
