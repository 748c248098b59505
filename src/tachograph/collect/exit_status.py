"""How a program ends that nobody called: the exception, if any, with which the interpreter leaves `__main__`."""

import sys
from types import CodeType, FrameType
from typing import Any

from tachograph.collect.patching import wrap_function
from tachograph.guard import harmless

_TOOL = 4  # of sys.monitoring's ids one that no debugger, coverage or profiler has by convention


def prepare() -> None:
    """Called before the program is, so that no module can have got hold of the plain `sys.exit`."""
    if sys.version_info < (3, 12):
        wrap_function(sys, "exit", _exit)


def _exit(wrapped: Any, instance: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    # Python 3.11 makes an exception of a bare status only where somebody catches it.
    try:
        return wrapped(*args, **kwargs)
    except SystemExit:
        raise


class ExitWatch:
    """Watches from its making to the end of the process; ask for `error` in an atexit function."""

    def __init__(self) -> None:
        self._left_with: BaseException | None = None
        main = _main_code()
        if sys.version_info >= (3, 12):
            _watch_unwinding(self._note, main)
        else:
            _watch_code(self._note)

    def _note(self, error: BaseException) -> None:
        self._left_with = error

    @property
    def error(self) -> BaseException | None:
        """What `__main__` was left with, None where it ran to its end."""
        return self._left_with or getattr(sys, "last_value", None)


def _main_code() -> CodeType:
    """The code of the module that was started, which is the outermost of its name on the stack."""
    frame: FrameType | None = sys._getframe()
    main = frame
    while frame is not None:
        if frame.f_globals.get("__name__") == "__main__":
            main = frame
        frame = frame.f_back
    assert main is not None  # noqa: S101  (this function has a frame)
    return main.f_code


if sys.version_info >= (3, 12):

    @harmless
    def _watch_unwinding(note: Any, main: CodeType) -> None:
        def unwound(code: CodeType, _: int, error: BaseException) -> None:
            if code is main:
                note(error)

        monitoring = sys.monitoring
        if monitoring.get_tool(_TOOL) is None:
            monitoring.use_tool_id(_TOOL, "tachograph")
            monitoring.register_callback(_TOOL, monitoring.events.PY_UNWIND, unwound)
            monitoring.set_events(_TOOL, monitoring.events.PY_UNWIND)

else:

    @harmless
    def _watch_code(note: Any) -> None:
        """Python 3.11 has no event for it; but it reads `code` of the SystemExit it leaves with, from no frame.

        The attribute keeps its meaning for everybody else. Reached the only way there is to it, in a release
        that will not change any more.
        """
        import ctypes
        import gc

        (namespace,) = gc.get_referents(SystemExit.__dict__)
        plain = namespace["code"]

        def read(error: SystemExit) -> Any:
            if sys._getframe().f_back is None:
                note(error)
            return plain.__get__(error)

        namespace["code"] = property(read, plain.__set__, plain.__delete__)
        ctypes.pythonapi.PyType_Modified(ctypes.py_object(SystemExit))
