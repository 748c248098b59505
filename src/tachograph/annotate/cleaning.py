"""A finished span as it may leave the process: without secrets and content, and saying of nobody who it is."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import Event, ReadableSpan
from opentelemetry.trace import Link, Status

from tachograph import redaction
from tachograph import vocabulary as v
from tachograph.guard import tell_fault
from tachograph.semantics import roles
from tachograph.semantics.ended import Ended

# Events of GenAI instrumentations carry content under names of their own.
_GENAI: Final = "gen_ai."
_CONTENT_OF_EVENTS: Final = frozenset({"content", "message", "body", "tool_calls", "arguments"})


def cleaned(span: ReadableSpan) -> ReadableSpan:
    """The span itself where nothing has to be changed, else a copy, for an ended span cannot be changed."""
    own: Any = span.attributes
    ended = Ended(span, own.copy(), status_is_error=False)
    make_clean(ended)
    return ended.span  # type: ignore[no-any-return]


def make_clean(ended: Ended) -> None:
    """Take out of a finished span what must not leave; its `span` is a copy wherever it has come to differ.

    Where cleaning fails, what could hold a secret stays here: a span without its attributes is delivered.
    """
    template, rules = ended.template, redaction.rules()
    if template and template.rules is rules and template.resource is ended.span.resource:
        return  # one like it was looked through
    try:
        _make_clean(ended, rules)
    except Exception as error:
        tell_fault(make_clean, error)
        ended.span = _bare(ended.span)
        ended.attributes, ended.events, ended.links = {}, (), ()
        ended.template = None


def _remember(ended: Ended, rules: object) -> None:
    if ended.template:
        ended.template.rules, ended.template.resource = rules, ended.span.resource


def _make_clean(ended: Ended, rules: object) -> None:
    span, given = ended.span, ended.attributes
    attributes = redaction.clean(given)
    name, events, links, status = span.name, ended.events, ended.links, span.status
    clean_name = redaction.text(name)
    clean_events = _events(events) if events else events
    clean_links = _links(links) if links else links
    clean_status = _status(status) if status.description else status
    resource = cleaned_resource(span.resource)
    is_clean = attributes is given and clean_name is name and clean_events is events and clean_links is links
    if is_clean and clean_status is status and resource is span.resource and not ended.differs:
        _remember(ended, rules)
        return
    ended.template = None
    ended.span = _copy(span, clean_name, attributes, clean_events, clean_links, clean_status, resource)
    ended.attributes, ended.events, ended.links = dict(attributes), clean_events, clean_links
    ended.component = roles.component(clean_name, attributes, ended.role)


def _copy(
    span: ReadableSpan,
    name: str,
    attributes: Mapping[str, Any],
    events: Sequence[Event],
    links: Sequence[Link],
    status: Status,
    resource: Resource,
) -> ReadableSpan:
    return ReadableSpan(
        name=name,
        context=span.context,
        parent=span.parent,
        resource=resource,
        attributes=attributes,
        events=events,
        links=links,
        kind=span.kind,
        status=status,
        start_time=span.start_time,
        end_time=span.end_time,
        instrumentation_scope=span.instrumentation_scope,
    )


def _bare(span: ReadableSpan) -> ReadableSpan:
    return _copy(span, redaction.REDACTED, {}, (), (), Status(span.status.status_code), Resource({}))


def _events(events: Sequence[Event]) -> Sequence[Event]:
    made = [_event(event) for event in events]
    return events if all(mine is theirs for mine, theirs in zip(made, events, strict=True)) else made


def _event(event: Event) -> Event:
    attributes = event_attributes(event.name, event.attributes or {})
    name = redaction.text(event.name)
    if name is event.name and (attributes is event.attributes or not event.attributes):
        return event
    return Event(name, attributes, event.timestamp)


def event_attributes(name: str, attributes: Mapping[str, Any]) -> Mapping[str, Any]:
    """The attributes of an event, or of a log record that is one."""
    keeps = redaction.captured().events
    if name.startswith(_GENAI) and name != v.EVALUATION_RESULT and not keeps:
        kept = {key: value for key, value in attributes.items() if key not in _CONTENT_OF_EVENTS}
        attributes = attributes if len(kept) == len(attributes) else kept
    return redaction.clean(attributes, keeps_content=keeps)


def _links(links: Sequence[Link]) -> Sequence[Link]:
    made = [_link(link) for link in links]
    return links if all(mine is theirs for mine, theirs in zip(made, links, strict=True)) else made


def _link(link: Link) -> Link:
    attributes = redaction.clean(link.attributes or {})
    return link if attributes is link.attributes or not link.attributes else Link(link.context, attributes)


def _status(status: Status) -> Status:
    said = redaction.text(status.description or "")
    return status if said is status.description else Status(status.status_code, said)


# All spans of a process share one resource, nearly always.
_last: list[tuple[Resource, Resource]] = []


def cleaned_resource(resource: Resource) -> Resource:
    """The resource itself where nothing has to be changed."""
    if _last and _last[0][0] is resource:
        return _last[0][1]
    attributes = redaction.clean(resource.attributes)
    made = resource if attributes is resource.attributes else Resource(attributes, resource.schema_url)
    _last[:] = [(resource, made)]
    return made
