"""Commands written with click: one span a command, named by its path, with the exit status it really had."""

from collections.abc import Iterator
from contextvars import ContextVar
from types import ModuleType
from typing import Any

import wrapt

from tachograph import settings
from tachograph.collect import commands
from tachograph.collect.commands import Command, Part
from tachograph.guard import harmless

_GIVEN = frozenset({"COMMANDLINE", "ENVIRONMENT", "PROMPT"})

_part: ContextVar[Part | None] = ContextVar("tachograph_click_part", default=None)


@harmless
def wrap_core(core: ModuleType) -> None:
    """Wrap click's core module, or one that is click by another name."""
    wrapt.wrap_function_wrapper(core, "Command.main", main)
    wrapt.wrap_function_wrapper(core, "Command.parse_args", _parse_args)
    wrapt.wrap_function_wrapper(core, "Command.invoke", _invoke)


def main(wrapped: Any, instance: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    """Around click's `Command.main`, and what takes its place elsewhere."""
    if settings.is_completion():
        return wrapped(*args, **kwargs)
    arguments = kwargs.get("args", args[0] if args else None)
    fresh = _begun(instance, arguments, kwargs.get("standalone_mode", True))
    command = fresh or commands.running()
    token = _part.set(_part_of(command, fresh, instance, arguments))
    try:
        return commands.during(fresh, lambda: wrapped(*args, **kwargs)) if fresh else wrapped(*args, **kwargs)
    finally:
        _part.reset(token)


@harmless
def _begun(instance: Any, arguments: Any, is_standalone: bool) -> Command | None:
    """A new command, None where what click runs belongs to one that runs already, or that ends with the process."""
    outer = commands.running()
    if outer is not None and (outer.owner is instance or commands.is_the_programs(arguments)):
        return None
    if outer is None and not is_standalone and commands.is_the_programs(arguments) and commands.may_begin():
        # Only the program knows which status follows from what click gives back to it.
        commands.begin_for_process().owner = instance
        return None
    is_the_process = outer is None and commands.is_the_programs(arguments) and commands.may_begin()
    command = Command(commands.program_name(), is_the_process)
    command.owner = instance
    return command


@harmless
def _part_of(command: Command | None, fresh: Command | None, instance: Any, arguments: Any) -> Part | None:
    if command is None:
        return None
    if command is not fresh and command.owner is instance and _part.get() is not None:
        return _part.get()
    return Part(command)


def _parse_args(wrapped: Any, instance: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    context = args[0] if args else kwargs.get("ctx")
    part = None if getattr(context, "resilient_parsing", True) else _part.get()
    if part is None:
        return wrapped(*args, **kwargs)
    _name_after(part, context)
    try:
        return wrapped(*args, **kwargs)
    finally:  # also of what click refused
        _tell_options(part, context)


def _invoke(wrapped: Any, instance: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    try:
        return wrapped(*args, **kwargs)
    except BaseException as error:
        part = _part.get()
        if part is not None:
            part.command.meet(error)
        raise


@harmless
def _name_after(part: Part, context: Any) -> None:
    """Name the command after the context that click parses for; the innermost comes last."""
    chain = []
    while context.parent is not None:
        chain.append(context.info_name or "")
        context = context.parent
    part.name(context.info_name, chain[::-1])


@harmless
def _tell_options(part: Part, context: Any) -> None:
    part.command.use(_used(context))
    for parameter in context.command.get_params(context):
        source = context.get_parameter_source(parameter.name)
        if source is not None and source.name in _GIVEN:
            part.command.hide(parameter.opts, [context.params.get(parameter.name)])


def _used(context: Any) -> Iterator[str]:
    for parameter in context.command.get_params(context):
        source = context.get_parameter_source(parameter.name)
        if parameter.param_type_name == "option" and source is not None and source.name == "COMMANDLINE":
            is_off = bool(parameter.secondary_opts) and context.params.get(parameter.name) is False
            yield max(parameter.secondary_opts if is_off else parameter.opts, key=len)
