"""Frozen values that the store hands out."""

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class IngestResult:
    """What one ingest did.

    `spans` and `executions` (spans of role agent, recipe or command) are newly stored; `duplicates` were
    met, or skipped with what the ledger knows, and stored before; `rejected` counts spans, log records and
    lines that could not be read, the first of them told in `reasons` as "FILE:LINE: why".
    """

    spans: int = 0
    executions: int = 0
    duplicates: int = 0
    rejected: int = 0
    skipped_metrics: int = 0
    logs: int = 0
    reasons: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class StoredSpan:
    """One span as it was stored: lower-case hex ids, times in nanoseconds since 1970, `tokens` None where unknown.

    `parent_id` is what the span says; `adopted_parent_id` the unit that took it in where that parent is missing.
    """

    trace_id: str
    span_id: str
    parent_id: str | None
    adopted_parent_id: str | None
    name: str
    kind: int
    role: str
    component: str
    outcome: str
    start_ns: int
    end_ns: int
    status_code: int
    status_message: str | None
    scope_name: str | None
    attributes: dict[str, Any]
    resource: dict[str, Any]
    events: list[dict[str, Any]]
    links: list[dict[str, Any]]
    tokens: int | None
