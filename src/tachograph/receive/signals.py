"""The three kinds of telemetry: where each is sent, how its requests are built, and what the answer is called."""

from typing import Any, Final, NamedTuple

from google.protobuf.message import Message
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceResponse
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceResponse
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceResponse
from opentelemetry.proto.common.v1.common_pb2 import InstrumentationScope
from opentelemetry.proto.logs.v1.logs_pb2 import LogRecord
from opentelemetry.proto.metrics.v1.metrics_pb2 import Metric
from opentelemetry.proto.resource.v1.resource_pb2 import Resource
from opentelemetry.proto.trace.v1.trace_pb2 import Span

__all__ = ["LOGS", "METRICS", "SIGNALS", "TRACES", "InstrumentationScope", "Resource", "Signal"]


class Signal(NamedTuple):
    """`record` is the message of one span, log record or metric, `response` what a request is answered, `rejected` its
    field for what was not taken; the others are names in OTLP/JSON."""

    name: str
    record: type[Message]
    resources: str
    scopes: str
    records: str
    response: Any
    rejected: str


TRACES: Final = Signal(
    "traces", Span, "resourceSpans", "scopeSpans", "spans", ExportTraceServiceResponse, "rejected_spans"
)
LOGS: Final = Signal(
    "logs", LogRecord, "resourceLogs", "scopeLogs", "logRecords", ExportLogsServiceResponse, "rejected_log_records"
)
METRICS: Final = Signal(
    "metrics",
    Metric,
    "resourceMetrics",
    "scopeMetrics",
    "metrics",
    ExportMetricsServiceResponse,
    "rejected_data_points",
)

# By the path that the protocol names.
SIGNALS: Final[dict[str, Signal]] = {f"/v1/{signal.name}": signal for signal in (TRACES, LOGS, METRICS)}

Json = dict[str, Any]
