"""A finished span with what it means, judged once for all who ask: marks, metrics, the line on disk."""

from collections.abc import Sequence
from typing import Any

from tachograph import vocabulary as v
from tachograph.semantics import dialects, roles
from tachograph.semantics.outcome import outcome
from tachograph.semantics.usage import Usage, usage


class Ended:
    """`span` is OpenTelemetry's, `attributes` a copy of its own. `differs` where they have come to differ, for an ended
    span cannot be changed: by marks that came too late for it, by secrets that were taken out."""

    __slots__ = ("attributes", "component", "differs", "events", "links", "outcome", "role", "span", "usage")

    def __init__(self, span: Any, attributes: dict[str, Any], status_is_error: bool) -> None:
        self.span = span
        self.attributes = attributes
        self.differs = False
        # Copied by OpenTelemetry each time they are asked for.
        self.events: Sequence[Any] = span.events
        self.links: Sequence[Any] = span.links
        self.role: str = roles.role(span.name, attributes)
        self.component: str = roles.component(span.name, attributes, self.role)
        self.outcome: str = outcome(attributes, status_is_error=status_is_error)
        self.usage: Usage | None = usage(attributes)

    @property
    def call_hash(self) -> str | None:
        """What tells whether a call is the same call made again."""
        if self.attributes.get(v.CALL_HASH):
            return str(self.attributes[v.CALL_HASH])
        arguments = dialects.read(self.attributes, v.TOOL_ARGUMENTS)
        # The tool is part of the call, as in the store: two tools may well be called with the same arguments.
        return None if arguments is None else f"{self.attributes.get(v.TOOL_NAME)}\0{arguments}"
