"""A finished span with what it means, judged once for all who ask: marks, metrics, the line on disk."""

from typing import Any

from tachograph import vocabulary as v
from tachograph.semantics import dialects, roles
from tachograph.semantics.outcome import outcome
from tachograph.semantics.usage import Usage, usage


class Ended:
    """`span` is OpenTelemetry's; `attributes` are its own and the marks that came too late for it."""

    __slots__ = ("attributes", "component", "events", "outcome", "role", "span", "usage")

    def __init__(self, span: Any, attributes: dict[str, Any], status_is_error: bool) -> None:
        self.span = span
        self.attributes = attributes
        self.events: tuple[Any, ...] = span.events  # copied by OpenTelemetry each time it is asked
        self.role: str = roles.role(span.name, attributes)
        self.component: str = roles.component(span.name, attributes, self.role)
        self.outcome: str = outcome(attributes, status_is_error=status_is_error)
        self.usage: Usage | None = usage(attributes)

    @property
    def call_hash(self) -> str | None:
        """What tells whether a call is the same call made again."""
        value = self.attributes.get(v.CALL_HASH) or dialects.read(self.attributes, v.TOOL_ARGUMENTS)
        return None if value is None else str(value)
