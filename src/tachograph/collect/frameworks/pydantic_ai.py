"""pydantic-ai: runs of agents, requests to models and calls of tools, unless its own instrumentation is on."""

import inspect
from typing import Any

from tachograph import vocabulary as v
from tachograph.collect.frameworks.declaring import Block, Call, Facts, Framework, Unit, server, usage

_CONTROL = {"CallDeferred": "success", "ApprovalRequired": "success"}  # the run ends, to go on once it was answered


def _is_instrumented(call: Call) -> bool:
    """Whether pydantic-ai makes spans of this agent's runs (`Agent.instrument_all`, `agent.instrument`, Logfire)."""
    agent = call.instance
    instrument = getattr(agent, "instrument", None)
    default = getattr(type(agent), "_instrument_default", False)
    return bool(default if instrument is None else instrument) or _is_instrumented_model(_model(call)) or _has_one(call)


def _model(call: Call) -> Any:
    return call.argument("model") or getattr(call.instance, "model", None)


def _is_instrumented_model(model: Any) -> bool:
    return any(kind.__name__ == "InstrumentedModel" for kind in type(model).__mro__)


def _has_one(call: Call) -> bool:
    capabilities = getattr(getattr(call.instance, "_root_capability", None), "capabilities", ())
    given = (*capabilities, *(call.argument("capabilities") or ()))
    return any(type(capability).__name__ == "Instrumentation" for capability in given)


def _agent_name(call: Call) -> str:
    return call.instance.name or "agent"


def _model_name(call: Call) -> str:
    return str(call.instance.model_name)


def _server(call: Call) -> Facts:
    return server(getattr(call.instance, "base_url", None))


def _used(used: Any) -> Facts:
    used = used() if inspect.ismethod(used) else used  # before 2.0 it is to be called
    if used is None or not (used.input_tokens or used.output_tokens):
        return {}  # it says 0 where nobody told it
    return usage(used.input_tokens, used.output_tokens, used.cache_read_tokens, used.cache_write_tokens)


def _response(_: Call, response: Any) -> Facts:
    if response is None:
        return {}
    return {**_used(response.usage), v.RESPONSE_ID: getattr(response, "provider_response_id", None)}


def _call_id(call: Call) -> Any:
    return getattr(call.argument("ctx"), "tool_call_id", None)


FRAMEWORK = Framework(
    "pydantic-ai",
    "pydantic-ai-slim",
    (
        Unit("agent", "pydantic_ai.agent:Agent.iter", _agent_name, shape=Block(), told=_is_instrumented),
        Unit("model", "pydantic_ai.models:Model.request", _model_name, "call", _server, _response, overridden=True),
        Unit(
            "model",
            "pydantic_ai.models:Model.request_stream",
            _model_name,
            "call",
            _server,
            _response,
            shape=Block(is_around=False),
            overridden=True,
        ),
        Unit(
            "tool",
            "pydantic_ai.toolsets:AbstractToolset.call_tool",
            lambda call: call.argument("name"),
            _call_id,
            lambda call: {v.TOOL_CALL_ID: _call_id(call)},
            means=_CONTROL,
            overridden=True,
        ),
    ),
)
