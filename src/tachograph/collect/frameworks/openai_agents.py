"""The OpenAI Agents SDK: agents between handoffs, tools, requests to models; a run with a workflow name is a recipe.

Its own tracing says when agents and tools begin and end, whether it is switched on or not; nothing of it leaves for
OpenTelemetry by itself.
"""

from typing import Any

from tachograph import vocabulary as v
from tachograph.collect.frameworks.declaring import Bracket, Call, Facts, Framework, Note, Unit, server, usage

_UNNAMED = "Agent workflow"  # what the SDK calls runs to which nobody gave a name


def _role(call: Call) -> str | None:
    return {"agent": "agent", "function": "tool"}.get(call.instance.span_data.type)


def _name(call: Call) -> str:
    return str(call.instance.span_data.name)


def _workflow(call: Call) -> str | None:
    name = call.instance.name
    return None if name == _UNNAMED else str(name)


def _failed(call: Call, _: Any) -> Facts:
    """An error of a tool or agent that the SDK went on with, or that it is about to raise."""
    return {v.OUTCOME: "error", v.ERROR_TYPE: (call.argument("error") or {}).get("message")}


def _model_name(call: Call) -> str:
    return str(getattr(call.instance, "model", None) or type(call.instance).__name__)


def _server(call: Call) -> Facts:
    client = getattr(call.instance, "_client", None)
    return server(getattr(client, "base_url", None))


def _used(used: Any) -> Facts:
    if used is None or not used.total_tokens:
        return {}
    cached = getattr(used.input_tokens_details, "cached_tokens", None)
    reasoning = getattr(used.output_tokens_details, "reasoning_tokens", None)
    return usage(used.input_tokens, used.output_tokens, cached, reasoning=reasoning)


def _response(_: Call, response: Any) -> Facts:
    if not hasattr(response, "usage"):
        return {}  # a stream, which tells with its last item
    return {**_used(response.usage), v.RESPONSE_ID: getattr(response, "response_id", None)}


def _event(_: Call, event: Any) -> Facts:
    if getattr(event, "type", None) != "response.completed":
        return {}
    return {**_used(event.response.usage), v.RESPONSE_ID: event.response.id}


_SPANS = ("agents.tracing.spans:SpanImpl", "agents.tracing.spans:NoOpSpan")

FRAMEWORK = Framework(
    "OpenAI Agents SDK",
    "openai-agents",
    (
        Unit("recipe", "agents.tracing.traces:TraceImpl.start", _workflow, shape=Bracket("finish")),
        *(Unit(_role, f"{spans}.start", _name, shape=Bracket("finish"), one_of=("agent", "tool")) for spans in _SPANS),
        *(Note("", f"{spans}.set_error", _failed) for spans in _SPANS),
        Unit(
            "model",
            "agents.models.interface:Model.get_response",
            _model_name,
            "call",
            _server,
            _response,
            overridden=True,
        ),
        Unit(
            "model",
            "agents.models.interface:Model.stream_response",
            _model_name,
            "call",
            _server,
            _response,
            _event,
            overridden=True,
        ),
    ),
    ("openinference.instrumentation.openai_agents", "opentelemetry.instrumentation.openai_agents"),
    proof="agents.tracing.spans",
)
