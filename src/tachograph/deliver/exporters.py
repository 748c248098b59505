"""Exporters beside the spool: they get annotated spans, and a bounded time at exit."""

import atexit
import os
import threading
import time
from collections.abc import Callable, Iterable, Sequence

from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export import SpanExporter, SpanExportResult
from opentelemetry.trace import format_span_id

from tachograph.guard import tell_fault


class AnnotatedExporter(SpanExporter):
    """Passes spans on with the marks that were computed after they had ended and could not be changed any more.

    `acknowledge`, where given, is told the ids of spans that were delivered.
    """

    def __init__(
        self,
        exporter: SpanExporter,
        marked: Callable[[ReadableSpan], ReadableSpan],
        acknowledge: Callable[[Iterable[str]], object] | None = None,
    ) -> None:
        self._exporter = exporter
        self._marked = marked
        self._acknowledge = acknowledge

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        result = self._exporter.export([self._marked(span) for span in spans])
        if self._acknowledge and result is SpanExportResult.SUCCESS:
            self._acknowledge([format_span_id(span.context.span_id) for span in spans])
        return result

    def shutdown(self) -> None:
        self._exporter.shutdown()

    def force_flush(self, timeout_millis: int = 30_000) -> bool:
        return self._exporter.force_flush(timeout_millis)


def speaks_otlp(exporter: SpanExporter) -> bool:
    """Whether what this exporter delivers has reached a Collector, and not a console or another system."""
    return type(exporter).__module__.startswith("opentelemetry.exporter.otlp.")


def bound_exit(shutdowns: Sequence[Callable[[], None]], milliseconds: int) -> None:
    """Run `shutdowns` at exit, all at once and for at most `milliseconds`, in place of the unbounded handlers
    that OpenTelemetry's providers have registered for them."""
    for shutdown in shutdowns:
        atexit.unregister(shutdown)
    closers = [_Closer(shutdown) for shutdown in shutdowns]
    atexit.register(_close_all, closers, milliseconds / 1000)


def _close_all(closers: Sequence["_Closer"], seconds: float) -> None:
    deadline = time.monotonic() + seconds
    for closer in closers:
        closer.going.set()
    for closer in closers:
        closer.gone.wait(max(0.0, deadline - time.monotonic()))
        if closer.fault is not None:
            tell_fault(_close_all, closer.fault)


class _Closer:
    """A thread that waits to run one shutdown; it starts early, for a process that is going down may start none."""

    def __init__(self, shutdown: Callable[[], None]) -> None:
        self.fault: Exception | None = None
        self._shutdown = shutdown
        self._start()
        if hasattr(os, "register_at_fork"):
            os.register_at_fork(after_in_child=self._start)  # threads do not come along into a forked child

    def _start(self) -> None:
        self.going, self.gone = threading.Event(), threading.Event()
        threading.Thread(target=self._run, name="tachograph-exit", daemon=True).start()

    def _run(self) -> None:
        self.going.wait()
        try:
            self._shutdown()
        except Exception as error:
            self.fault = error  # told by who waits: a thread that writes while the interpreter ends can bring it down
        finally:
            self.gone.set()
