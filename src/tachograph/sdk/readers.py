"""The readers of metrics: OpenTelemetry's own, which also read our histograms."""

import logging
from collections.abc import Sequence
from typing import Any

from opentelemetry import metrics
from opentelemetry.sdk._configuration import _import_config_components
from opentelemetry.sdk.metrics import Histogram
from opentelemetry.sdk.metrics.export import AggregationTemporality, MetricReader, PeriodicExportingMetricReader

from tachograph import settings
from tachograph.deliver.metrics.histograms import FilledExporter, Histograms
from tachograph.deliver.metrics.recorder import Recorder
from tachograph.guard import harmless

_log = logging.getLogger("tachograph")


def export_metrics(names: Sequence[str], recorder: Recorder) -> list[MetricReader]:
    """Give the meter provider a reader for each metrics exporter that is named, which reads our histograms too.

    The readers have to be shut down by whoever asked for them."""
    found = [reader for name in names if (reader := _metric_reader(name, recorder))]
    _add_readers(metrics.get_meter_provider(), [reader for reader, _ in found])
    if found:
        recorder.start(metrics.get_meter("tachograph"), reads_distributions=all(ours for _, ours in found))
    return [reader for reader, _ in found]


def _add_readers(provider: Any, readers: Sequence[MetricReader]) -> None:
    """OpenTelemetry flushes only the readers that a provider was made with: we see to those added."""
    own_flush = provider.force_flush

    def force_flush(timeout_millis: float = 10_000) -> bool:
        flushed = [flush(timeout_millis=timeout_millis) for flush in (own_flush, *(it.force_flush for it in readers))]
        return all(flushed)

    for reader in readers:
        provider.add_metric_reader(reader)
    provider.force_flush = force_flush


@harmless
def _metric_reader(name: str, recorder: Recorder) -> tuple[MetricReader, bool] | None:
    """The reader, and whether it reads our histograms, which those of others do not."""
    if name == "prometheus":
        scraped = _scraped(recorder)
        return (scraped, True) if scraped else None
    ((_, kind),) = _import_config_components([name], "opentelemetry_metrics_exporter")
    if issubclass(kind, MetricReader):
        return kind(), False
    exporter: Any = kind()
    temporality, aggregation = exporter._preferred_temporality, exporter._preferred_aggregation
    is_delta = (temporality or {}).get(Histogram) is AggregationTemporality.DELTA
    filled = FilledExporter(exporter, Histograms(recorder, is_delta), temporality, aggregation)
    return PeriodicExportingMetricReader(filled), True


def _scraped(recorder: Recorder) -> MetricReader | None:
    from tachograph.deliver import prometheus  # its client is loaded by whoever wants it only

    host, port, problem = settings.prometheus_address()
    if problem:
        _log.warning("tachograph: %s", problem)
    return prometheus.ScrapedReader(Histograms(recorder)) if prometheus.serve(host, port) else None
