"""The edge between the host program and tachograph: a fault on our side is logged and never reaches the host."""

import functools
import logging
from collections.abc import Callable
from contextlib import suppress
from typing import Any, ParamSpec, TypeVar

from tachograph import redaction

_log = logging.getLogger("tachograph")
_told: set[str] = set()
_MOST_TOLD = 1_000  # topics, whose names may come from outside; beyond it everything counts as told


def _without_secrets(record: logging.LogRecord) -> bool:
    try:
        said = redaction.text(record.getMessage())
    except Exception as error:
        said = f"tachograph: a message that could not be searched for secrets ({type(error).__name__})"
    record.msg, record.args = said, ()
    return True


# Handlers may send log records anywhere.
_log.addFilter(_without_secrets)

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
    # The host's stack may be full, its logging broken, the error without a text: nothing is left to tell then.
    with suppress(Exception):
        name = function.__qualname__
        tell_once(name, f"{name} failed: {error!r}; the program runs on")


def tell_once(topic: str, message: str) -> None:
    """Warn about a topic the first time it comes up, later only at debug level."""
    is_new = topic not in _told and len(_told) < _MOST_TOLD
    level = logging.WARNING if is_new else logging.DEBUG
    if is_new:
        _told.add(topic)
    _log.log(level, "tachograph: %s", message)
