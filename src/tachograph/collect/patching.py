"""Puts a wrapper around a method or function where it stands, for code that short commands load too: what `wrapt` does
better takes longer to load than they have."""

import functools
from collections.abc import Callable
from typing import Any

# (what was there, bound where it is a method; its object or None; the arguments) -> result
Wrapper = Callable[[Any, Any, tuple[Any, ...], dict[str, Any]], Any]

_MARK = "__tachograph_wrapped__"


def wrap_method(owner: type, name: str, wrapper: Wrapper) -> None:
    """Every call of the method goes through `wrapper`."""
    plain = getattr(owner, name)

    @functools.wraps(plain)
    def method(self: Any, *args: Any, **kwargs: Any) -> Any:
        return wrapper(plain.__get__(self, type(self)), self, args, kwargs)

    setattr(method, _MARK, True)
    setattr(owner, name, method)


def wrap_function(owner: Any, name: str, wrapper: Wrapper) -> None:
    """Every call of the function through its owner goes through `wrapper`, once however often this is asked for."""
    plain = getattr(owner, name)
    if hasattr(plain, _MARK):
        return

    @functools.wraps(plain)
    def function(*args: Any, **kwargs: Any) -> Any:
        return wrapper(plain, None, args, kwargs)

    setattr(function, _MARK, True)
    setattr(owner, name, function)
