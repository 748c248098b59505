"""Wires collect → annotate → deliver inside the traced process."""

from tachograph import environment
from tachograph.collect import execution
from tachograph.guard import harmless


@harmless
def install() -> None:
    """Start tachograph from code, where no launcher did: on the tracer provider that is set, else on a new one.

    Calling it again, or under the launcher, does nothing. It raises nothing either.
    """
    # Loaded now: were it when threads first use it, a child forked in that moment would wait for ever.
    import tachograph.collect.units  # noqa: F401

    if not execution.finishers:
        trace_for_the_program()


def trace_for_the_program() -> None:
    """Put our processor where the program's spans end: on its own providers, else on new ones."""
    from opentelemetry import trace

    if not isinstance(trace.get_tracer_provider(), trace.ProxyTracerProvider):
        from tachograph.sdk import metering

        metering.join_the_programs_providers()
    elif environment.needs_only_the_spool():
        from tachograph.sdk import tracing

        tracing.trace_to_spool()
    else:
        from tachograph.sdk.launcher import TachographConfigurator, TachographDistro

        TachographDistro().configure()
        TachographConfigurator().configure()
