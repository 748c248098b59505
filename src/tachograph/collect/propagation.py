"""One trace over many processes: joins the trace of the caller, and hands the current span on to children."""

import os
import subprocess
from collections.abc import Mapping
from typing import Any

from opentelemetry import baggage, trace
from opentelemetry import context as otel_context
from opentelemetry.context import Context
from opentelemetry.propagators.textmap import TextMapPropagator
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

from tachograph.collect.patching import wrap_method
from tachograph.guard import harmless

_KEYS = ("TRACEPARENT", "TRACESTATE", "BAGGAGE")
_ENVIRONMENT = 10  # position of `env` among the arguments of Popen
_trace_context = TraceContextTextMapPropagator()
_joined: list[Context] = []


@harmless
def join() -> None:
    """Make the caller's span the current one of this process, and see to it that children get theirs; once."""
    if _joined:
        return
    carrier = {key.lower(): value for key, value in dict(os.environ).items() if key in _KEYS}
    context = _trace_context.extract(carrier, Context())
    _joined.append(_baggage().extract(carrier, context) if "baggage" in carrier else context)
    _attach(_joined[0])
    wrap_method(subprocess.Popen, "__init__", _popen)


def _baggage() -> TextMapPropagator:
    from opentelemetry.baggage.propagation import W3CBaggagePropagator  # few programs have any, and it is slow to load

    return W3CBaggagePropagator()


def _attach(caller_context: Context) -> None:
    # Whoever calls `install()` in the middle of a span of his own keeps it.
    if caller_context and not trace.get_current_span().get_span_context().is_valid:
        otel_context.attach(caller_context)


def caller() -> Context | None:
    """The context that this process was started in, None where nobody handed one on."""
    return _joined[0] if _joined and _joined[0] else None


def handed_on(environment: Mapping[Any, Any] | None) -> dict[Any, Any] | None:
    """A copy of `environment`, or of our own for None, with the current span as parent; None where there is no span."""
    if not trace.get_current_span().get_span_context().is_valid:
        return None
    own = dict(os.environ)
    copy = own if environment is None else dict(environment)
    if copy.get("TRACEPARENT") not in (None, own.get("TRACEPARENT")):
        return None  # the program hands on a parent of its own choice
    carrier: dict[str, str] = {}
    _trace_context.inject(carrier)
    if baggage.get_all():
        _baggage().inject(carrier)
    for key in _KEYS:  # what the caller left of another span goes, too
        copy.pop(key, None)
    return {**copy, **{key.upper(): value for key, value in carrier.items()}}


def _popen(wrapped: Any, instance: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    prepared = _with_parent(args, kwargs)
    args, kwargs = (args, kwargs) if prepared is None else prepared
    return wrapped(*args, **kwargs)


@harmless
def _with_parent(args: tuple[Any, ...], kwargs: dict[str, Any]) -> tuple[tuple[Any, ...], dict[str, Any]] | None:
    by_position = len(args) > _ENVIRONMENT
    environment = handed_on(args[_ENVIRONMENT] if by_position else kwargs.get("env"))
    if environment is None:
        return None
    if by_position:
        return (*args[:_ENVIRONMENT], environment, *args[_ENVIRONMENT + 1 :]), kwargs
    return args, {**kwargs, "env": environment}
