"""Log records are stored once each; metrics are accepted and counted."""

import json
from pathlib import Path

from telemetry import START, TRACE, attributes, hex_id, line, log_line, read, rows, span

from tachograph.store import Store

RECORD = {
    "timeUnixNano": str(START),
    "severityNumber": 9,
    "eventName": "dev_agency.execution.started",
    "body": {"stringValue": "started"},
    "attributes": attributes({"gen_ai.agent.name": "coder"}),
    "traceId": TRACE.upper(),
    "spanId": hex_id(7),
}


def test_a_log_record_is_stored_whole(store: Store, file: Path) -> None:
    """Ids in lower case, the rest as columns or JSON."""
    result = read(store, file, log_line(RECORD))
    assert (result.logs, result.spans, result.rejected) == (1, 0, 0)
    ((when, trace, at, event, severity, body, facts, service),) = rows(
        store, "SELECT time_ns, trace_id, span_id, event_name, severity, body, attributes, service_name FROM logs"
    )
    assert (when, trace, at) == (START, TRACE, hex_id(7))
    assert (event, severity, body, service) == ("dev_agency.execution.started", 9, "started", "app")
    assert json.loads(facts) == {"gen_ai.agent.name": "coder"}


def test_forms_of_severity_body_and_event_name(store: Store, file: Path) -> None:
    """A body that is no text is JSON; names stand for numbers; the older attribute names the event too."""
    read(
        store,
        file,
        log_line(
            {"observedTimeUnixNano": "1", "severityNumber": "SEVERITY_NUMBER_WARN2", "body": {"intValue": 5}},
            {"timeUnixNano": "2", "severityText": "Error", "attributes": attributes({"event.name": "x"})},
            {"timeUnixNano": "3", "severityNumber": 4_000},
        ),
    )
    assert rows(store, "SELECT time_ns, severity, body, event_name FROM logs ORDER BY time_ns") == [
        (1, 14, "5", None),
        (2, 17, None, "x"),
        (3, None, None, None),
    ]


def test_the_same_record_is_stored_once(store: Store, tmp_path: Path) -> None:
    """Within a file and across files; one that differs in anything is another record."""
    other = RECORD | {"body": {"stringValue": "again"}}
    assert read(store, tmp_path / "a.jsonl", log_line(RECORD, RECORD), log_line(RECORD)).logs == 1
    assert read(store, tmp_path / "b.jsonl", log_line(RECORD, other)).logs == 1
    assert rows(store, "SELECT count(*) FROM logs") == [(2,)]


def test_a_bad_record_costs_only_itself(store: Store, file: Path) -> None:
    """Like a bad span."""
    result = read(store, file, log_line(RECORD | {"spanId": "zz"}, RECORD))
    assert (result.logs, result.rejected) == (1, 1)
    assert result.reasons == (f"{file}:1: log record 1 has a span id that is not 16 hex digits",)


def test_metrics_are_counted(store: Store, file: Path) -> None:
    """By line, and the lines around them are read."""
    metrics = b'{"resourceMetrics":[{"scopeMetrics":[{"metrics":[{"name":"m"}]}]}]}\n'
    result = read(store, file, metrics, line(span(1)), metrics)
    assert (result.skipped_metrics, result.spans, result.rejected) == (2, 1, 0)
