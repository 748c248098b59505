"""The edge between the host program and tachograph: a fault on our side is logged and never reaches the host."""

import functools
import logging
from collections.abc import Callable
from typing import Any, ParamSpec, TypeVar

_log = logging.getLogger("tachograph")
_told: set[str] = set()

P = ParamSpec("P")
R = TypeVar("R")


def harmless(function: Callable[P, R]) -> Callable[P, R | None]:
    """`function`, but giving None where it would raise; the first fault of each function is a warning."""

    @functools.wraps(function)
    def safe(*args: P.args, **kwargs: P.kwargs) -> R | None:
        try:
            return function(*args, **kwargs)
        except Exception as error:
            tell_fault(function, error)
            return None

    return safe


def tell_fault(function: Callable[..., Any], error: Exception) -> None:
    """Warn about the first fault of a function. For what runs with every span and has its own `try`, which costs
    less than the wrapper."""
    name = function.__qualname__
    tell_once(name, f"{name} failed: {error!r}; the program runs on")


def tell_once(topic: str, message: str) -> None:
    """Warn about a topic the first time it comes up, later only at debug level."""
    level = logging.DEBUG if topic in _told else logging.WARNING
    _told.add(topic)
    _log.log(level, "tachograph: %s", message)
