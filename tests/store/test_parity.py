"""Two computations of the same sums, objects in the traced process and arrays over the store, agree."""

import random
from pathlib import Path
from typing import Any

from opentelemetry import trace
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.trace import SpanKind, Status, StatusCode

from tachograph.deliver.otlp_json import span_line
from tachograph.semantics.ended import Ended
from tachograph.store import Store, ingest

TREES = 300
START = 1_760_000_000_000_000_000
MARKED = ("invoke_agent", "invoke_workflow")

tracer = trace.get_tracer("random trees")

Facts = dict[str, Any]


def facts(choice: random.Random) -> tuple[str, Facts]:
    """A span of a random role, with usage and call hashes that repeat often."""
    role = choice.choice(["agent", "recipe", "step", "model", "model", "model", "tool", "other", "command"])
    made: Facts = {
        "agent": {"gen_ai.operation.name": "invoke_agent", "gen_ai.agent.name": choice.choice("ab")},
        "recipe": {"gen_ai.operation.name": "invoke_workflow", "gen_ai.workflow.name": "r"},
        "step": {"dev_agency.step.name": "s", "dev_agency.step.index": 0},
        "model": {"gen_ai.operation.name": "chat", "gen_ai.request.model": "m"},
        "tool": {"gen_ai.operation.name": "execute_tool", "gen_ai.tool.name": "t"},
        "command": {"dev_agency.command.name": "c"},
        "other": {},
    }[role]
    if role == "model" or choice.random() < 0.1:
        read = choice.randrange(20)
        made |= {"gen_ai.usage.input_tokens": read + choice.randrange(100), "gen_ai.usage.output_tokens": 5}
        made |= {"gen_ai.usage.cache_read.input_tokens": read}
    if choice.random() < 0.3:
        made["dev_agency.call.hash"] = choice.choice("xy")
    if choice.random() < 0.1:
        made["dev_agency.outcome"] = choice.choice(["skip", "timeout", "success"])
    return role, made


def grow(choice: random.Random, at: int, depth: int) -> int:
    """Start a span at `at`, let some grow below it, some of them side by side, end it; where it ended."""
    role, made = facts(choice)
    span = tracer.start_span(role, start_time=at, attributes=made, kind=SpanKind.INTERNAL)
    with trace.use_span(span, end_on_exit=False):
        end = at + choice.randrange(1, 9)
        for _ in range(choice.randrange(4) if depth < 5 else 0):
            end = max(end, grow(choice, choice.choice([end, end, at]), depth + 1) + choice.randrange(3))
    if choice.random() < 0.2:
        span.set_status(Status(StatusCode.ERROR))
    span.end(end)
    return end


def failed_above(span: ReadableSpan, spans: dict[int, ReadableSpan]) -> bool:
    """Whether something around it failed later, which nobody could know when it ended."""
    above = spans.get(span.parent.span_id) if span.parent else None
    while above is not None:
        named = (above.attributes or {}).get("dev_agency.outcome")
        failed = named == "timeout" if named else above.status.status_code is StatusCode.ERROR
        if failed and above.name in ("agent", "recipe", "step", "tool"):
            return True
        above = spans.get(above.parent.span_id) if above.parent else None
    return False


def test_marks_and_executions_agree(delivered: list[ReadableSpan], store: Store, tmp_path: Path) -> None:
    """Hundreds of random trees: tokens of every agent and recipe, and wasted tokens where nothing above failed."""
    choice = random.Random(20261122)
    for number in range(TREES):
        grow(choice, START + number * 1_000_000, 0)
    file = tmp_path / "trees.otlp.jsonl"
    file.write_bytes(b"".join(span_line(Ended(span, dict(span.attributes or {}), False)) for span in delivered))
    assert ingest(store, [file]).spans == len(delivered)
    rows = store.connection.execute(
        "SELECT span_id, usage_known, input_tokens + cache_read_tokens + cache_write_tokens + output_tokens AS total,"
        " wasted_tokens FROM executions"
    ).fetchall()
    summed = {int(span_id, 16): rest for span_id, *rest in rows}
    spans = {span.context.span_id: span for span in delivered}
    marked = [span for span in delivered if (span.attributes or {}).get("gen_ai.operation.name") in MARKED]
    assert len(marked) > 100
    for span in marked:
        known, total, wasted = summed[span.context.span_id]
        attributes = span.attributes or {}
        assert attributes.get("dev_agency.tokens.total") == (total if known else None)
        if not failed_above(span, spans):
            assert attributes.get("dev_agency.tokens.wasted") == (wasted if known else None)
