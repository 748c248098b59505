"""Units that are no plain call: blocks of context managers, brackets, calls of functions that a function makes."""

import sys
from collections.abc import Callable
from typing import Any

import wrapt

from tachograph.collect.calls import Finish, Wrapped, around
from tachograph.collect.finding import LookUp, Roots
from tachograph.collect.frameworks.running import Running

_MOST_OPEN = 4_096

Begin = Callable[[Any, tuple[Any, ...], dict[str, Any]], Running | None]


def block(function: Any, begin: Begin, finish: Finish, *, is_around: bool) -> Wrapped:
    """A unit from the entry of the context manager that `function` returns to its exit; `finish` gets what it gave."""

    def call(wrapped: Any, instance: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        manager = wrapped(*args, **kwargs)
        unit = begin(instance, args, kwargs)
        return manager if unit is None else _Block(manager, unit, finish, is_around)

    return Wrapped(function, call)


class _Block(wrapt.ObjectProxy):  # type: ignore[type-arg]
    """A context manager of either kind with a unit around its block."""

    def __init__(self, manager: Any, unit: Running, finish: Finish, is_around: bool) -> None:
        super().__init__(manager)
        self._self_unit, self._self_finish, self._self_given, self._self_is_around = unit, finish, None, is_around

    def __enter__(self) -> Any:
        self._self_begin()
        try:
            self._self_given = self.__wrapped__.__enter__()
        except BaseException as error:
            self._self_end(error)
            raise
        self._self_entered()
        return self._self_given

    def __exit__(self, kind: Any, error: BaseException | None, traceback: Any) -> Any:
        try:
            return self.__wrapped__.__exit__(kind, error, traceback)
        finally:
            self._self_end(error)

    async def __aenter__(self) -> Any:
        self._self_begin()
        try:
            self._self_given = await self.__wrapped__.__aenter__()
        except BaseException as error:
            self._self_end(error)
            raise
        self._self_entered()
        return self._self_given

    async def __aexit__(self, kind: Any, error: BaseException | None, traceback: Any) -> Any:
        try:
            return await self.__wrapped__.__aexit__(kind, error, traceback)
        finally:
            self._self_end(error)

    def _self_begin(self) -> None:
        self._self_unit.start()
        self._self_unit.enter()

    def _self_entered(self) -> None:
        if not self._self_is_around:
            self._self_unit.leave()

    def _self_end(self, error: BaseException | None) -> None:
        self._self_finish(self._self_unit, self._self_given)
        self._self_unit.leave()
        self._self_unit.stop(error)


def made(function: Any, begin_of: Callable[[Any, LookUp], Begin], finish: Finish) -> Wrapped:
    """A unit around each call of the functions that `function` makes."""
    roots = Roots(function)

    def call(wrapped: Any, instance: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        inner = wrapped(*args, **kwargs)
        return around(inner, begin_of(inner, roots.of(instance, args, kwargs)), finish)

    return Wrapped(function, call)


def bracket(opening: Any, closing: Any, begin: Begin, finish: Finish) -> tuple[Wrapped, Wrapped]:
    """A unit between the calls of two methods on the same object; it failed where the second is called while an
    exception passes by."""
    units: dict[int, tuple[Any, Running]] = {}  # with their objects, so that nothing else gets their ids

    def opened(wrapped: Any, instance: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        result = wrapped(*args, **kwargs)
        unit = begin(instance, args, kwargs) if id(instance) not in units else None
        if unit is not None:
            if len(units) >= _MOST_OPEN:  # some are never closed: a task was cancelled hard
                units.pop(next(iter(units)), None)
            units[id(instance)] = (instance, unit)
            unit.start()
            unit.enter()
        return result

    def closed(wrapped: Any, instance: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        _, unit = units.pop(id(instance), (None, None))
        if unit is not None:
            finish(unit, instance)
            unit.leave()
            unit.stop(sys.exception())
        return wrapped(*args, **kwargs)

    return Wrapped(opening, opened), Wrapped(closing, closed)
