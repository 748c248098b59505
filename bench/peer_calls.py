"""One wrapped call by each peer as it ships, by the plain SDK and by us; runs in that peer's own environment.

    python bench/peer_calls.py PEER cost|three|killed [--blocks 31] [--calls 200]

`cost` prints ratios to `hand` as JSON; `three` makes three calls and tells when the last one was done; `killed` makes
three and kills itself. Whatever can export does so to `OTEL_EXPORTER_OTLP_ENDPOINT`, over HTTP.
"""

import argparse
import json
import os
import signal
import time
from collections.abc import Callable
from typing import Any

import capture

Calls = tuple[Callable[[], Any], Callable[[], Any]]


def main() -> None:
    options = _options()
    if options.what == "cost":
        print(json.dumps(_cost(options.peer, options.blocks, options.calls)))
        return
    call, _ = PEERS[options.peer]()
    for _ in range(3):
        call()
    if options.what == "killed":
        os.kill(os.getpid(), signal.SIGKILL)
    print(time.clock_gettime_ns(time.CLOCK_MONOTONIC), flush=True)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("peer", choices=PEERS)
    parser.add_argument("what", choices=("cost", "three", "killed"))
    parser.add_argument("--blocks", type=int, default=31)
    parser.add_argument("--calls", type=int, default=200)
    return parser.parse_args()


def _cost(peer: str, blocks: int, calls: int) -> dict[str, Any]:
    """As capture.py measures ours: blocks in turns, the first ones thrown away."""
    call, call_async = PEERS[peer]()
    under = capture._under_recipe if peer == "tachograph" else _under_a_span
    hand, _ = capture._by_hand()
    variants = {
        "hand": hand,
        "sync": under(capture._timed(call)),
        "async": under(capture._timed_async(call_async)),
    }
    times: dict[str, list[float]] = {name: [] for name in variants}
    for _ in range(blocks + 2):
        for name, variant in variants.items():
            times[name].append(variant(calls))
    for taken in times.values():
        del taken[:2]
    return {name: capture._summary(times[name], times["hand"], calls) for name in variants}


def _under_a_span(block: capture.Block) -> capture.Block:
    from opentelemetry.sdk.trace import TracerProvider

    return capture._under(TracerProvider().get_tracer("bench"), block)


def _nothing() -> None: ...


async def _nothing_async() -> None: ...


def _wrapped(around: Callable[[Any], Any]) -> Calls:
    return around(_nothing), around(_nothing_async)


def _by_hand() -> Calls:
    """The call of `hand` once more: against itself it tells how far the ratios can be trusted."""
    from opentelemetry.sdk.metrics import MeterProvider
    from opentelemetry.sdk.metrics.export import PeriodicExportingMetricReader

    spans, metrics = capture._exporters()
    tracer = _provider(spans).get_tracer("hand")
    meter = MeterProvider([PeriodicExportingMetricReader(metrics)]).get_meter("hand")
    histogram, counter = meter.create_histogram("hand.duration", "s"), meter.create_counter("hand.calls")

    def call() -> None:
        start = time.perf_counter()
        with tracer.start_as_current_span("call") as span:
            for key, value in capture.ATTRIBUTES.items():
                span.set_attribute(key, value)
        histogram.record(time.perf_counter() - start, capture.LABELS)
        counter.add(1, capture.LABELS)

    async def call_async() -> None:
        call()

    return call, call_async


def _provider(exporter: Any) -> Any:
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import BatchSpanProcessor

    provider = TracerProvider()
    provider.add_span_processor(BatchSpanProcessor(exporter))
    return provider


def _tachograph() -> Calls:
    import tachograph

    tachograph.install()
    return _wrapped(tachograph.agent("coder", **capture.FACTS))


def _openlit() -> Calls:
    import openlit

    openlit.init(otlp_endpoint=_endpoint(), disabled_instrumentors=["all"], disable_metrics=False)
    return _wrapped(openlit.trace)


def _traceloop() -> Calls:
    from traceloop.sdk import Traceloop
    from traceloop.sdk.decorators import task

    Traceloop.init(app_name="bench", api_endpoint=_endpoint(), instruments=set(), telemetry_enabled=False)
    return _wrapped(task(name="coder"))


def _openinference() -> Calls:
    from openinference.instrumentation import TracerProvider
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
    from opentelemetry.sdk.trace.export import BatchSpanProcessor

    provider = TracerProvider()
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
    return _wrapped(provider.get_tracer("bench").agent)


def _util_genai() -> Calls:
    from opentelemetry.sdk.metrics import MeterProvider
    from opentelemetry.sdk.metrics.export import PeriodicExportingMetricReader
    from opentelemetry.util.genai.handler import TelemetryHandler

    spans, metrics = capture._exporters()
    meters = MeterProvider([PeriodicExportingMetricReader(metrics)])
    handler = TelemetryHandler(tracer_provider=_provider(spans), meter_provider=meters)

    def call() -> None:
        with handler.invoke_local_agent(agent_name="coder"):
            pass

    async def call_async() -> None:
        call()

    return call, call_async


def _logfire() -> Calls:
    import logfire

    logfire.configure(send_to_logfire=False, console=False, service_name="bench")
    return _wrapped(logfire.instrument("coder"))


def _langfuse() -> Calls:
    from langfuse import Langfuse, observe

    Langfuse(public_key="pk-lf-bench", secret_key="sk-lf-bench", base_url=_endpoint())  # noqa: S106  (opens nothing)
    return _wrapped(observe(name="coder", as_type="agent"))


def _agentops() -> Calls:
    import agentops
    from agentops.sdk.decorators import operation

    agentops.init(
        api_key="00000000-0000-0000-0000-000000000000",
        endpoint=_endpoint(),
        exporter_endpoint=f"{_endpoint()}/v1/traces",
        instrument_llm_calls=False,
        auto_start_session=False,
        log_level="CRITICAL",
    )
    return _wrapped(operation(name="coder"))


def _mlflow() -> Calls:
    import mlflow

    return _wrapped(mlflow.trace(name="coder", span_type="AGENT"))


def _endpoint() -> str:
    return os.environ["OTEL_EXPORTER_OTLP_ENDPOINT"]


PEERS: dict[str, Callable[[], Calls]] = {
    "hand": _by_hand,
    "tachograph": _tachograph,
    "openlit": _openlit,
    "traceloop": _traceloop,
    "util-genai": _util_genai,
    "openinference": _openinference,
    "logfire": _logfire,
    "langfuse": _langfuse,
    "agentops": _agentops,
    "mlflow": _mlflow,
}

if __name__ == "__main__":
    main()
