"""Which functions of a module `Class.method`, `*.run` or `function` names."""

import fnmatch
import inspect
from collections.abc import Iterable
from dataclasses import dataclass
from types import ModuleType
from typing import Any

from tachograph.collect.calls import Wrapped


@dataclass(frozen=True, slots=True)
class Target:
    """A function as its owner (module or class) holds it: plain, static, of a class, or wrapped already."""

    owner: Any
    name: str
    function: Any

    @property
    def is_wrapped(self) -> bool:
        return isinstance(self.function, Wrapped)


def functions(qualname: str, module: ModuleType) -> list[Target]:
    """What the name stands for. A `*` takes what the module itself offers: nothing private, nothing imported."""
    *owners, pattern = qualname.split(".")
    named = [(owner, name) for owner in _owners(owners, module) for name in _names(owner, pattern)]
    found = [Target(owner, name, inspect.getattr_static(owner, name, None)) for owner, name in named]
    return [target for target in found if _is_meant(target, pattern, module)]


def _names(owner: Any, pattern: str) -> Iterable[str]:
    """A plain name may be inherited; a pattern looks only at what stands in the owner itself."""
    return fnmatch.filter(vars(owner), pattern) if "*" in pattern else [pattern]


def _owners(patterns: list[str], module: ModuleType) -> list[Any]:
    """The module, or the classes that the patterns lead to, base classes first."""
    owners: list[Any] = [module]
    for pattern in patterns:
        values = [vars(owner)[name] for owner in owners for name in fnmatch.filter(vars(owner), pattern)]
        owners = [
            value for value in values if inspect.isclass(value) and ("*" not in pattern or _at_home(value, module))
        ]
    return sorted(dict.fromkeys(owners), key=lambda owner: len(inspect.getmro(owner)) if inspect.isclass(owner) else 0)


def _is_meant(target: Target, pattern: str, module: ModuleType) -> bool:
    function = getattr(target.function, "__func__", target.function)
    if not inspect.isroutine(function):
        return False
    return target.name == pattern or (not target.name.startswith("_") and _at_home(function, module))


def _at_home(value: Any, module: ModuleType) -> bool:
    home = getattr(value, "__module__", None) or ""
    return home == module.__name__ or home.startswith(module.__name__ + ".")
