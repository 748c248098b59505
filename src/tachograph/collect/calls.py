"""Puts an execution around a callable of any kind: function, method, coroutine, generator, async generator."""

import inspect
from collections.abc import AsyncGenerator, Callable, Coroutine, Generator
from typing import Any

import wrapt

from tachograph.collect.execution import Execution
from tachograph.guard import harmless

# Makes the execution of one call from (instance, args, kwargs), or None for a call that gets none.
Begin = Callable[[Any, tuple[Any, ...], dict[str, Any]], Execution | None]
# Looks at what a call returned before its span ends.
Finish = Callable[[Execution, Any], None]


class Wrapped(wrapt.FunctionWrapper):  # type: ignore[type-arg]
    """A transparent wrapper that, other than wrapt's own, can be pickled: by name, as functions are."""

    def __reduce__(self) -> str:
        return str(self.__wrapped__.__qualname__)

    def __reduce_ex__(self, protocol: Any) -> str:
        return self.__reduce__()


def around(function: Any, begin: Begin, finish: Finish) -> Wrapped:
    """`function`, with an execution around each call; signature, docstring and `inspect` answers stay its own."""

    def call(wrapped: Any, instance: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        execution = safely_begin(instance, args, kwargs)
        return wrapped(*args, **kwargs) if execution is None else run(execution, wrapped, args, kwargs, finish)

    run = _runner(function)
    safely_begin = harmless(begin)
    return Wrapped(function, call)


def _runner(function: Any) -> Callable[..., Any]:
    plain = getattr(function, "__func__", function)  # what a staticmethod or classmethod holds
    if inspect.iscoroutinefunction(plain):
        return _run_coroutine
    if inspect.isgeneratorfunction(plain):
        return _run_generator
    return _run_async_generator if inspect.isasyncgenfunction(plain) else _run_function


def _run_function(execution: Execution, function: Any, args: Any, kwargs: Any, finish: Finish) -> Any:
    execution.start()
    execution.enter()
    try:
        result = function(*args, **kwargs)
    except BaseException as error:
        execution.leave()
        execution.stop(error)
        raise
    execution.leave()
    return _completed(execution, result, finish)


def _completed(execution: Execution, result: Any, finish: Finish) -> Any:
    """What a plain function returned; the work of one that hands out a coroutine is yet to come, and that of a
    generator where the execution follows it."""
    if inspect.iscoroutine(result):
        return _await(execution, result, finish)
    if execution.follows and inspect.isgenerator(result):
        return _drive(execution, result, finish)
    if execution.follows and inspect.isasyncgen(result):
        return _drive_async(execution, result, finish)
    _end(execution, result, finish)
    return result


def _run_coroutine(
    execution: Execution, function: Any, args: Any, kwargs: Any, finish: Finish
) -> Coroutine[Any, Any, Any]:
    coroutine = function(*args, **kwargs)

    async def started() -> Any:
        execution.start()
        return await _await(execution, coroutine, finish)

    return started()


async def _await(execution: Execution, coroutine: Coroutine[Any, Any, Any], finish: Finish) -> Any:
    execution.enter()
    try:
        result = await coroutine
    except BaseException as error:
        execution.leave()
        execution.stop(error)
        raise
    execution.leave()
    return _completed(execution, result, finish)


def _run_generator(
    execution: Execution, function: Any, args: Any, kwargs: Any, finish: Finish
) -> Generator[Any, Any, Any]:
    return _drive(execution, function(*args, **kwargs), finish, execution.start)


def _begun() -> None:
    """The execution has begun already."""


def _drive(
    execution: Execution, generator: Generator[Any, Any, Any], finish: Finish, start: Callable[[], None] = _begun
) -> Generator[Any, Any, Any]:
    # The span is current only while the generator's own code runs, not while its reader does.
    start()
    advance, value = generator.send, None
    try:
        while True:
            item = _resumed(execution, advance, value)
            execution.saw(item)
            try:
                value, advance = (yield item), generator.send
            except GeneratorExit:
                _resumed(execution, lambda _: generator.close(), None)
                raise
            except BaseException as error:
                value, advance = error, generator.throw
    except StopIteration as stop:
        _end(execution, stop.value, finish)
        return stop.value
    except BaseException as error:
        execution.stop(error)
        raise


def _resumed(execution: Execution, advance: Callable[[Any], Any], value: Any) -> Any:
    execution.enter()
    try:
        return advance(value)
    finally:
        execution.leave()


def _run_async_generator(
    execution: Execution, function: Any, args: Any, kwargs: Any, finish: Finish
) -> AsyncGenerator[Any, Any]:
    return _drive_async(execution, function(*args, **kwargs), finish, execution.start)


async def _drive_async(
    execution: Execution, generator: AsyncGenerator[Any, Any], finish: Finish, start: Callable[[], None] = _begun
) -> AsyncGenerator[Any, Any]:
    start()
    advance, value = generator.asend, None
    try:
        while True:
            item = await _resumed_async(execution, advance, value)
            execution.saw(item)
            try:
                value, advance = (yield item), generator.asend
            except GeneratorExit:
                await _resumed_async(execution, lambda _: generator.aclose(), None)
                raise
            except BaseException as error:
                value, advance = error, generator.athrow
    except StopAsyncIteration:
        _end(execution, None, finish)
    except BaseException as error:
        execution.stop(error)
        raise


async def _resumed_async(execution: Execution, advance: Callable[[Any], Any], value: Any) -> Any:
    execution.enter()
    try:
        return await advance(value)
    finally:
        execution.leave()


def _end(execution: Execution, result: Any, finish: Finish) -> None:
    finish(execution, result)
    execution.stop()
