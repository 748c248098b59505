"""Entry points named in settings: any function becomes a unit of the vocabulary without a change to its code."""

import pkgutil
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import ModuleType
from typing import Any

import wrapt

from tachograph import vocabulary as v
from tachograph.collect import finding, targets
from tachograph.collect.arguments import hasher
from tachograph.collect.calls import around
from tachograph.collect.execution import UNITS
from tachograph.collect.facts import Reader
from tachograph.collect.finding import FACTS, Path, Roots
from tachograph.guard import harmless, tell_once


@dataclass(frozen=True, slots=True)
class EntryPoint:
    """`role: module:qualname` with paths to the facts about a call; `qualname` may hold `*`."""

    role: str
    module: str
    qualname: str
    facts: Mapping[str, Path] = field(default_factory=dict)


def parse(spec: str | Mapping[str, Any]) -> EntryPoint:
    """An entry point from `agent: myapp.agents:*.run name=self.name` or a table with the same keys.

    Raises ValueError with one line that says what is wrong.
    """
    if isinstance(spec, str):
        return _parse_text(spec)
    if not isinstance(spec, Mapping):
        raise ValueError(f"entry point {spec!r} is neither text nor a table")
    facts = {key: str(value) for key, value in spec.items() if key not in ("role", "target")}
    return _checked(str(spec.get("role", "")), str(spec.get("target", "")), facts)


def _parse_text(spec: str) -> EntryPoint:
    role, _, rest = spec.partition(":")
    target, *options = rest.split() or [""]
    pairs = [option.partition("=") for option in options]
    return _checked(role.strip(), target, {key: path for key, _, path in pairs})


def _checked(role: str, target: str, facts: dict[str, str]) -> EntryPoint:
    module, colon, qualname = target.partition(":")
    if role not in UNITS:
        raise ValueError(f"entry point role {role!r} is none of {', '.join(UNITS)}")
    if not (module and colon and qualname):
        raise ValueError(f"entry point target {target!r} is not of the form module:function or module:Class.method")
    unknown = facts.keys() - FACTS.keys() - finding.SPECIAL
    if unknown:
        known = ", ".join(sorted({*FACTS, *finding.SPECIAL}))
        raise ValueError(f"entry point fact {min(unknown)!r} is none of {known}")
    return EntryPoint(role, module, qualname, {key: Path.parse(path) for key, path in facts.items()})


def install(spec: str | dict[str, Any]) -> None:
    try:
        entry_point = parse(spec)
    except ValueError as error:
        tell_once(str(spec), f"{error}; it is left out")
        return
    _when_imported(entry_point, entry_point.module)


def _when_imported(entry_point: EntryPoint, module_name: str) -> None:
    wrapt.register_post_import_hook(lambda module: wrap_module(entry_point, module), module_name)


@harmless
def wrap_module(entry_point: EntryPoint, module: ModuleType) -> None:
    """Wrap every function of an imported module that the entry point names; a pattern reaches into submodules."""
    found = targets.functions(entry_point.qualname, module)
    for target in found:
        if not target.is_wrapped:
            setattr(target.owner, target.name, _wrapped(entry_point, target.function))
    inside = _submodules(module) if "*" in entry_point.qualname else []
    for name in inside:
        _when_imported(entry_point, name)
    if not found and not inside:
        named = f"{entry_point.module}:{entry_point.qualname}"
        tell_once(named, f"entry point {named} names nothing in that module; it is left out")


def _submodules(module: ModuleType) -> list[str]:
    return [f"{module.__name__}.{info.name}" for info in pkgutil.iter_modules(getattr(module, "__path__", []))]


def _wrapped(entry_point: EntryPoint, function: Any) -> Any:
    plain = getattr(function, "__func__", function)
    unit, name = UNITS[entry_point.role], getattr(plain, "__name__", "call")
    hashed = hasher(function) if unit.named_by == v.TOOL_NAME else None
    reader = Reader(unit, entry_point.facts, Roots(plain), name, hashed)
    return around(function, reader.begin, reader.finish)
