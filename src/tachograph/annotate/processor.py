"""The span processor: hands attributes down to what starts below, and marks agents and recipes when they finish."""

import os
import sys
from collections.abc import Callable, Mapping, Sequence
from types import ModuleType
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

from opentelemetry.context import Context
from opentelemetry.sdk.trace import ReadableSpan, Span, SpanProcessor
from opentelemetry.trace import StatusCode, format_span_id

from tachograph import redaction
from tachograph import vocabulary as v
from tachograph.annotate.baseline import Baseline
from tachograph.annotate.cleaning import cleaned, make_clean
from tachograph.annotate.pressure import Sample, Sampler, processor_time, processors
from tachograph.guard import harmless, tell_fault
from tachograph.liveness import process_key
from tachograph.semantics import dialects, retold, roles
from tachograph.semantics.below import NOTHING, Below, leaf_marks
from tachograph.semantics.ended import Ended
from tachograph.semantics.finished import Finished
from tachograph.semantics.outcome import is_cancellation
from tachograph.semantics.template import Template

if TYPE_CHECKING:
    from tachograph.semantics.dependencies import Unit

# Bounds on what is remembered, so that a service that runs for months does not grow.
MAX_LIVE = 100_000  # spans begun and not ended; beyond it the oldest is forgotten
MAX_BELOW = 10_000  # finished spans under one live span; beyond it that span gets no marks
MAX_HANDED = 4_096  # different sets of attributes handed down; then they are remembered anew

_MARKED = frozenset({roles.AGENT, roles.RECIPE})
_PRESSED = frozenset({roles.AGENT, roles.STEP, roles.TOOL, roles.COMMAND})
_NOTHING: Mapping[str, Any] = {}

Mark = Callable[[Finished], Mapping[str, Any]]
Attributes = Mapping[str, Any]


def token_marks(span: Finished) -> Attributes:
    """Total and wasted tokens of the leaf calls below a span, and the efficiency that follows (0-1)."""
    tokens = _rollup().tokens(span)
    if tokens is None:
        return {}
    marks: dict[str, Any] = {v.TOTAL_TOKENS: tokens.total, v.WASTED_TOKENS: tokens.wasted}
    if tokens.efficiency is not None:
        marks[v.EFFICIENCY] = tokens.efficiency
    return marks


def critical_path_marks(span: Finished) -> Attributes:
    """The component that held the critical path longest, and its share of it (0-1); of a span with nothing below
    there is nothing to say."""
    critical = _rollup().critical_component(span) if span.children else None
    return {v.CRITICAL_COMPONENT: critical.component, v.CRITICAL_SHARE: critical.share} if critical else {}


def _rollup() -> ModuleType:
    # Loaded with the first agent or recipe that has something below it: most short commands have none.
    from tachograph.semantics import rollup

    return rollup


if hasattr(os, "register_at_fork"):
    # Were a thread to load it in the moment of a fork, the child would wait for it for ever.
    os.register_at_fork(before=_rollup)


def with_inherited(given: Attributes, attributes: Attributes) -> Attributes:
    """`attributes`, and of those that are `given` from above what they lack."""
    own = dialects.canonical(attributes)
    if own is not attributes:  # it may say the same in another dialect
        given = {key: value for key, value in given.items() if key not in own}
    return {**given, **attributes}


def quality_marks(events: Sequence[Any]) -> Attributes:
    """The overall quality (0-10), where reviewers judged the work before the span ended."""
    from tachograph.semantics import evaluations  # few spans are reviewed before they end

    overall = evaluations.told(events)
    return {} if overall is None else {v.QUALITY_OVERALL: overall}


MARKS: tuple[Mark, ...] = (token_marks, critical_path_marks)


class _Named:
    """Stands in for a span of which nothing is known but its name."""

    events = links = ()

    def __init__(self, name: str) -> None:
        self.name = name


class _Live:
    """A span that has begun, with what has finished below it. `template` is given where the SDK made it from one;
    such a span says itself whether it was `touched` since."""

    __slots__ = (
        "below",
        "children",
        "cpu",
        "host",
        "is_plain",
        "judged",
        "parent",
        "reports",
        "span",
        "template",
        "was_handling",
    )

    def __init__(self, span: Any, parent: "_Live | None", host: Sample, template: Template | None) -> None:
        self.host = host
        self.cpu: float | None = None  # processor time when it began, of steps only
        self.span = span
        self.parent = parent
        self.template = template
        self.is_plain = False  # whether it ends as it began, as far as its maker knows
        self.judged: Ended | None = None  # by whoever made the span, shortly before it ended
        self.children: list[Finished] = []
        self.below = 0
        self.reports = NOTHING  # of all that has finished below
        self.was_handling = sys.exception()  # while it began

    def adopt(self, child: Finished, count: int, reports: Below) -> None:
        self.below += count
        if reports is not NOTHING:
            self.reports = self.reports.joined(reports)
        if self.below > MAX_BELOW:
            self.children.clear()
        else:
            self.children.append(child)


class AnnotatingProcessor(SpanProcessor):
    """Sits before every exporter. `deliver` gets each finished span with its marks; nothing here ever raises.
    `announce`, where given, gets recipes, steps and commands when they begin, with what to say of them; `baseline`,
    where given, says what is known of agents and recipes.

    `root` holds the attributes that a span without a local parent takes over where it lacks them. Where a sampler
    of ours calls `at_birth`, spans begin with what they take over, which costs less than adding it afterwards.
    """

    def __init__(
        self,
        deliver: Callable[[Ended], None],
        root: Attributes,
        announce: Callable[[ReadableSpan, Attributes], None] | None = None,
        baseline: Baseline | None = None,
    ) -> None:
        self._deliver = deliver
        self._announce = announce
        self._baseline = baseline
        self._host = Sampler()
        self._root = root
        self._live: dict[int, _Live] = {}
        self._handed: dict[Any, Attributes] = {}
        self.inherits_at_start = False
        # What is delivered in a span's place, as long as an exporter's queue holds the span.
        self._late: WeakKeyDictionary[ReadableSpan, ReadableSpan] = WeakKeyDictionary()

    def at_birth(self, parent_id: int, attributes: Attributes) -> Attributes:
        """The attributes of a span that begins below the span with this id, with what it takes over."""
        return with_inherited(self._inherited(parent_id), attributes)

    def handed_down(self, parent_id: int) -> Attributes:
        """What a span takes over that begins below the span with this id; the very same object for the same."""
        parent = self._live.get(parent_id)
        if parent is None:
            return self._root
        template = parent.template
        if template is None or parent.span.touched:
            return self._remembered(self._inherited(parent_id))
        if template.handed_down is None:
            template.handed_down = self._remembered(self._inherited(parent_id))
        return template.handed_down

    def _remembered(self, given: Attributes) -> Attributes:
        key = (*given.items(), *map(type, given.values()))  # by type, for True equals 1
        known = self._handed.get(key)
        if known is None:
            if len(self._handed) >= MAX_HANDED:
                self._handed.clear()
            known = self._handed[key] = given
        return known

    def template(self, name: str, attributes: Attributes, inherited: Attributes, pressure: Attributes) -> Template:
        """The template of spans that begin with this name and these attributes, as the SDK holds them."""
        own = dict(attributes)
        return Template(own, inherited, pressure, Ended(_Named(name), own, status_is_error=False))

    def _inherited(self, parent_id: int) -> Attributes:
        parent = self._live.get(parent_id)
        if parent is None:
            return self._root
        attributes = dialects.canonical(_own(parent.span))
        return {key: attributes[key] for key in v.INHERITED if key in attributes}

    def on_start(self, span: Span, parent_context: Context | None = None) -> None:
        try:
            self._begin(span)
        except Exception as error:
            tell_fault(self.on_start, error)

    def _begin(self, span: Span) -> None:
        parent = self._live.get(span.parent.span_id) if span.parent else None
        if not self.inherits_at_start:
            self._hand_down(span)
        if len(self._live) >= MAX_LIVE:
            self._live.pop(next(iter(self._live)), None)
        template = getattr(span, "template", None)
        live = self._live[span.context.span_id] = _Live(span, parent, self._host.now(), template)
        role = _role(span, template)
        if role == roles.STEP:
            live.cpu = processor_time()
        if self._announce and role in roles.ANNOUNCED:
            self._announce(cleaned(span), redaction.clean(_started(span)))

    def _hand_down(self, span: Span) -> None:
        own = dialects.canonical(_own(span))
        given = self._inherited(span.parent.span_id if span.parent else 0)
        lacking = {key: value for key, value in given.items() if key not in own}
        if lacking:
            span.set_attributes(lacking)

    def on_end(self, span: ReadableSpan) -> None:
        try:
            self._end(span)
        except Exception as error:
            tell_fault(self.on_end, error)

    def _end(self, span: ReadableSpan) -> None:
        live = self._live.pop(span.context.span_id, None)
        if live and live.is_plain and not live.below and not live.span.touched:
            ended = self._plain(span, live)
        else:
            ended = self._looked_at(span, live)
        make_clean(ended)
        if ended.span is not span:
            self._late[span] = ended.span
        self._deliver(ended)

    def _plain(self, span: ReadableSpan, live: _Live) -> Ended:
        template: Any = live.template
        added_hash = live.span.call_hash
        if live.parent:
            live.parent.adopt(_alike(span, template, added_hash, live.children), 1, NOTHING)
        return Ended.like(template, span, added_hash)

    def _looked_at(self, span: ReadableSpan, live: _Live | None) -> Ended:
        ended = live.judged if live else None
        if ended is None:
            ended = _retold(_cancelled(span, live) or _judged(span))
        if live:
            self._look_below(ended, live)
            ended.below = live.reports
        ended.span = span
        return ended

    @harmless
    def before_end(self, span: Span, end_time: int) -> Attributes | None:
        """Marks for a live span that its maker is about to end at `end_time` (ns)."""
        live = self._live.get(span.context.span_id)
        if live is None or self._ends_plain(live):
            return None
        ended = _judged(span)
        marks = self._marks(ended, live, end_time)
        ended.attributes |= marks
        live.judged = ended
        return marks

    def _ends_plain(self, live: _Live) -> bool:
        """Whether there is nothing to say of a span but what it began with."""
        template = live.template
        live.is_plain = (
            template is not None
            and not live.span.touched
            and not live.below
            and live.cpu is None
            and not (self._baseline and template.facts.role in _MARKED and self._baseline.is_there)
            and template.is_leaf
            and (template.facts.role not in _PRESSED or self._pressed_as_at_start(template, live))
        )
        return live.is_plain

    def _pressed_as_at_start(self, template: Template, live: _Live) -> bool:
        return self._host.now() is live.host and self._host.lately() is template.pressure

    def marked(self, span: ReadableSpan) -> ReadableSpan:
        """The finished span as it was delivered: with the marks that came too late for it, without secrets."""
        return self._late.get(span, span)

    def at_start(self, role: str) -> Attributes:
        """What a span of ours begins with, whose maker knows its role: how pressed the host was in the last second."""
        return self._host.lately() if role in _PRESSED else _NOTHING

    def _pressure(self, ended: Ended, live: _Live) -> dict[str, Any]:
        """Of the whole span; where it was too short for a new sample it may have begun with it."""
        is_known = v.CPU_PRESSURE in ended.attributes and self._host.now() is live.host
        return {} if is_known else dict(self._host.since(live.host))

    @harmless
    def _look_below(self, ended: Ended, live: _Live) -> None:
        """Add marks to what others made; hand every span up to what it hangs under."""
        if live.judged is None:
            self._mark_late(ended, live)
        if live.parent:
            reports = live.reports if ended.own is NOTHING else live.reports.joined(ended.own)
            live.parent.adopt(_finished(ended, live, ended.span.end_time), live.below + 1, reports)

    def _mark_late(self, ended: Ended, live: _Live) -> None:
        own = ended.attributes
        found = self._marks(ended, live, ended.span.end_time)
        marks = {key: value for key, value in found.items() if key not in own}
        if marks:
            ended.attributes, ended.differs = {**own, **marks}, True

    def _marks(self, ended: Ended, live: _Live, end_time: int) -> dict[str, Any]:
        marks = self._pressure(ended, live) if ended.role in _PRESSED else {}
        if live.cpu is not None:
            marks |= {v.CPU_TIME: processor_time() - live.cpu, v.CPU_COUNT: processors()}
        if ended.own is not NOTHING or live.reports is not NOTHING:
            marks |= leaf_marks(ended.role, ended.own, live.reports, context_size=ended.context_size)
        if self._baseline and ended.role in _MARKED:
            took = end_time - (ended.span.start_time or 0)
            marks |= self._baseline.marks(ended.role, ended.component, ended.attributes.get(v.COMPLEXITY), took)
        if ended.events and ended.role in _MARKED:
            marks |= quality_marks(ended.events)
        tells = live.children or ended.usage
        if tells and ended.role in _MARKED and live.below <= MAX_BELOW:
            finished = _finished(ended, live, end_time)
            for mark in MARKS:
                marks |= mark(finished)
        return marks


def _role(span: ReadableSpan, template: Template | None) -> str:
    return template.facts.role if template else roles.role(span.name, _own(span))


def _retold(ended: Ended) -> Ended:
    """The same, marked as such where a span of ours tells of it, too."""
    scope = ended.span.instrumentation_scope
    if not (retold.covers_any() and scope and retold.is_covered(scope.name, ended.role)):
        return ended
    again = Ended(ended.span, {**ended.attributes, v.RETOLD: True}, status_is_error=False)
    again.differs = True
    return again


def _cancelled(span: ReadableSpan, live: _Live | None) -> Ended | None:
    """What a span of somebody else's means that ends while it is cancelled, which most do not tell; else None."""
    error = sys.exception()
    if live is None or error is None or error is live.was_handling or not is_cancellation(error):
        return None
    own = _own(span)
    if v.OUTCOME in own or span.status.status_code is StatusCode.OK:
        return None
    told = {**own, v.OUTCOME: "cancellation", v.ERROR_TYPE: own.get(v.ERROR_TYPE, type(error).__qualname__)}
    ended = Ended(span, told, status_is_error=True)
    ended.differs = True
    return ended


def _judged(span: ReadableSpan) -> Ended:
    return Ended(span, _own(span), span.status.status_code is StatusCode.ERROR)


def _own(span: ReadableSpan) -> dict[str, Any]:
    """A plain copy of the attributes: a look-up in OpenTelemetry's own type costs ten times as much."""
    attributes: Any = span.attributes
    return attributes.copy()  # type: ignore[no-any-return]


def _started(span: Span) -> dict[str, Any]:
    """What has to be known of a span that may never end."""
    facts = {v.STARTED_NAME: span.name, v.PROCESS_KEY: process_key()}
    return {**facts, v.STARTED_PARENT: format_span_id(span.parent.span_id)} if span.parent else facts


def _alike(span: ReadableSpan, template: Template, added_hash: str | None, children: list[Finished]) -> Finished:
    """The same of a span that ended with nothing but what its template says, and perhaps the hash of its call."""
    facts = template.facts
    return Finished(
        span.context.span_id,
        span.parent.span_id if span.parent else None,
        span.start_time or 0,
        span.end_time or 0,
        facts.role,
        facts.component,
        facts.outcome,
        None,
        added_hash or template.call_hash,
        children,
    )


def _finished(ended: Ended, live: _Live, end_time: int) -> Finished:
    span = ended.span
    return Finished(
        span.context.span_id,
        span.parent.span_id if span.parent else None,
        span.start_time or 0,
        end_time,
        ended.role,
        ended.component,
        ended.outcome,
        ended.usage,
        ended.call_hash,
        live.children,
        _step(ended, end_time) if ended.role == roles.STEP else None,
    )


def _step(ended: Ended, end_time: int) -> "Unit":
    from tachograph.semantics.dependencies import Unit  # most short commands have no step

    span = ended.span
    links = [link.context.span_id for link in span.links]
    return Unit.of(ended.component, span.context.span_id, (span.start_time or 0, end_time), ended.attributes, links)
