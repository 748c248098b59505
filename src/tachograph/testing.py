"""For tests of programs that use tachograph: what would have been recorded, without a launcher or a file.

from tachograph.testing import capture

with capture() as spans:
    my_agent.run(task)
assert [span.name for span in spans] == ["invoke_agent coder"]
"""

from collections.abc import Iterator
from contextlib import contextmanager
from unittest import mock

from opentelemetry.sdk.trace import ReadableSpan, TracerProvider

from tachograph.annotate.processor import AnnotatingProcessor
from tachograph.collect import execution


@contextmanager
def capture() -> Iterator[list[ReadableSpan]]:
    """Finished spans of decorators, context managers and wrapped entry points, in the order in which they ended,
    with what they inherit and are marked with. The program's own tracer provider is not touched."""
    spans: list[ReadableSpan] = []
    provider = TracerProvider(shutdown_on_exit=False)
    processor = AnnotatingProcessor(lambda ended: spans.append(ended.span), {})
    provider.add_span_processor(processor)
    with (
        mock.patch.object(execution, "_tracer", provider.get_tracer("tachograph")),
        mock.patch.object(execution, "makers", []),
        mock.patch.object(execution, "beginners", [processor.at_start]),
        mock.patch.object(execution, "finishers", [processor.before_end]),
    ):
        yield spans
    provider.shutdown()
