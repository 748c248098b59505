"""Sets OpenTelemetry up when a program's first span begins; not before, for many that import it make none."""

from __future__ import annotations

import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import ModuleType
    from typing import Any


def prepare(trace: ModuleType) -> None:
    """Wait, in `opentelemetry.trace`, for the first span or for a tracer provider of the program's own."""
    waiting = _Waiting(trace)
    for name in ("start_span", "start_as_current_span"):
        setattr(trace.ProxyTracer, name, waiting.before(name))
    trace.set_tracer_provider = waiting.after_theirs  # type: ignore[attr-defined]


class _Waiting:
    """Puts everything back once it has set up."""

    def __init__(self, trace: ModuleType) -> None:
        self._trace = trace
        self._plain = {name: getattr(trace.ProxyTracer, name) for name in ("start_span", "start_as_current_span")}
        self._set_provider = trace.set_tracer_provider
        self._is_over = False

    def before(self, name: str) -> Any:
        plain = self._plain[name]

        def begin(tracer: Any, *args: Any, **kwargs: Any) -> Any:
            self._set_up()
            return plain(tracer, *args, **kwargs)

        return begin

    def after_theirs(self, provider: Any) -> None:
        """The program's provider is set as ever, and gets our processor."""
        self._set_provider(provider)
        self._set_up()

    def _set_up(self) -> None:
        if self._is_over:
            return
        self._is_over = True
        for name, plain in self._plain.items():
            setattr(self._trace.ProxyTracer, name, plain)
        self._trace.set_tracer_provider = self._set_provider  # type: ignore[attr-defined]
        try:
            from tachograph import sdk

            sdk.trace_for_the_program()
        except Exception as error:  # the program begins its span in any case
            print(f"tachograph: this program's spans are not recorded: {error!r}", file=sys.stderr)
