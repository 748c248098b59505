"""LangGraph: graphs are recipes, their nodes steps that wait as the edges say; prebuilt agents, models and tools of
LangChain are what they are."""

from collections.abc import Mapping
from typing import Any
from weakref import WeakKeyDictionary

from tachograph import vocabulary as v
from tachograph.collect.frameworks.declaring import Call, Facts, Framework, Unit, server, usage
from tachograph.collect.frameworks.running import Running, nearest

_ENDED = "ended"  # in the memory of a graph's call: its nodes that have ended so far
_PREBUILT = "langgraph.prebuilt.chat_agent_executor"

_before: WeakKeyDictionary[Any, Mapping[str, list[str]]] = WeakKeyDictionary()


def _role(call: Call) -> str:
    metadata = (getattr(call.instance, "config", None) or {}).get("metadata") or {}
    is_agent = metadata.get("ls_integration") == "langchain_create_agent" or _is_prebuilt(call.instance)
    return "agent" if is_agent else "recipe"


def _is_prebuilt(graph: Any) -> bool:
    node = getattr(getattr(graph, "builder", None), "nodes", {}).get("agent")
    function = getattr(getattr(node, "runnable", None), "func", None)
    return getattr(function, "__module__", None) == _PREBUILT


def _graph_name(call: Call) -> str:
    config = call.argument("config") or {}
    return str(config.get("run_name") or call.instance.name)


def _node(call: Call) -> str | None:
    """Its name, where it is a step: those of an agent are none."""
    name = str(call.argument("task").name)
    return name if _graph() and not name.startswith("__") else None  # `__start__` is LangGraph's own


def _graph() -> Running | None:
    around = nearest()
    return around if around is not None and around.role == "recipe" and around.framework == "LangGraph" else None


def _waited_for(call: Call) -> Facts:
    """The nodes with an edge to this one that have run so far: others were not chosen, or run later in a loop."""
    graph = _graph()
    if graph is None:
        return {}
    before = _predecessors(graph.call.instance)
    ended = graph.call.memory.setdefault(_ENDED, set())
    known = None if before is None else [name for name in before.get(call.argument("task").name, []) if name in ended]
    return {v.STEP_INDEX: len(ended), v.STEP_DEPENDS_ON: known}


def _ended(call: Call, _: Any) -> Facts:
    graph = _graph()
    if graph is not None:
        graph.call.memory.setdefault(_ENDED, set()).add(call.argument("task").name)
    return {}


def _predecessors(graph: Any) -> Mapping[str, list[str]] | None:
    """By node, those with an edge to it; None for a graph that has no edges, as one made of functions."""
    if not hasattr(graph, "builder"):
        return None
    if graph not in _before:
        edges = [(edge.source, edge.target) for edge in graph.get_graph().edges]
        _before[graph] = {name: [one for one, other in edges if other == name] for _, name in edges}
    return _before[graph]


def _model_name(call: Call) -> str:
    named = (getattr(call.instance, name, None) for name in ("model_name", "model", "model_id"))
    return next((name for name in named if isinstance(name, str)), type(call.instance).__name__)


def _server(call: Call) -> Facts:
    addresses = (getattr(call.instance, name, None) for name in ("openai_api_base", "anthropic_api_url", "base_url"))
    return server(next((address for address in addresses if isinstance(address, str)), None))


def _result(_: Call, result: Any) -> Facts:
    generations = getattr(result, "generations", None)  # a stream has none: it tells item by item
    return _told(generations[0].message) if generations else {}


def _chunk(call: Call, chunk: Any) -> Facts:
    """Usage may come in parts, which add up."""
    memory = call.memory
    memory["sum"] = memory["sum"] + chunk if "sum" in memory else chunk
    return _told(memory["sum"]) if getattr(chunk, "usage_metadata", None) else {}


def _told(message: Any) -> Facts:
    metadata = getattr(message, "response_metadata", None) or {}
    used = getattr(message, "usage_metadata", None)
    identity = {v.RESPONSE_ID: metadata.get("id") or None}
    if not used:
        return identity
    details, out = used.get("input_token_details") or {}, used.get("output_token_details") or {}
    written = details.get("cache_creation")
    counts = usage(
        used["input_tokens"], used["output_tokens"], details.get("cache_read"), written, out.get("reasoning")
    )
    return {**counts, **identity}


def _tool_call(call: Call) -> Facts:
    return {v.TOOL_CALL_ID: call.argument("tool_call_id")}


_RUNNER = "langgraph.pregel._runner:{0} | langgraph.pregel.runner:{0}"
_MODEL = "langchain_core.language_models.chat_models:BaseChatModel."
_INTERRUPTED = {"GraphInterrupt": "skip", "ParentCommand": "success"}  # runs again once it was answered; goes on above

FRAMEWORK = Framework(
    "LangGraph",
    "langgraph",
    (
        *(
            Unit(_role, f"langgraph.pregel:Pregel.{name}", _graph_name, one_of=("agent", "recipe"))
            for name in ("stream", "astream")
        ),
        *(
            Unit("step", _RUNNER.format(name), _node, lambda _: None, _waited_for, _ended, means=_INTERRUPTED)
            for name in ("run_with_retry", "arun_with_retry")
        ),
        *(
            Unit("model", _MODEL + name, _model_name, "call", _server, _result, _chunk)
            for name in ("_generate_with_cache", "_agenerate_with_cache", "stream", "astream")
        ),
        *(
            Unit("tool", f"langchain_core.tools:BaseTool.{name}", begin=_tool_call, means=_INTERRUPTED)
            for name in ("run", "arun")
        ),
    ),
    ("openinference.instrumentation.langchain", "opentelemetry.instrumentation.langchain"),
)
