"""A short program for tests: an agent whose framework, in other dialects, repeats totals further up."""

import sys

from opentelemetry import trace

import tachograph

tracer = trace.get_tracer("framework")
CHAT = {"gen_ai.operation.name": "chat", "gen_ai.request.model": "m", "dev_agency.cost.usd": 0.25}
USED = {
    "gen_ai.usage.input_tokens": 100,
    "gen_ai.usage.output_tokens": 20,
    "gen_ai.usage.cache_read.input_tokens": 60,
    "gen_ai.usage.cache_creation.input_tokens": 10,
}
INFERENCE = {
    "openinference.span.kind": "LLM",
    "llm.model_name": "n",
    "llm.token_count.prompt": 7,
    "llm.token_count.completion": 3,
    "dev_agency.cost.usd": 0.5,
}


@tachograph.agent("buyer", complexity="simple")
def buy(how: str) -> None:
    """One call in GenAI's words, then another agent with a call in OpenInference's, each total repeated above it."""
    with tracer.start_as_current_span("chat m", attributes={**CHAT, **USED}):
        pass
    inner = {"gen_ai.operation.name": "invoke_agent", "gen_ai.agent.name": "clerk", **USED, "dev_agency.cost.usd": 0.5}
    with (
        tracer.start_as_current_span("invoke_agent clerk", attributes=inner),
        tracer.start_as_current_span("llm", attributes=INFERENCE),
    ):
        pass
    # An agent that reports tokens and has no call below it: they are its own.
    lone = {"gen_ai.operation.name": "invoke_agent", "gen_ai.agent.name": "lone", **USED}
    with tracer.start_as_current_span("invoke_agent lone", attributes=lone):
        pass
    if how == "fail":
        raise ValueError(how)


if __name__ == "__main__":
    buy(sys.argv[1])
