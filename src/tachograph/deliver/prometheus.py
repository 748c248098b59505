"""The scrape target of a process: OpenTelemetry's Prometheus reader, served where the port can be had."""

import logging
import os
from typing import Any

from opentelemetry.exporter.prometheus import PrometheusMetricReader
from opentelemetry.sdk.metrics import ObservableCounter, export
from opentelemetry.sdk.metrics.export import ExponentialHistogram, MetricsData, ResourceMetrics, ScopeMetrics
from prometheus_client import start_http_server

from tachograph.deliver.metrics.histograms import Histograms
from tachograph.guard import tell_once

_log = logging.getLogger("tachograph")

# Label sets a metric may have: what 200 values a label may come to. By default OpenTelemetry merges those beyond 2,000
# into one that has lost its labels; its first versions have no such limit, nor a way to set it.
_LIMITS: dict[str, Any] = {"cardinality_limits": {ObservableCounter: 250_000}}
_SETTABLE = hasattr(export, "CardinalityLimits")


class ScrapedReader(PrometheusMetricReader):
    """Keeps all label sets, adds our histograms, and leaves out exponential ones, one of which would fail the whole
    scrape."""

    def __init__(self, histograms: Histograms) -> None:
        super().__init__(**(_LIMITS if _SETTABLE else {}))
        self._histograms = histograms

    def _receive_metrics(self, metrics_data: MetricsData, timeout_millis: float = 10_000, **kwargs: Any) -> None:
        filled = self._histograms.added_to(metrics_data)
        kept = [_without_exponential(resource) for resource in filled.resource_metrics]
        super()._receive_metrics(MetricsData(kept), timeout_millis, **kwargs)


def serve(host: str, port: int) -> bool:
    """Serve `/metrics` from a thread of its own; False, after one warning, where the port cannot be had.

    A child process inherits the setting but cannot have the port of its parent: it runs on without being scraped.
    """
    try:
        server, _ = start_http_server(port, host)
    except OSError as error:
        _log.warning("tachograph: no metrics for Prometheus on %s:%s (%s); all else goes on", host, port, error)
        return False
    if hasattr(os, "register_at_fork"):
        # A forked child has no thread that would answer, and must not keep the port when its parent ends.
        os.register_at_fork(after_in_child=server.socket.close)
    return True


def _without_exponential(resource: ResourceMetrics) -> ResourceMetrics:
    scopes = [_scope_without_exponential(scope) for scope in resource.scope_metrics]
    return ResourceMetrics(resource.resource, scopes, resource.schema_url)


def _scope_without_exponential(scope: ScopeMetrics) -> ScopeMetrics:
    kept = [metric for metric in scope.metrics if not isinstance(metric.data, ExponentialHistogram)]
    if len(kept) < len(scope.metrics):
        tell_once("exponential", "exponential histograms cannot be scraped and are left out of /metrics")
    return ScopeMetrics(scope.scope, kept, scope.schema_url)
