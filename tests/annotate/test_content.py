"""Prompts, outputs and arguments stay where they are, unless the standard variable asks for them."""

from collections.abc import Iterator

import pytest
from opentelemetry import trace
from opentelemetry.sdk.trace import ReadableSpan

import tachograph
from tachograph import redaction
from tachograph.redaction import Capture

tracer = trace.get_tracer("somebody else's instrumentation")

CONTENT = {
    "gen_ai.input.messages": "[]",
    "gen_ai.output.messages": "[]",
    "gen_ai.system_instructions": "be kind",
    "gen_ai.prompt": "hello",
    "gen_ai.prompt.0.content": "hello",
    "gen_ai.completion.0.content": "hello",
    "input.value": "hello",
    "output.value": "hello",
    "llm.input_messages.0.message.content": "hello",
    "llm.output_messages.0.message.content": "hello",
    "traceloop.entity.input": "{}",
    "traceloop.entity.output": "{}",
    "gen_ai.tool.call.result": "3 files",
}
KEPT = {"gen_ai.request.model": "m", "input.mime_type": "text/plain", "gen_ai.prompt.name": "greeting"}


@pytest.fixture(autouse=True)
def asked_for() -> Iterator[None]:
    """After each test nothing is asked for."""
    yield
    redaction.keep_content(Capture())


@pytest.mark.parametrize(
    ("value", "spans", "events"),
    [
        ("", False, False),
        ("false", False, False),
        ("no_content", False, False),
        ("whatever", False, False),
        ("true", True, True),
        (" TRUE ", True, True),
        ("SPAN_ONLY", True, False),
        ("EVENT_ONLY", False, True),
        ("span_and_event", True, True),
    ],
)
def test_content_is_kept_where_it_is_asked_for(
    delivered: list[ReadableSpan], value: str, spans: bool, events: bool
) -> None:
    """By the values of OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT; secrets in it are taken out all the same."""
    redaction.keep_content(Capture.named(value))
    with tracer.start_as_current_span(
        "chat m", attributes={**CONTENT, **KEPT, "llm.prompts": "password=hunter22"}
    ) as span:
        span.add_event("gen_ai.user.message", {"content": "hello", "role": "user"})
        span.add_event("gen_ai.client.inference.operation.details", {"gen_ai.input.messages": "hello"})
        span.add_event("gen_ai.evaluation.result", {"gen_ai.evaluation.explanation": "good"})
        span.add_event("log", {"message": "not of a model"})
    (found,) = delivered
    attributes = dict(found.attributes or {})
    assert KEPT.items() <= attributes.items()
    assert (CONTENT.keys() <= attributes.keys(), bool(CONTENT.keys() & attributes.keys())) == (spans, spans)
    assert "hunter22" not in str(attributes)
    said = [dict(event.attributes or {}) for event in found.events]
    assert (said[0].get("content"), said[1].get("gen_ai.input.messages")) == (
        ("hello", "hello") if events else (None, None)
    )
    assert said[2:] == [{"gen_ai.evaluation.explanation": "good"}, {"message": "not of a model"}]


def tool(name: str, arguments: str, used: int) -> None:
    attributes = {
        "gen_ai.operation.name": "execute_tool",
        "gen_ai.tool.name": name,
        "gen_ai.tool.call.arguments": arguments,
    }
    tracer.start_span(f"execute_tool {name}", attributes={**attributes, "gen_ai.usage.input_tokens": used}).end()


def test_the_same_call_made_again_is_known_without_its_arguments(delivered: list[ReadableSpan]) -> None:
    """A hash stands for them: of tool and arguments; it cannot be guessed; the tokens of the repeat are wasted."""
    with tachograph.agent("coder"):
        for name, arguments, used in [
            ("read", "a.py", 10),
            ("read", "a.py", 20),
            ("read", "b.py", 40),
            ("list", "a.py", 80),
        ]:
            tool(name, arguments, used)
    *calls, agent = delivered
    hashes = [dict(call.attributes or {}).get("dev_agency.call.hash") for call in calls]
    assert None not in hashes
    assert [hashes.index(found) for found in hashes] == [0, 0, 2, 3]
    assert not any("gen_ai.tool.call.arguments" in (call.attributes or {}) for call in calls)
    assert (agent.attributes or {})["dev_agency.tokens.wasted"] == 20


def test_hashes_are_the_same_in_processes_of_one_installation_only() -> None:
    """The salt decides."""
    call = {"gen_ai.tool.name": "read", "gen_ai.tool.args": "a.py"}
    found = []
    for salt in (b"one", b"other", b"one"):
        redaction.keep_content(Capture(), salt)
        found.append(redaction.clean(call)["dev_agency.call.hash"])
    assert found[0] == found[2] != found[1]
    assert redaction.clean({**call, "dev_agency.call.hash": "own"})["dev_agency.call.hash"] == "own"
