"""smolagents: runs of agents, managed ones too, calls of tools, requests to models."""

from typing import Any

from tachograph import vocabulary as v
from tachograph.collect.frameworks.declaring import Call, Facts, Framework, Note, Unit, openai_usage, server, usage


def _model_name(call: Call) -> str:
    return str(getattr(call.instance, "model_id", None) or type(call.instance).__name__)


def _server(call: Call) -> Facts:
    return server((getattr(call.instance, "client_kwargs", None) or {}).get("base_url"))


def _message(_: Call, message: Any) -> Facts:
    used = getattr(message, "token_usage", None)
    if used is None:
        return {}
    raw = message.raw  # what the provider sent says how much came from a cache
    told = openai_usage(getattr(raw, "usage", None))
    return {**usage(used.input_tokens, used.output_tokens), **told, v.RESPONSE_ID: getattr(raw, "id", None)}


def _delta(call: Call, delta: Any) -> Facts:
    """Usage may come in parts, which add up."""
    used = getattr(delta, "token_usage", None)
    if used is None:
        return {}
    call.memory["input"] = call.memory.get("input", 0) + used.input_tokens
    call.memory["output"] = call.memory.get("output", 0) + used.output_tokens
    return usage(call.memory["input"], call.memory["output"])


def _gave_up(*_: Any) -> Facts:
    """An answer after the last step that was allowed is none that the agent found."""
    return {v.OUTCOME: "failure", v.ERROR_TYPE: "max_steps"}


_STREAMS = " | ".join(
    f"smolagents.models:{name}Model.generate_stream"
    for name in ("OpenAI", "OpenAIServer", "LiteLLM", "InferenceClient", "Transformers")
)

FRAMEWORK = Framework(
    "smolagents",
    "smolagents",
    (
        Unit("agent", "smolagents.agents:MultiStepAgent.run", overridden=True),
        Note("agent", "smolagents.agents:MultiStepAgent._handle_max_steps_reached", _gave_up),
        Unit("tool", "smolagents.tools:Tool.__call__", overridden=True),
        Unit("model", "smolagents.models:Model.generate", _model_name, "call", _server, _message, overridden=True),
        Unit("model", _STREAMS, _model_name, "call", _server, item=_delta, overridden=True),
    ),
    ("openinference.instrumentation.smolagents",),
)
