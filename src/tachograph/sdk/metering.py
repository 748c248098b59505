"""Spans that are counted, too: on providers of the program's own, or on those that the launcher sets."""

from opentelemetry import metrics
from opentelemetry.sdk.metrics import MeterProvider

from tachograph import settings
from tachograph.annotate.processor import AnnotatingProcessor
from tachograph.deliver.metrics.recorder import Recorder
from tachograph.deliver.spool import Spool
from tachograph.sdk import tracing
from tachograph.settings import Settings


def join_the_programs_providers() -> None:
    """Add what we have to the tracer provider, and meter provider if any, that the program has set."""
    configured, recorder = settings.load(), Recorder()
    made = processor(configured, tracing.spool(configured), recorder)
    tracing.attach(made)
    start(recorder)
    tracing.collect_for(made)


def processor(configured: Settings, spool: Spool | None, recorder: Recorder) -> AnnotatingProcessor:
    """The processor whose spans are counted by `recorder`, with what the spool has lost."""
    if spool:
        recorder.dropped = lambda: spool.losses
    return tracing.processor(configured, spool, recorder.record)


def start(recorder: Recorder) -> None:
    """Count from now on, where the SDK (or the program itself) has set a meter provider."""
    if isinstance(metrics.get_meter_provider(), MeterProvider):
        recorder.start(metrics.get_meter("tachograph"))
