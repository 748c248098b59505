"""What one wrapped call costs the thread that makes it, against instrumenting it by hand with the plain SDK.

    python bench/capture.py [--blocks 31] [--calls 200] [--json FILE]

`hand` is one span with six `set_attribute` calls, one histogram and one counter record with three attributes, on
providers of its own (batch processor, periodic reader), with the exporters that we have in the same row, else ones that
throw everything away. Both are measured in turns in one process, in CPU time of the calling thread; a ratio is the
median over the blocks, with their quartiles.
Every call runs under a parent span, as an agent's calls do. `late` is a call that tells its tokens and its
outcome at its end, so that hardly anything of it repeats; `tool` is a call of a tool with a text, which is hashed.
"""

import argparse
import asyncio
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

ATTRIBUTES = {
    "app.tenant": "acme",
    "app.region": "eu-west-1",
    "app.items": 12,
    "app.cached": True,
    "app.ratio": 0.75,
    "app.route": "/v1/answers",
}
# Six attributes with the operation and the name, which every agent has.
FACTS: dict[str, Any] = {"version": "1.2.0", "complexity": "simple", "task_class": "fix", "context_size": 1_200}
LABELS = {"agent_name": "coder", "outcome": "success", "task_complexity": "simple"}

# Each row is a process of its own: what its environment says, and the parts of us that it goes without.
MODES: dict[str, dict[str, str]] = {
    "no exporter": {},
    "Collector up": {"OTEL_EXPORTER_OTLP_ENDPOINT": "{sink}"},
    "Collector refused": {"OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:9"},
    "the program's provider": {},
    "without metrics": {"OTEL_METRICS_EXPORTER": "none", "OTEL_EXPORTER_OTLP_ENDPOINT": "{sink}"},
    "without spool": {"TACHOGRAPH_SPOOL": "off", "OTEL_EXPORTER_OTLP_ENDPOINT": "{sink}"},
}


def main() -> None:
    options = _options()
    if options.child:
        print(json.dumps(_measure(options.child, options.blocks, options.calls)))
        return
    with sink() as address:
        rows = {mode: _in_process(mode, address, options) for mode in MODES}
    _show(rows)
    if options.json:
        Path(options.json).write_text(json.dumps(rows, indent=1) + "\n")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--blocks", type=int, default=31)
    parser.add_argument("--calls", type=int, default=200)
    parser.add_argument("--json", help="file to write the table to")
    parser.add_argument("--child", choices=MODES, help=argparse.SUPPRESS)
    return parser.parse_args()


@contextmanager
def sink() -> Iterator[str]:
    """Something that takes every request and keeps nothing, in a process of its own; gives its address."""
    program = (
        "from http.server import *\n"
        "class Sink(BaseHTTPRequestHandler):\n"
        "    protocol_version = 'HTTP/1.1'\n"
        "    def do_POST(self):\n"
        "        self.rfile.read(int(self.headers['Content-Length']))\n"
        "        self.send_response(200); self.send_header('Content-Length', '0'); self.end_headers()\n"
        "    def log_message(self, *_): pass\n"
        "server = ThreadingHTTPServer(('127.0.0.1', 0), Sink)\n"
        "print(server.server_port, flush=True)\n"
        "server.serve_forever()\n"
    )
    with subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        yield f"http://127.0.0.1:{int(process.stdout.readline())}"
        process.terminate()


def _in_process(mode: str, sink: str, options: argparse.Namespace) -> dict[str, Any]:
    print(f"measuring: {mode}", file=sys.stderr)
    kept = {key: value for key, value in os.environ.items() if not key.startswith(("OTEL_", "TACHOGRAPH_"))}
    said = {key: value.format(sink=sink) for key, value in MODES[mode].items()}
    arguments = ["--child", mode, "--blocks", str(options.blocks), "--calls", str(options.calls)]
    with tempfile.TemporaryDirectory() as home:
        environment = {**kept, "OTEL_EXPORTER_OTLP_PROTOCOL": "http/protobuf", "TACHOGRAPH_HOME": home, **said}
        done = subprocess.run(
            [sys.executable, __file__, *arguments],
            env=environment,
            capture_output=True,
            text=True,
        )
    if done.returncode:
        sys.exit(done.stderr)
    result: dict[str, Any] = json.loads(done.stdout)
    return result


def _measure(mode: str, blocks: int, calls: int) -> dict[str, Any]:
    """Ratios to `hand` of each variant, from blocks of `calls` calls in turns."""
    hand, span_only = _by_hand()
    ours, ours_async, late, tool = _ours(owns_provider=mode != "the program's provider")
    variants = {"hand": hand, "span only": span_only, "sync": ours, "async": ours_async, "late": late, "tool": tool}
    times: dict[str, list[float]] = {name: [] for name in variants}
    for _ in range(blocks + 2):
        for name, variant in variants.items():
            times[name].append(variant(calls))
    for taken in times.values():
        del taken[:2]  # the first ones fill caches
    return {name: _summary(times[name], times["hand"], calls) for name in variants}


def _summary(taken: list[float], hand: list[float], calls: int) -> dict[str, float]:
    ratios = [mine / theirs for mine, theirs in zip(taken, hand, strict=True)]
    low, middle, high = statistics.quantiles(ratios, n=4)
    return {
        "us": round(statistics.median(taken) / calls * 1e6, 2),
        "ratio": round(middle, 3),
        "q1": round(low, 3),
        "q3": round(high, 3),
        "n": len(taken),
    }


Block = Callable[[int], float]


def _timed(call: Callable[[], Any]) -> Block:
    def block(count: int) -> float:
        before = time.thread_time()
        for _ in range(count):
            call()
        return time.thread_time() - before

    return block


def _by_hand() -> tuple[Block, Block]:
    """Blocks of calls with span, histogram and counter, and with the span alone; exported as ours are."""
    from opentelemetry.sdk.metrics import MeterProvider
    from opentelemetry.sdk.metrics.export import PeriodicExportingMetricReader
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import BatchSpanProcessor

    provider = TracerProvider()
    spans, metrics = _exporters()
    provider.add_span_processor(BatchSpanProcessor(spans))
    tracer = provider.get_tracer("hand")
    meter = MeterProvider([PeriodicExportingMetricReader(metrics)]).get_meter("hand")
    histogram, counter = meter.create_histogram("hand.duration", "s"), meter.create_counter("hand.calls")

    def traced() -> None:
        with tracer.start_as_current_span("call") as span:
            for key, value in ATTRIBUTES.items():
                span.set_attribute(key, value)

    def hand() -> None:
        start = time.perf_counter()
        traced()
        histogram.record(time.perf_counter() - start, LABELS)
        counter.add(1, LABELS)

    return _under(tracer, _timed(hand)), _under(tracer, _timed(traced))


def _under(tracer: Any, block: Block) -> Block:
    def run(count: int) -> float:
        with tracer.start_as_current_span("parent"):
            return block(count)

    return run


def _exporters() -> tuple[Any, Any]:
    if os.environ.get("OTEL_EXPORTER_OTLP_ENDPOINT"):
        from opentelemetry.exporter.otlp.proto.http.metric_exporter import OTLPMetricExporter
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter

        return OTLPSpanExporter(), OTLPMetricExporter()
    from opentelemetry.sdk.metrics.export import ConsoleMetricExporter
    from opentelemetry.sdk.trace.export import SpanExporter, SpanExportResult

    class Nowhere(SpanExporter):
        def export(self, spans: Any) -> SpanExportResult:
            return SpanExportResult.SUCCESS

    return Nowhere(), ConsoleMetricExporter(Path(os.devnull).open("w"))


def _ours(owns_provider: bool) -> tuple[Block, ...]:
    from opentelemetry import metrics, trace

    import tachograph

    if not owns_provider:
        from opentelemetry.sdk.metrics import MeterProvider
        from opentelemetry.sdk.metrics.export import InMemoryMetricReader
        from opentelemetry.sdk.trace import TracerProvider

        trace.set_tracer_provider(TracerProvider())
        metrics.set_meter_provider(MeterProvider([InMemoryMetricReader()]))
    tachograph.install()
    around = tachograph.agent("coder", **FACTS)

    @around
    def call() -> None: ...

    @around
    async def call_async() -> None: ...

    @tachograph.tool("read_file")
    def call_tool(path: str) -> None: ...

    def call_late() -> None:
        with tachograph.agent("coder", **FACTS) as run:
            run.usage(input_tokens=1_000, output_tokens=100)
            run.outcome("failure", "no_patch")

    blocks = _timed(call), _timed_async(call_async), _timed(call_late), _timed(lambda: call_tool("src/app.py"))
    return tuple(map(_under_recipe, blocks))


def _under_recipe(block: Block) -> Block:
    import tachograph

    def run(count: int) -> float:
        with tachograph.recipe("bench"):
            return block(count)

    return run


def _timed_async(call: Callable[[], Any]) -> Block:
    async def block(count: int) -> float:
        before = time.thread_time()
        for _ in range(count):
            await call()
        return time.thread_time() - before

    return lambda count: asyncio.run(block(count))


def _show(rows: dict[str, dict[str, Any]]) -> None:
    print(
        f"{'':24}{'hand':>9}{'span only':>19}{'ours, sync':>25}{'ours, async':>25}{'ours, late':>25}{'ours, tool':>25}"
    )
    print(f"{'':24}{'µs':>9}{'µs':>9}{'× hand':>10}" + f"{'µs':>9}{'× hand':>16}" * 4)
    for mode, row in rows.items():
        cells = "".join(_cell(row[name]) for name in ("sync", "async", "late", "tool"))
        print(
            f"{mode:24}{row['hand']['us']:>9.1f}{row['span only']['us']:>9.1f}{row['span only']['ratio']:>10.2f}{cells}"
        )


def _cell(figures: dict[str, float]) -> str:
    spread = f"[{figures['q1']:.2f}–{figures['q3']:.2f}]"
    return f"{figures['us']:>9.1f}{figures['ratio']:>6.2f} {spread}"


if __name__ == "__main__":
    main()
