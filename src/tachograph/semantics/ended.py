"""A finished span with what it means, judged once for all who ask: marks, metrics, the line on disk."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from tachograph import vocabulary as v
from tachograph.semantics import dialects, retold, roles
from tachograph.semantics.below import NOTHING, Below, reported
from tachograph.semantics.outcome import outcome
from tachograph.semantics.template import Template
from tachograph.semantics.usage import Usage, usage

_COSTS = dialects.names(v.COST_USD)


class Ended:
    """`span` is OpenTelemetry's, `attributes` a copy of its own. `differs` where they have come to differ, for an ended
    span cannot be changed: by marks that came too late for it, by secrets that were taken out. `template` is given
    where it ended with nothing but what it began with: what that says, and the `added_hash` of its call."""

    __slots__ = (
        "added_hash",
        "attributes",
        "below",
        "component",
        "differs",
        "events",
        "links",
        "outcome",
        "own",
        "role",
        "span",
        "template",
        "usage",
    )

    def __init__(self, span: Any, attributes: dict[str, Any], status_is_error: bool) -> None:
        self.span = span
        self.attributes = attributes
        self.differs = False
        # Copied by OpenTelemetry each time they are asked for.
        self.events: Sequence[Any] = span.events
        self.links: Sequence[Any] = span.links
        meant = retold.meant(attributes)
        is_own = meant is attributes
        judged = dialects.worded(span.name, attributes) if is_own else meant
        self.role: str = roles.role(span.name, judged)
        self.component: str = roles.component(span.name, judged, self.role)
        self.outcome: str = outcome(judged, status_is_error=status_is_error and is_own)
        self.usage: Usage | None = usage(judged)
        self.own = self._reported()
        self.below = NOTHING  # what was reported below it, as far as that is known
        self.template: Template | None = None
        self.added_hash: str | None = None

    @classmethod
    def like(cls, template: Template, span: Any, call_hash: str | None = None) -> Ended:
        """A span that ended with nothing but what its template says, and perhaps the hash of its call."""
        facts, made = template.facts, cls.__new__(cls)
        made.span = span
        made.attributes = template.attributes if call_hash is None else {**template.attributes, v.CALL_HASH: call_hash}
        made.added_hash = call_hash
        made.differs = False
        made.events = made.links = ()
        made.role = facts.role
        made.component = facts.component
        made.outcome = facts.outcome
        made.usage = facts.usage
        made.own = facts.own
        made.below = NOTHING
        made.template = template
        return made

    @property
    def is_silent(self) -> bool:
        """Whether those above need to know nothing of it."""
        return self.own is NOTHING

    def _reported(self) -> Below:
        """What those above have to know of this span; `NOTHING`, which is told at once, of most."""
        if self.usage is None and self.role != roles.CONTEXT and _COSTS.isdisjoint(self.attributes):
            return NOTHING
        cost = dialects.read(retold.meant(self.attributes), v.COST_USD) is not None
        own = reported(self.role, usage=self.usage is not None, cost=cost, context_size=self.context_size)
        return NOTHING if own == NOTHING else own

    @property
    def context_size(self) -> int | None:
        """Size of the context in tokens, where the span says one."""
        size = self.attributes.get(v.CONTEXT_SIZE)
        return size if type(size) is int and size >= 0 else None

    @property
    def call_hash(self) -> str | None:
        """What tells whether a call is the same call made again."""
        if self.attributes.get(v.CALL_HASH):
            return str(self.attributes[v.CALL_HASH])
        arguments = dialects.read(self.attributes, v.TOOL_ARGUMENTS)
        # The tool is part of the call, as in the store: two tools may well be called with the same arguments.
        return None if arguments is None else f"{self.attributes.get(v.TOOL_NAME)}\0{arguments}"
