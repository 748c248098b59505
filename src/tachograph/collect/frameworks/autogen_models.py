"""Requests to models by AutoGen, whose agents and tools tell of themselves."""

from typing import Any

from tachograph.collect.frameworks.declaring import Call, Facts, Framework, Unit, server, usage


def _model_name(call: Call) -> str:
    arguments = getattr(call.instance, "_create_args", None) or {}
    return str(arguments.get("model") or type(call.instance).__name__)


def _server(call: Call) -> Facts:
    return server(getattr(getattr(call.instance, "_client", None), "base_url", None))


def _result(_: Call, result: Any) -> Facts:
    used = getattr(result, "usage", None)  # the items of a stream are texts, but for the last
    if used is None or not (used.prompt_tokens or used.completion_tokens):
        return {}  # it says 0 where nobody told it
    return usage(used.prompt_tokens, used.completion_tokens)


_CLIENT = "autogen_core.models._model_client:ChatCompletionClient."

FRAMEWORK = Framework(
    "AutoGen",
    "autogen-core",
    (
        Unit("model", f"{_CLIENT}create", _model_name, "call", _server, _result, overridden=True),
        Unit("model", f"{_CLIENT}create_stream", _model_name, "call", _server, item=_result, overridden=True),
    ),
)
