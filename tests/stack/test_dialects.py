"""Golden: one call of an agent in each dialect goes in as OTLP, and comes out of the Collector in our words."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from collectors import StartCollector, request_of, spans_of
from programs import until

from tachograph import vocabulary as v
from tachograph.semantics import dialects, roles
from tachograph.semantics.usage import usage

Attributes = Mapping[str, Any]

GENAI_1_41 = {
    "invoke_agent coder": {v.OPERATION: "invoke_agent", v.AGENT_NAME: "coder"},
    "chat m": {
        v.OPERATION: "chat",
        v.AGENT_NAME: "coder",
        v.REQUEST_MODEL: "m",
        v.INPUT_TOKENS: 100,
        v.OUTPUT_TOKENS: 20,
        v.CACHE_READ_TOKENS: 60,
        "gen_ai.usage.cache_creation.input_tokens": 10,
    },
    "execute_tool ls": {v.OPERATION: "execute_tool", v.TOOL_NAME: "ls", "gen_ai.tool.call.arguments": "{}"},
}
GENAI_NEXT = {
    **GENAI_1_41,
    "chat m": {
        v.OPERATION: "chat",
        v.AGENT_NAME: "coder",
        v.REQUEST_MODEL: "m",
        v.INPUT_TOKENS: 100,
        v.OUTPUT_TOKENS: 20,
        v.CACHE_READ_TOKENS: 60,
        v.CACHE_WRITE_TOKENS: 10,
    },
}
OPENINFERENCE = {
    "invoke_agent coder": {"openinference.span.kind": "AGENT", "agent.name": "coder"},
    "chat m": {
        "openinference.span.kind": "LLM",
        "agent.name": "coder",
        "llm.model_name": "m",
        "llm.token_count.prompt": 100,
        "llm.token_count.completion": 20,
        "llm.token_count.total": 120,
        "llm.token_count.prompt_details.cache_read": 60,
        "llm.token_count.prompt_details.cache_write": 10,
        "llm.cost.prompt": 0.25,
        "llm.cost.completion": 0.5,
    },
    "execute_tool ls": {"openinference.span.kind": "TOOL", "tool.name": "ls", "input.value": "{}"},
}
OPENLLMETRY = {
    "invoke_agent coder": {"traceloop.span.kind": "agent", "traceloop.entity.name": "coder"},
    "chat m": {
        "llm.request.type": "chat",
        v.AGENT_NAME: "coder",
        "gen_ai.response.model": "m",
        "gen_ai.usage.prompt_tokens": 100,
        "gen_ai.usage.completion_tokens": 20,
        "llm.usage.total_tokens": 120,
        "gen_ai.usage.cache_read_input_tokens": 60,
        "gen_ai.usage.cache_creation_input_tokens": 10,
    },
    "execute_tool ls": {
        "traceloop.span.kind": "tool",
        "traceloop.entity.name": "ls",
        "traceloop.entity.input": "{}",
    },
    "step test": {
        "traceloop.span.kind": "task",
        "traceloop.entity.name": "test",
        "traceloop.workflow.name": "fix",
    },
}
GEMINI = {
    "invoke_agent coder": {v.OPERATION: "agent_call", v.AGENT_NAME: "coder"},
    "chat m": {**GENAI_NEXT["chat m"], v.OPERATION: "llm_call"},
    "execute_tool ls": {v.OPERATION: "tool_call", v.TOOL_NAME: "ls", "gen_ai.tool.args": "{}"},
}
CLAUDE_CODE = {
    "claude_code.interaction": {"interaction.sequence": 1},
    "claude_code.llm_request": {
        "model": "m",
        "input_tokens": 30,
        "output_tokens": 20,
        "cache_read_tokens": 60,
        "cache_creation_tokens": 10,
        "request_id": "r",
        "success": "true",
    },
    "claude_code.tool": {"tool_name": "ls", "tool_use_id": "t", "full_command": "{}"},
    "claude_code.tool.blocked_on_user": {"decision": "accept"},
}
QWEN_CODE = {
    "qwen-code.interaction": {},
    "qwen-code.llm_request": {"model": "m", "input_token_count": 100, "output_token_count": 20, "success": False},
    "qwen-code.tool": {"tool_name": "ls", "tool.failure_kind": "cancelled"},
    "qwen-code.subagent": {"subagent_name": "helper"},
}
COPILOT = {
    "invoke_agent coder": {
        v.OPERATION: "invoke_agent",
        v.AGENT_NAME: "coder",
        v.INPUT_TOKENS: 100,
        v.OUTPUT_TOKENS: 20,
        "copilot_chat.turn_count": 1,
    },
    "chat m": {**GENAI_NEXT["chat m"], "gen_ai.usage.reasoning_tokens": 5, "copilot_chat.time_to_first_token": 80},
    "execute_tool ls": {v.OPERATION: "execute_tool", v.TOOL_NAME: "ls", v.TOOL_ARGUMENTS: "{}"},
}
DIALECTS = {
    "claude-code": CLAUDE_CODE,
    "qwen-code": QWEN_CODE,
    "copilot": COPILOT,
    "genai-1.41": GENAI_1_41,
    "genai-next": GENAI_NEXT,
    "openinference": OPENINFERENCE,
    "openllmetry": OPENLLMETRY,
    "gemini": GEMINI,
}
EXPECTED = {
    "invoke_agent coder": {v.OPERATION: "invoke_agent", v.AGENT_NAME: "coder"},
    "chat m": {
        v.OPERATION: "chat",
        v.AGENT_NAME: "coder",
        v.REQUEST_MODEL: "m",
        v.INPUT_TOKENS: 100,
        v.OUTPUT_TOKENS: 20,
        v.CACHE_READ_TOKENS: 60,
        v.CACHE_WRITE_TOKENS: 10,
    },
    "execute_tool ls": {v.OPERATION: "execute_tool", v.TOOL_NAME: "ls", v.TOOL_ARGUMENTS: "{}"},
    "step test": {v.OPERATION_KIND: "step", v.STEP_NAME: "test", v.RECIPE_NAME: "fix"},
    "claude_code.interaction": {v.OPERATION: "invoke_agent", v.AGENT_NAME: "claude-code"},
    "claude_code.llm_request": {
        v.OPERATION: "chat",
        v.REQUEST_MODEL: "m",
        v.INPUT_TOKENS: 100,
        v.OUTPUT_TOKENS: 20,
        v.CACHE_READ_TOKENS: 60,
        v.CACHE_WRITE_TOKENS: 10,
        v.RESPONSE_ID: "r",
    },
    "claude_code.tool": {v.OPERATION: "execute_tool", v.TOOL_NAME: "ls", v.TOOL_ARGUMENTS: "{}"},
    "claude_code.tool.blocked_on_user": {v.OPERATION_KIND: "await_person"},
    "qwen-code.interaction": {v.OPERATION: "invoke_agent", v.AGENT_NAME: "qwen-code"},
    "qwen-code.llm_request": {v.OPERATION: "chat", v.INPUT_TOKENS: 100, v.OUTCOME: "failure"},
    "qwen-code.tool": {v.OPERATION: "execute_tool", v.TOOL_NAME: "ls", v.OUTCOME: "cancellation"},
    "qwen-code.subagent": {v.OPERATION: "invoke_agent", v.AGENT_NAME: "helper"},
}


@pytest.mark.parametrize("dialect", DIALECTS)
def test_a_dialect_comes_out_in_our_words(collector: StartCollector, dialect: str) -> None:
    """Every fact is under its name in the vocabulary, what was said is kept, and `ingest` reads both the same."""
    running, said = collector(), DIALECTS[dialect]
    assert running.send(request_of(*({"name": name, "attributes": a} for name, a in said.items()))) == 200
    spans = {span["name"]: span["attributes"] for span in until("spans are written", running.spans)}
    assert spans.keys() == said.keys()
    for name, attributes in spans.items():
        assert attributes.items() >= EXPECTED[name].items(), name
        assert attributes.keys() >= said[name].keys()
        assert _read(name, attributes) == _read(name, said[name])
    if dialect == "openinference":
        assert spans["chat m"][v.COST_USD] == 0.75
    assert "Error" not in running.program.said().replace("ErrorVerbose", "")
    assert '"error"' not in running.program.said()


def test_real_traces_are_read_the_same_before_and_after(collector: StartCollector, fixtures: Path) -> None:
    """Traces of frameworks that nobody here wrote: every span with its role, name, operation and usage."""
    running, said = collector(), {}
    for file in sorted((fixtures / "agent_traces").glob("*.otlp.jsonl")):
        for request in file.read_bytes().splitlines():
            assert running.send(request) == 200
            for span in spans_of(json.loads(request)):
                said[span["traceId"], span["spanId"]] = _read(span["name"], span["attributes"])
    assert len(said) > 40
    until("all are written", lambda: len(running.spans()) >= len(said))
    found = {(s["traceId"], s["spanId"]): _read(s["name"], s["attributes"]) for s in running.spans()}
    assert found == said


def _read(name: str, attributes: Attributes) -> tuple[Any, ...]:
    """What `ingest` and the traced process take from a span."""
    attributes = dialects.canonical(attributes, name)
    role = roles.role(name, attributes)
    facts = [dialects.read(attributes, fact) for fact in (*dialects.ALIASES, v.STEP_NAME)]
    return role, roles.component(name, attributes, role), dialects.operation(attributes), usage(attributes), facts
