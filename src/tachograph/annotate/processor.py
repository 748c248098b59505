"""The span processor: hands attributes down to what starts below, and marks agents and recipes when they finish."""

from collections.abc import Callable, Mapping
from typing import Any
from weakref import WeakKeyDictionary

from opentelemetry.context import Context
from opentelemetry.sdk.trace import ReadableSpan, Span, SpanProcessor
from opentelemetry.trace import StatusCode, format_span_id

from tachograph import vocabulary as v
from tachograph.annotate.pressure import Sample, Sampler
from tachograph.guard import harmless
from tachograph.liveness import process_key
from tachograph.semantics import dialects, outcome, roles, rollup
from tachograph.semantics.below import NOTHING, Below, leaf_marks, reported
from tachograph.semantics.rollup import Finished
from tachograph.semantics.usage import usage

# Bounds on what is remembered, so that a service that runs for months does not grow.
MAX_LIVE = 100_000  # spans begun and not ended; beyond it the oldest is forgotten
MAX_BELOW = 10_000  # finished spans under one live span; beyond it that span gets no marks

_MARKED = frozenset({roles.AGENT, roles.RECIPE})
_PRESSED = frozenset({roles.AGENT, roles.STEP, roles.TOOL, roles.COMMAND})

Mark = Callable[[Finished], Mapping[str, Any]]


def token_marks(span: Finished) -> Mapping[str, Any]:
    """Total and wasted tokens of the leaf calls below a span, and the efficiency that follows (0-1)."""
    tokens = rollup.tokens(span)
    if tokens is None:
        return {}
    marks: dict[str, Any] = {v.TOTAL_TOKENS: tokens.total, v.WASTED_TOKENS: tokens.wasted}
    if tokens.efficiency is not None:
        marks[v.EFFICIENCY] = tokens.efficiency
    return marks


def critical_path_marks(span: Finished) -> Mapping[str, Any]:
    """The component that held the critical path longest, and its share of it (0-1)."""
    critical = rollup.critical_component(span)
    return {v.CRITICAL_COMPONENT: critical.component, v.CRITICAL_SHARE: critical.share} if critical else {}


MARKS: tuple[Mark, ...] = (token_marks, critical_path_marks)


class _Live:
    """A span that has begun, with what has finished below it."""

    __slots__ = ("below", "children", "host", "parent", "reports", "span")

    def __init__(self, span: Span, parent: "_Live | None", host: Sample) -> None:
        self.host = host
        self.span = span
        self.parent = parent
        self.children: list[Finished] = []
        self.below = 0
        self.reports = NOTHING  # of all that has finished below

    def adopt(self, child: Finished, count: int, reports: Below) -> None:
        self.below += count
        self.reports = self.reports.joined(reports)
        if self.below > MAX_BELOW:
            self.children.clear()
        else:
            self.children.append(child)


class AnnotatingProcessor(SpanProcessor):
    """Sits before every exporter. `deliver` gets each finished span with its marks; nothing here ever raises.
    `announce`, where given, gets recipes, steps and commands when they begin, with what to say of them.

    `root` holds the attributes that a span without a local parent takes over where it lacks them.
    """

    def __init__(
        self,
        deliver: Callable[[ReadableSpan], None],
        root: Mapping[str, Any],
        announce: Callable[[ReadableSpan, Mapping[str, Any]], None] | None = None,
    ) -> None:
        self._deliver = deliver
        self._announce = announce
        self._host = Sampler()
        self._root = root
        self._live: dict[int, _Live] = {}
        # Marks of spans that others made, as long as an exporter's queue holds the span.
        self._late: WeakKeyDictionary[ReadableSpan, Mapping[str, Any]] = WeakKeyDictionary()

    @harmless
    def on_start(self, span: Span, parent_context: Context | None = None) -> None:
        parent = self._live.get(span.parent.span_id) if span.parent else None
        inherited = _lacking(span, _attributes(parent.span) if parent else self._root)
        if inherited:
            span.set_attributes(inherited)
        if len(self._live) >= MAX_LIVE:
            self._live.pop(next(iter(self._live)), None)
        self._live[span.get_span_context().span_id] = _Live(span, parent, self._host.now())
        if self._announce and roles.role(span.name, span.attributes or {}) in roles.ANNOUNCED:
            self._announce(span, _started(span))

    @harmless
    def on_end(self, span: ReadableSpan) -> None:
        live = self._live.pop(span.context.span_id, None)
        marks = self._late_marks(span, live) if live else None
        self._deliver(with_marks(span, marks) if marks else span)

    @harmless
    def before_end(self, span: Span, end_time: int) -> Mapping[str, Any]:
        """Marks for a live span that its maker is about to end at `end_time` (ns)."""
        live = self._live.get(span.get_span_context().span_id)
        return self._marks(_finished(span, end_time, live), live) if live else {}

    def marked(self, span: ReadableSpan) -> ReadableSpan:
        """The finished span with the marks that came too late for it."""
        marks = self._late.get(span)
        return with_marks(span, marks) if marks else span

    @harmless
    def _late_marks(self, span: ReadableSpan, live: _Live) -> Mapping[str, Any]:
        """Marks for an agent or recipe that others made; every span is also handed up to what it hangs under."""
        finished = _finished(span, span.end_time or 0, live)
        if live.parent:
            live.parent.adopt(finished, live.below + 1, live.reports.joined(finished.reports))
        marked = (span.attributes or {}).keys()
        marks = {key: value for key, value in self._marks(finished, live).items() if key not in marked}
        if marks:
            self._late[span] = marks
        return marks

    def _marks(self, finished: Finished, live: _Live) -> dict[str, Any]:
        marks: dict[str, Any] = dict(self._host.since(live.host)) if finished.role in _PRESSED else {}
        marks |= leaf_marks(finished.role, finished.reports, live.reports, context_size=finished.context_size)
        if finished.role in _MARKED and live.below <= MAX_BELOW:
            for mark in MARKS:
                marks |= mark(finished)
        return marks


def _started(span: Span) -> dict[str, Any]:
    """What has to be known of a span that may never end."""
    facts = {v.STARTED_NAME: span.name, v.PROCESS_KEY: process_key()}
    return {**facts, v.STARTED_PARENT: format_span_id(span.parent.span_id)} if span.parent else facts


def _lacking(span: Span, source: Mapping[str, Any]) -> dict[str, Any]:
    own = _attributes(span)
    return {key: source[key] for key in v.INHERITED if key in source and key not in own}


def _finished(span: ReadableSpan, end_time: int, live: _Live | None) -> Finished:
    attributes = _attributes(span)
    role, used, size = roles.role(span.name, attributes), usage(attributes), _size(attributes.get(v.CONTEXT_SIZE))
    costs = dialects.read(attributes, v.COST_USD) is not None
    return Finished(
        id=span.context.span_id,
        parent=span.parent.span_id if span.parent else None,
        start=span.start_time or 0,
        end=end_time,
        role=role,
        component=roles.component(span.name, attributes, role),
        outcome=outcome.outcome(attributes, status_is_error=span.status.status_code is StatusCode.ERROR),
        usage=used,
        call_hash=_call_hash(attributes),
        reports=reported(role, usage=used is not None, cost=costs, context_size=size),
        context_size=size,
        children=live.children if live else [],
    )


def _attributes(span: ReadableSpan) -> Mapping[str, Any]:
    # A dictionary, for many look-ups follow, which are slow in OpenTelemetry's own type.
    return dialects.canonical(dict(span.attributes or {}))


def _size(value: Any) -> int | None:
    return value if type(value) is int and value >= 0 else None


def _call_hash(attributes: Mapping[str, Any]) -> str | None:
    value = attributes.get(v.CALL_HASH) or dialects.read(attributes, v.TOOL_ARGUMENTS)
    return None if value is None else str(value)


def with_marks(span: ReadableSpan, marks: Mapping[str, Any]) -> ReadableSpan:
    """A copy of a finished span with more attributes; an ended span itself cannot be changed."""
    return ReadableSpan(
        name=span.name,
        context=span.context,
        parent=span.parent,
        resource=span.resource,
        attributes={**(span.attributes or {}), **marks},
        events=span.events,
        links=span.links,
        kind=span.kind,
        status=span.status,
        start_time=span.start_time,
        end_time=span.end_time,
        instrumentation_scope=span.instrumentation_scope,
    )
