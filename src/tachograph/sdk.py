"""Wires collect → annotate → deliver inside the traced process: the distro and configurator that the launcher finds."""

import logging
from collections.abc import Callable, Mapping
from typing import Any

from opentelemetry import metrics, trace
from opentelemetry._logs import get_logger_provider
from opentelemetry.instrumentation.distro import BaseDistro  # type: ignore[attr-defined]
from opentelemetry.sdk._configuration import _get_exporter_names, _OTelSDKConfigurator
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.trace import ReadableSpan, SpanProcessor, TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExporter

from tachograph import settings
from tachograph.annotate.identity import identity
from tachograph.annotate.processor import AnnotatingProcessor
from tachograph.collect import execution, propagation
from tachograph.deliver.exporters import AnnotatedExporter, bound_exit, speaks_otlp
from tachograph.deliver.metrics.recorder import Recorder
from tachograph.deliver.otlp_json import span_line, started_line
from tachograph.deliver.spool import Spool
from tachograph.guard import harmless
from tachograph.settings import Settings

_log = logging.getLogger("tachograph")


class TachographDistro(BaseDistro):
    """Names the defaults, before anything is configured."""

    def _configure(self, **_: Any) -> None:
        settings.name_exporters()


class TachographConfigurator(_OTelSDKConfigurator):
    """Configures OpenTelemetry's SDK as ever, with our processor before its exporters."""

    def _configure(self, **kwargs: Any) -> None:
        configured = settings.load()
        for problem in configured.problems:
            _log.warning("tachograph: %s", problem)
        recorder = Recorder()
        spool = _spool(configured)
        processor = _processor(configured, recorder, spool)
        try:
            self._configure_sdk(processor, recorder, spool, **kwargs)
        except Exception as error:
            _log.warning("tachograph: OpenTelemetry cannot be configured (%s); spans go to the spool only", error)
            trace.set_tracer_provider(TracerProvider())
            _attach(processor)
        execution.finishers.append(processor.before_end)
        propagation.join()
        _bound_exit(configured.exit_ms)

    def _configure_sdk(
        self, processor: AnnotatingProcessor, recorder: Recorder, spool: Spool | None, **kwargs: Any
    ) -> None:
        if settings.has_config_file():  # declarative configuration takes no processors from a configurator
            super()._configure(**kwargs)
            _attach(processor)
            _start(recorder)
            return
        kwargs["metric_exporter_names"] = [*(kwargs.get("metric_exporter_names") or ()), *_metrics_exporters()]
        with settings.metrics_exporters_withheld():
            super()._configure(
                span_processors=[processor], export_span_processor=_exporting(processor, spool), **kwargs
            )
        if kwargs["metric_exporter_names"]:
            _start(recorder)


def install() -> None:
    """Start tachograph from code, where no launcher did: on the tracer provider that is set, else on a new one.

    Calling it again, or under the launcher, does nothing.
    """
    if execution.finishers:
        return
    if _is_ours_to_configure():
        TachographDistro().configure()
        TachographConfigurator().configure()
    else:
        recorder = Recorder()
        configured = settings.load()
        processor = _processor(configured, recorder, _spool(configured))
        _attach(processor)
        _start(recorder)
        execution.finishers.append(processor.before_end)
        propagation.join()


def _is_ours_to_configure() -> bool:
    return isinstance(trace.get_tracer_provider(), trace.ProxyTracerProvider)


def _spool(configured: Settings) -> Spool | None:
    return Spool(configured.spool_folder, configured.spool_bounds) if configured.spool else None


def _processor(configured: Settings, recorder: Recorder, spool: Spool | None) -> AnnotatingProcessor:
    who = identity(configured.home, settings.ci_run())
    if spool is None:
        return AnnotatingProcessor(recorder.record, who)
    recorder.dropped = lambda: spool.dropped
    write = harmless(spool.write)

    def deliver(span: ReadableSpan) -> None:
        if spool.is_of_parent(span.start_time or 0):
            return  # a forked child unwinds what its parent began; the parent tells how it really ended
        write(span_line(span))
        recorder.record(span)

    def announce(span: ReadableSpan, facts: Mapping[str, Any]) -> None:
        write(started_line(span, facts))

    return AnnotatingProcessor(deliver, who, announce)


def _exporting(processor: AnnotatingProcessor, spool: Spool | None) -> Callable[[SpanExporter], SpanProcessor]:
    def export(exporter: SpanExporter, *args: Any, **kwargs: Any) -> SpanProcessor:
        acknowledge = None
        if spool and speaks_otlp(exporter):
            spool.acknowledges, acknowledge = True, spool.acknowledge
        return BatchSpanProcessor(AnnotatedExporter(exporter, processor.marked, acknowledge), *args, **kwargs)

    return export


def _metrics_exporters() -> list[str]:
    """The entry points of the metrics exporters that are named, with our reader in place of OpenTelemetry's for
    Prometheus, which fails the whole configuration where its port is taken."""
    return [usable for name in _get_exporter_names("metrics") if (usable := _usable(name))]


def _usable(name: str) -> str | None:
    if name != "prometheus":
        return name
    from tachograph.deliver import prometheus  # its client is loaded by whoever wants it only

    host, port, problem = settings.prometheus_address()
    if problem:
        _log.warning("tachograph: %s", problem)
    return "tachograph_prometheus" if prometheus.serve(host, port) else None


def _start(recorder: Recorder) -> None:
    """Count from now on, where the SDK (or the program itself) has set a meter provider."""
    if isinstance(metrics.get_meter_provider(), MeterProvider):
        recorder.start(metrics.get_meter("tachograph"))


def _attach(processor: SpanProcessor) -> None:
    add = getattr(trace.get_tracer_provider(), "add_span_processor", None)
    if add is None:
        _log.warning("tachograph: the tracer provider takes no span processors; nothing will be recorded")
        return
    add(processor)


def _bound_exit(milliseconds: int) -> None:
    providers = (trace.get_tracer_provider(), metrics.get_meter_provider(), get_logger_provider())
    if any(settings.names_exporter(signal) for signal in settings.SIGNALS):
        shutdowns = [getattr(provider, "shutdown", None) for provider in providers]
        bound_exit([shutdown for shutdown in shutdowns if shutdown], milliseconds)
