"""Spans that are counted, too: on providers of the program's own, or on those that the launcher sets."""

from collections.abc import Mapping
from typing import Any

from opentelemetry import metrics
from opentelemetry.sdk.metrics import Histogram, MeterProvider, TraceBasedExemplarFilter
from opentelemetry.sdk.metrics.export import AggregationTemporality, MetricsData
from opentelemetry.sdk.metrics.view import DefaultAggregation

from tachograph import settings
from tachograph.annotate.processor import AnnotatingProcessor
from tachograph.deliver.metrics.histograms import Histograms
from tachograph.deliver.metrics.recorder import Recorder
from tachograph.deliver.spool import Spool
from tachograph.guard import harmless
from tachograph.sdk import tracing
from tachograph.settings import Settings


def join_the_programs_providers() -> None:
    """Add what we have to the tracer provider, and meter provider if any, that the program has set."""
    configured, recorder = settings.load(), Recorder()
    made = processor(configured, tracing.spool(configured), recorder)
    tracing.attach(made)
    start(recorder)
    tracing.collect_for(made)


def processor(configured: Settings, spool: Spool | None, recorder: Recorder) -> AnnotatingProcessor:
    """The processor whose spans are counted by `recorder`, with what the spool has lost."""
    if spool:
        recorder.dropped = lambda: spool.losses
    return tracing.processor(configured, spool, recorder.record)


def start(recorder: Recorder) -> None:
    """Count from now on, where the SDK (or the program itself) has set a meter provider."""
    provider: Any = metrics.get_meter_provider()
    if isinstance(provider, MeterProvider):
        reads_ours = bool(_read_by_its_readers(provider, recorder))
        recorder.start(metrics.get_meter("tachograph"), reads_distributions=reads_ours)


@harmless
def _read_by_its_readers(provider: Any, recorder: Recorder) -> bool:
    """Have the program's own readers read our histograms, which cost a tenth of OpenTelemetry's; False where it wants
    histograms otherwise than by default, for only those of OpenTelemetry heed that."""
    config, add = provider._sdk_config, provider.add_metric_reader
    readers = list(provider._measurement_consumer._reader_storages)
    is_usual = not config.views and isinstance(config.exemplar_filter, TraceBasedExemplarFilter)
    if not is_usual or not readers or not all(map(_takes_ours, readers)):
        return False

    def add_metric_reader(reader: Any) -> None:
        add(reader)
        _fill(reader, recorder)

    for reader in readers:
        _fill(reader, recorder)
    provider.add_metric_reader = add_metric_reader
    return True


def _takes_ours(reader: Any) -> bool:
    return isinstance(_of_histograms(reader._instrument_class_aggregation), DefaultAggregation)


def _of_histograms(by_class: Mapping[type, Any]) -> Any:
    return next(value for kind, value in by_class.items() if issubclass(kind, Histogram))


def _fill(reader: Any, recorder: Recorder) -> None:
    """Readers are made to be subclassed with a `_receive_metrics` of their own; this is one for a reader that is."""
    is_delta = _of_histograms(reader._instrument_class_temporality) is AggregationTemporality.DELTA
    histograms, receive = Histograms(recorder, is_delta), reader._receive_metrics

    def receive_metrics(metrics_data: MetricsData, *args: Any, **kwargs: Any) -> None:
        receive(histograms.added_to(metrics_data), *args, **kwargs)

    reader._receive_metrics = receive_metrics
