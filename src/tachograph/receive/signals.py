"""The three kinds of telemetry: where each is sent, how its requests are built, and what the answer is called."""

from typing import Any, Final, NamedTuple

from google.protobuf.message import Message
from opentelemetry.proto.common.v1.common_pb2 import InstrumentationScope
from opentelemetry.proto.logs.v1.logs_pb2 import LogRecord
from opentelemetry.proto.metrics.v1.metrics_pb2 import Metric
from opentelemetry.proto.resource.v1.resource_pb2 import Resource
from opentelemetry.proto.trace.v1.trace_pb2 import Span

__all__ = ["LOGS", "METRICS", "SIGNALS", "TRACES", "InstrumentationScope", "Resource", "Signal"]


class Signal(NamedTuple):
    """`record` is the message of one span, log record or metric; the others are names in OTLP/JSON."""

    name: str
    record: type[Message]
    resources: str
    scopes: str
    records: str
    rejected: str


TRACES: Final = Signal("traces", Span, "resourceSpans", "scopeSpans", "spans", "rejectedSpans")
LOGS: Final = Signal("logs", LogRecord, "resourceLogs", "scopeLogs", "logRecords", "rejectedLogRecords")
METRICS: Final = Signal("metrics", Metric, "resourceMetrics", "scopeMetrics", "metrics", "rejectedDataPoints")

# By the path that the protocol names.
SIGNALS: Final[dict[str, Signal]] = {f"/v1/{signal.name}": signal for signal in (TRACES, LOGS, METRICS)}

Json = dict[str, Any]
