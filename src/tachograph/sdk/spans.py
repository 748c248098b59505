"""Spans of OpenTelemetry's SDK made from templates: the same spans, at a fraction of what its own tracer takes."""

from collections.abc import Callable
from math import inf
from threading import Lock
from time import time_ns
from typing import Any

from opentelemetry.attributes import BoundedAttributes
from opentelemetry.context import get_current
from opentelemetry.sdk.trace import ReadableSpan, Tracer, _Span
from opentelemetry.sdk.trace._tracer_metrics import NoOpTracerMetrics
from opentelemetry.sdk.trace.sampling import ALWAYS_ON, DEFAULT_ON
from opentelemetry.sdk.util import BoundedList
from opentelemetry.trace import Span, SpanContext, SpanKind, Status, StatusCode, TraceFlags, get_current_span

from tachograph import vocabulary as v
from tachograph.annotate.inheritance import InheritingSampler
from tachograph.annotate.processor import AnnotatingProcessor, with_inherited
from tachograph.collect import propagation
from tachograph.collect.execution import Site
from tachograph.semantics.template import Template

_MOST_TEMPLATES = 16  # of a site; then they are made anew
_RANDOM = TraceFlags.RANDOM_TRACE_ID
_FLAGS = {random: TraceFlags(TraceFlags.SAMPLED | random) for random in (0, _RANDOM)}
_UNSET = Status(StatusCode.UNSET)


class TemplateSpan(_Span):
    """A span of the SDK that knows what it was made from, and whether anything was `touched` since. The
    `call_hash` that it began with, beside what its template says, is the one thing that may be its own."""

    touched = False
    template: Template
    call_hash: str | None = None

    def begin_with(self, call_hash: str) -> None:
        """For its maker, while nobody else knows of it and there is room for one more attribute."""
        self.call_hash = self._attributes._dict[v.CALL_HASH] = call_hash  # type: ignore[union-attr]

    def set_attribute(self, key: str, value: Any) -> None:
        self.touched = True
        super().set_attribute(key, value)

    def set_attributes(self, attributes: Any) -> None:
        self.touched = True
        super().set_attributes(attributes)

    def add_event(self, *args: Any, **kwargs: Any) -> None:
        self._have_own("_events", self._limits.max_events)
        super().add_event(*args, **kwargs)

    def add_link(self, *args: Any, **kwargs: Any) -> None:
        self._have_own("_links", self._limits.max_links)
        super().add_link(*args, **kwargs)

    def update_name(self, name: str) -> None:
        self.touched = True
        super().update_name(name)

    def set_status(self, *args: Any, **kwargs: Any) -> None:
        self.touched = True
        super().set_status(*args, **kwargs)

    def _have_own(self, name: str, limit: int | None) -> None:
        # Most spans have no events and no links, and share the empty list.
        self.touched = True
        with self._lock:
            if getattr(self, name) is _EMPTY:
                setattr(self, name, BoundedList(limit))

    def _readable_span(self) -> ReadableSpan:
        return self  # an ended span does not change


_EMPTY: Any = BoundedList(0)


def maker(tracer: Any, processor: AnnotatingProcessor) -> Callable[[Site, str | None], Span | None] | None:
    """What makes spans as `tracer` would, for `processor`; None where the tracer is not as the SDK sets it up by
    default, or the SDK is not the one that is known here."""
    if type(tracer) is not Tracer or not samples_all(tracer.sampler) or not _is_known(tracer):
        return None
    return _Maker(tracer, processor).make


def samples_all(sampler: Any) -> bool:
    """Whether a sampler takes every span whose parent was taken, or that has none."""
    if isinstance(sampler, InheritingSampler):
        return sampler.chosen is None or samples_all(sampler.chosen)
    return any(type(sampler) is type(known) and _told(sampler) == _told(known) for known in (ALWAYS_ON, DEFAULT_ON))


def _told(sampler: Any) -> str:
    return str(sampler.get_description())


def _is_known(tracer: Tracer) -> bool:
    """Whether the SDK builds its spans of the very parts of which we build them."""
    if not isinstance(tracer._tracer_metrics, NoOpTracerMetrics):
        return False
    context = SpanContext(1, 1, is_remote=False)
    theirs, ours = (
        _Span("", context, resource=tracer.resource),
        _Maker(tracer, None).span("", SpanKind.INTERNAL, context, None, {}),
    )
    parts = ((theirs, ours), (theirs._attributes, ours._attributes))
    return all(vars(their).keys() == vars(our).keys() for their, our in parts)


def _or_any(limit: int | None) -> float:
    return inf if limit is None else limit


class _Maker:
    def __init__(self, tracer: Tracer, processor: Any) -> None:
        self._tracer = tracer
        self._processor: AnnotatingProcessor = processor
        self._limits = tracer._span_limits

    def make(self, site: Site, call_hash: str | None = None) -> Span | None:
        """A span that has begun; None for one that the tracer itself has to make, as the first of its kind."""
        tracer = self._tracer
        now = get_current()
        parent: SpanContext | None = get_current_span(now).get_span_context()
        if parent.is_valid:  # type: ignore[union-attr]
            trace_id, span_id, _, flags, state, _ = parent  # type: ignore[misc]
            if not flags & 1 or not tracer._tracer_config.is_enabled:
                return None
            flags = _FLAGS[flags & _RANDOM]
        elif propagation.caller() is not None or not tracer._tracer_config.is_enabled:
            return None
        else:
            trace_id, span_id, state, parent = tracer.id_generator.generate_trace_id(), 0, None, None
            flags = _FLAGS[_RANDOM if tracer.id_generator.is_trace_id_random() else 0]
        template = self._template(site, span_id)
        if template is None or (call_hash is not None and len(call_hash) > template.longest_hash):
            return None
        context = SpanContext(trace_id, tracer.id_generator.generate_span_id(), False, flags, state)
        span = self.span(site.title, site.unit.kind, context, parent, template.attributes)
        span.template = template
        if call_hash is not None:
            span.begin_with(call_hash)
        span._start_time = time_ns()
        tracer.span_processor.on_start(span, parent_context=now)
        return span

    def _template(self, site: Site, parent_id: int) -> Template | None:
        inherited, pressure = self._processor.handed_down(parent_id), self._processor.at_start(site.role)
        if site.held is not pressure:  # each second it is another one
            site.templates.clear()
            site.held = pressure
        key = id(inherited)  # which is held below it, so that no id comes twice
        found = site.templates.get(key)
        if type(found) is Template:
            return found
        if found is None:  # what comes once is not worth a template
            if len(site.templates) >= _MOST_TEMPLATES:
                site.templates.clear()
            site.templates[key] = inherited
            return None
        given = with_inherited(inherited, {**site.attributes, **pressure})
        made = BoundedAttributes(
            self._limits.max_span_attributes, given, max_value_len=self._limits.max_span_attribute_length
        )
        if made.dropped:
            return None
        made_of = self._processor.template(site.title, made.copy(), inherited, pressure)
        made_of.longest_hash = self._longest_hash(made_of)
        site.templates[key] = made_of
        return made_of

    def _longest_hash(self, template: Template) -> float:
        """A span may say its hash where that is not cut, and where nothing that its template says is lost by it."""
        limits = self._limits
        has_room = len(template.attributes) < _or_any(limits.max_span_attributes) and template.call_hash is None
        return _or_any(limits.max_span_attribute_length) if has_room else 0

    def span(
        self, name: str, kind: SpanKind, context: SpanContext, parent: SpanContext | None, attributes: dict[str, Any]
    ) -> TemplateSpan:
        """A span that has not begun: what the SDK's own constructors would make of it."""
        limits, tracer = self._limits, self._tracer
        held = BoundedAttributes.__new__(BoundedAttributes)
        held._dict = attributes.copy()
        held.maxlen = limits.max_span_attributes
        held.dropped = 0
        held.max_value_len = limits.max_span_attribute_length
        held._lock = Lock()
        held._immutable = False
        span: TemplateSpan = object.__new__(TemplateSpan)
        span._name = name
        span._context = context
        span._kind = kind
        span._instrumentation_info = tracer.instrumentation_info
        span._instrumentation_scope = tracer._instrumentation_scope
        span._parent = parent
        span._start_time = None
        span._end_time = None
        span._attributes = held
        span._events = span._links = _EMPTY
        span._resource = tracer.resource
        span._status = _UNSET
        span._sampler = tracer.sampler
        span._trace_config = None
        span._record_exception = span._set_status_on_exception = True
        span._span_processor = tracer.span_processor
        span._limits = limits
        span._lock = Lock()
        span._record_end_metrics = None
        return span
