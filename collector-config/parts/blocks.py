"""The blocks that are written into the configurations, by name: lines without their indentation."""

from collections.abc import Callable, Iterator

from parts import dialects, labels, metrics, secrets
from parts.ottl import text
from parts.yaml import items


def _dialects() -> Iterator[str]:
    yield "transform/dialects:"
    yield "  error_mode: ignore"
    yield "  trace_statements:"
    yield from items(dialects.statements(), 4)


def _labels() -> Iterator[str]:
    yield "transform/labels:"
    yield "  error_mode: ignore"
    yield "  trace_statements:"
    yield "    - statements:"
    yield from items(labels.event_statements(), 8)
    yield "    - statements:"
    yield from items(labels.statements(), 8)


def _log_labels() -> Iterator[str]:
    """Names that a score in a log record bears itself."""
    yield "transform/log_labels:"
    yield "  error_mode: ignore"
    yield "  log_statements:"
    yield from items(labels.log_statements(), 4)


def _metrics() -> Iterator[str]:
    yield "signal_to_metrics:"
    yield "  error_mode: ignore"
    yield "  spans:"
    yield from (f"    {line}" for line in metrics.spans())
    yield "  logs:"
    yield from (f"    {line}" for line in metrics.logs())


def _redaction() -> Iterator[str]:
    """Attributes by the redaction processor, which sees no other texts; those by statements of the same patterns."""
    yield "redaction:"
    yield "  allow_all_keys: true"
    yield "  redact_all_types: true"
    yield "  summary: info"
    yield "  blocked_key_patterns:"
    yield from items(secrets.KEYS, 4)
    yield "  blocked_values:"
    yield from items(secrets.VALUES, 4)
    yield "transform/redaction:"
    yield "  error_mode: ignore"
    yield "  trace_statements:"
    yield "    - statements:"
    yield from items((s for path in ("span.name", "span.status.message") for s in _masked(path)), 8)
    yield "    - statements:"
    yield from items(_masked("spanevent.name"), 8)
    yield "  log_statements:"
    yield "    - statements:"
    yield from items((_mask_body(pattern) for pattern in secrets.VALUES), 8)


def _masked(path: str) -> Iterator[str]:
    for pattern in secrets.VALUES:
        yield f"replace_pattern({path}, {text(pattern)}, {text(secrets.MASK)})"


def _mask_body(pattern: str) -> str:
    return f"replace_pattern(log.body, {text(pattern)}, {text(secrets.MASK)}) where IsString(log.body)"


BLOCKS: dict[str, Callable[[], Iterator[str]]] = {
    "dialects": _dialects,
    "labels": _labels,
    "log labels": _log_labels,
    "metrics": _metrics,
    "redaction": _redaction,
}
