"""Spans into the spool: all that a process needs that exports nothing itself, and what every other one begins with."""

from collections.abc import Callable, Mapping
from typing import Any

from opentelemetry import trace
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import ReadableSpan, SpanProcessor, TracerProvider

from tachograph import environment, settings
from tachograph.annotate.baseline import Baseline
from tachograph.annotate.cleaning import cleaned_resource
from tachograph.annotate.identity import identity, salt
from tachograph.annotate.inheritance import InheritingSampler
from tachograph.annotate.processor import AnnotatingProcessor
from tachograph.collect import execution, propagation
from tachograph.deliver.otlp_json import span_line, started_line
from tachograph.deliver.spool import Spool
from tachograph.guard import harmless, tell_once
from tachograph.sdk import spans
from tachograph.semantics.ended import Ended
from tachograph.settings import Settings


def trace_to_spool() -> None:
    """Make a tracer provider whose spans go to the spool, and set it."""
    configured = settings.load()
    for problem in configured.problems:
        tell_once(problem, problem)
    made = processor(configured, spool(configured), nobody)
    provider = TracerProvider(InheritingSampler(None, made.at_birth), cleaned_resource(Resource.create()))
    provider.add_span_processor(made)
    made.inherits_at_start = True
    trace.set_tracer_provider(provider)
    collect_for(made)


def nobody(_: Ended) -> None:
    """Counts no metrics and asks for no review, for nobody wants any."""


def spool(configured: Settings) -> Spool | None:
    """The spool of this process, None where it is switched off."""
    return Spool(configured.spool_folder, configured.spool_bounds) if configured.spool else None


def processor(configured: Settings, into: Spool | None, record: Callable[[Ended], None]) -> AnnotatingProcessor:
    """The processor whose spans go into the spool and to `record`."""
    who = identity(configured.home, environment.ci_run())
    settings.keep_secrets(salt(configured.home))
    if into is None:
        return AnnotatingProcessor(record, who, baseline=Baseline(str(configured.home)))
    write = harmless(into.write)
    review = reviewer(configured)

    def deliver(ended: Ended) -> None:
        if into.is_of_parent(ended.span.start_time or 0):
            return  # a forked child unwinds what its parent began; the parent tells how it really ended
        into.write(span_line(ended))
        record(ended)
        review(ended)

    def announce(span: ReadableSpan, facts: Mapping[str, Any]) -> None:
        write(started_line(span, facts))

    return AnnotatingProcessor(deliver, who, announce, Baseline(str(configured.home)))


def reviewer(configured: Settings) -> Callable[[Ended], None]:
    """What asks for reviews of agents that have returned, where the settings name any."""
    if configured.review is None:
        return nobody
    from tachograph.sdk.reviewing import Reviewing

    return Reviewing(configured)


def attach(made: SpanProcessor) -> None:
    """Add the processor to the tracer provider that is set."""
    add = getattr(trace.get_tracer_provider(), "add_span_processor", None)
    if add is None:
        tell_once("attach", "the tracer provider takes no span processors; nothing will be recorded")
        return
    add(made)


def collect_for(made: AnnotatingProcessor) -> None:
    """Let what we wrap make its spans for this processor."""
    quick = spans.maker(execution.use_provider(), made)
    if quick:
        execution.makers.append(quick)
    execution.beginners.append(made.at_start)
    execution.finishers.append(made.before_end)
    propagation.join()
