"""Log records of the host, where OpenTelemetry exports them: without secrets and content, like spans."""

from collections.abc import Mapping
from typing import Any

from opentelemetry.sdk._logs import LogRecordProcessor, ReadWriteLogRecord

from tachograph import redaction
from tachograph.annotate.cleaning import event_attributes
from tachograph.guard import harmless

_GENAI = "gen_ai."


class CleaningLogProcessor(LogRecordProcessor):
    """Sits before every exporter of log records; a record that cannot be searched loses its text."""

    def on_emit(self, log_record: ReadWriteLogRecord) -> None:
        if not _clean(log_record.log_record):
            log_record.log_record.body = redaction.REDACTED
            log_record.log_record.attributes = {}

    def shutdown(self) -> None:
        """Holds nothing."""

    def force_flush(self, timeout_millis: int = 30_000) -> bool:
        return True


@harmless
def _clean(record: Any) -> bool:
    name = record.event_name or ""
    record.body = _body(name, record.body)
    attributes = record.attributes or {}
    made = event_attributes(name, attributes)
    if made is not attributes:
        record.attributes = made
    return True


def _body(name: str, body: Any) -> Any:
    if isinstance(body, str):
        return redaction.text(body)
    if isinstance(body, Mapping):
        return event_attributes(name, body)
    return redaction.clean({"body": body})["body"]
