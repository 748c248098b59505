"""LlamaIndex without its workflows, which are a distribution of their own: requests to models, calls of tools."""

from typing import Any

from tachograph import vocabulary as v
from tachograph.collect.frameworks.declaring import Call, Facts, Framework, Unit, openai_usage, server


def _model_name(call: Call) -> str:
    return str(getattr(call.instance, "model", None) or type(call.instance).__name__)


def _server(call: Call) -> Facts:
    return server(getattr(call.instance, "api_base", None))


def _response(_: Call, response: Any) -> Facts:
    raw = getattr(response, "raw", None)  # a stream tells with an item
    used = raw.get("usage") if isinstance(raw, dict) else getattr(raw, "usage", None)
    identity = raw.get("id") if isinstance(raw, dict) else getattr(raw, "id", None)
    return {**openai_usage(used), v.RESPONSE_ID: identity} if used else {}


def _tool_name(call: Call) -> str:
    return str(call.instance.metadata.get_name())


FRAMEWORK = Framework(
    "LlamaIndex",
    "llama-index-core",
    (
        *(
            Unit(
                "model",
                f"llama_index.core.llms.llm:LLM.{name}",
                _model_name,
                "call",
                _server,
                _response,
                _response,
                overridden=True,
            )
            for name in ("chat", "achat", "stream_chat", "astream_chat")
        ),
        *(
            Unit("tool", f"llama_index.core.tools.types:AsyncBaseTool.{name}", _tool_name, overridden=True)
            for name in ("call", "acall")
        ),
    ),
    ("openinference.instrumentation.llama_index", "opentelemetry.instrumentation.llamaindex"),
)
