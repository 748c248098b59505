"""Calls back when a module has been imported, without importing it: as `wrapt` has it, which takes long to load."""

from __future__ import annotations

import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from types import ModuleType
    from typing import Any

    Callback = Callable[[ModuleType], None]


class _Finder:
    """Stands before all finders, and looks only after the modules that somebody waits for."""

    def __init__(self) -> None:
        self.waiting: dict[str, list[Callback]] = {}

    def find_spec(self, name: str, path: Any = None, target: Any = None) -> Any:
        callbacks = self.waiting.pop(name, None)
        if callbacks is None:
            return None
        spec = _found(name, path, target)
        loader = spec.loader if spec else None
        if loader is None or not hasattr(loader, "__dict__") or isinstance(loader, type):
            return spec
        execute = loader.exec_module

        def exec_module(module: ModuleType) -> None:
            del loader.exec_module
            execute(module)
            for callback in callbacks:
                callback(module)

        loader.exec_module = exec_module
        return spec


_finder = _Finder()


def _found(name: str, path: Any, target: Any) -> Any:
    others = (finder for finder in list(sys.meta_path) if finder is not _finder and hasattr(finder, "find_spec"))
    return next((spec for finder in others if (spec := finder.find_spec(name, path, target))), None)


def when_imported(name: str, callback: Callback) -> None:
    """Call `callback` with the module once it is imported; at once if it is already."""
    if name in sys.modules:
        callback(sys.modules[name])
        return
    if _finder not in sys.meta_path:
        sys.meta_path.insert(0, _finder)
    _finder.waiting.setdefault(name, []).append(callback)
