"""The distro and the configurator that OpenTelemetry's launcher finds; what touches its private names stands here."""

import logging
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from opentelemetry import metrics, trace
from opentelemetry._logs import get_logger_provider
from opentelemetry.instrumentation.distro import BaseDistro  # type: ignore[attr-defined]
from opentelemetry.sdk._configuration import (
    _get_exporter_names,
    _import_sampler,
    _OTelSDKConfigurator,
)
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import ReadableSpan, SpanProcessor, TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExporter
from opentelemetry.sdk.trace.sampling import Sampler

from tachograph import environment, settings
from tachograph.annotate.cleaning import cleaned_resource
from tachograph.annotate.inheritance import InheritingSampler
from tachograph.annotate.logs import CleaningLogProcessor
from tachograph.annotate.processor import AnnotatingProcessor
from tachograph.collect import units
from tachograph.deliver.appending import unyielding
from tachograph.deliver.exporters import AnnotatedExporter, bound_exit, speaks_otlp
from tachograph.deliver.spool import Spool
from tachograph.guard import harmless
from tachograph.sdk import tracing
from tachograph.settings import Settings

if TYPE_CHECKING:
    from opentelemetry.sdk.metrics.export import MetricReader

    from tachograph.deliver.metrics.recorder import Recorder

# Loaded now: were it when threads first use it, a child forked in that moment would wait for ever.
_ = units

_log = logging.getLogger("tachograph")
_added_readers: list["MetricReader"] = []


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
        spool = tracing.spool(configured)
        meters = [*(kwargs.pop("metric_exporter_names", None) or ()), *_get_exporter_names("metrics")]
        recorder, processor = _counted(configured, spool, is_read=bool(meters) or settings.has_config_file())
        try:
            self._configure_sdk(processor, spool, **kwargs)
            if recorder:
                _read(recorder, meters)
        except Exception as error:
            _log.warning("tachograph: OpenTelemetry cannot be configured (%s); spans go to the spool only", error)
            processor.inherits_at_start = False
            trace.set_tracer_provider(TracerProvider())
            tracing.attach(processor)
        tracing.collect_for(processor)
        _bound_exit(configured.exit_ms)

    def _configure_sdk(self, processor: AnnotatingProcessor, spool: Spool | None, **kwargs: Any) -> None:
        if settings.has_config_file():  # declarative configuration takes no processors from a configurator
            super()._configure(**kwargs)
            tracing.attach(processor)
            return
        kwargs["resource_attributes"] = _without_secrets(kwargs.get("resource_attributes")) or {}
        kwargs["log_record_processors"] = [CleaningLogProcessor(), *(kwargs.get("log_record_processors") or ())]
        with settings.metrics_exporters_withheld():
            super()._configure(
                span_processors=[processor],
                export_span_processor=_exporting(processor, spool),
                sampler=_inheriting(processor, kwargs.pop("sampler", None)),
                **kwargs,
            )
        processor.inherits_at_start = True


def _counted(configured: Settings, spool: Spool | None, is_read: bool) -> "tuple[Recorder | None, AnnotatingProcessor]":
    """The processor, and what counts its spans where anybody reads that; else nothing of it is loaded."""
    if not is_read:
        return None, tracing.processor(configured, spool, tracing.nobody)
    from tachograph.deliver.metrics.recorder import Recorder
    from tachograph.sdk import metering

    recorder = Recorder()
    return recorder, metering.processor(configured, spool, recorder)


def _read(recorder: "Recorder", meters: Sequence[str]) -> None:
    from tachograph.sdk import metering, readers

    if settings.has_config_file():
        metering.start(recorder)
    else:
        _added_readers.extend(readers.export_metrics(meters, recorder))


def _inheriting(processor: AnnotatingProcessor, chosen: Sampler | None) -> InheritingSampler:
    name = settings.sampler()
    return InheritingSampler(chosen or (_import_sampler(name) if name else None), processor.at_birth)


@harmless
def _without_secrets(given: Mapping[str, Any] | None) -> dict[str, Any]:
    """Attributes of the resource that override what would tell a secret: detectors hold command lines, for instance.

    They run twice, for what they find cannot be changed before it is used everywhere.
    """
    named = dict(given or {})
    if not named and not settings.describes_resource():
        return named
    found = Resource.create(named)
    clean = cleaned_resource(found)
    if clean is found:
        return named
    return named | {key: value for key, value in clean.attributes.items() if value is not found.attributes.get(key)}


def _exporting(processor: AnnotatingProcessor, spool: Spool | None) -> Callable[[SpanExporter], SpanProcessor]:
    def export(exporter: SpanExporter, *args: Any, **kwargs: Any) -> SpanProcessor:
        acknowledge = None
        if spool:
            spool.append = unyielding()
        if spool and speaks_otlp(exporter):
            spool.acknowledges, acknowledge = True, spool.acknowledge
        batches = _Batches if spool else BatchSpanProcessor
        return batches(AnnotatedExporter(exporter, processor.marked, acknowledge), *args, **kwargs)

    return export


class _Batches(BatchSpanProcessor):
    """Leaves spans to the spool while its queue is full. The SDK's own drops the oldest then, which are as good as the
    newest where the spool has all, and with each span spends as long on logging that as the span took altogether."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        queue = getattr(getattr(self, "_batch_processor", None), "_queue", None)
        self._queue: deque[ReadableSpan] = queue if isinstance(queue, deque) else deque()
        self._full = self._queue.maxlen or 1  # of a queue that is not known: it never has any
        self._said = False

    def on_end(self, span: ReadableSpan) -> None:
        if len(self._queue) < self._full:
            super().on_end(span)
        elif not self._said:
            self._said = True
            _log.warning("tachograph: the exporter's queue is full; spans wait in the spool (send: tachograph ship)")


def _bound_exit(milliseconds: int) -> None:
    providers = (trace.get_tracer_provider(), metrics.get_meter_provider(), get_logger_provider())
    if any(settings.names_exporter(signal) for signal in environment.SIGNALS):
        shutdowns = [getattr(it, "shutdown", None) for it in (*providers, *_added_readers)]
        bound_exit([shutdown for shutdown in shutdowns if shutdown], milliseconds)
