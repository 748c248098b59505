"""The table of dialects: other names for the facts in the vocabulary, and one reader for all of them.

The Collector's configuration is generated from the same table, so that both understand the same.
"""

from collections.abc import Mapping
from typing import Any

from tachograph import vocabulary as v
from tachograph.semantics.coding_agents import SPANS
from tachograph.semantics.words import said

_INFERENCE = "openinference.span.kind"
_TRACELOOP = "traceloop.span.kind"
_ENTITY = "traceloop.entity.name"

# Our name -> names that others use for the same fact, the preferred one first.
ALIASES: dict[str, tuple[str, ...]] = {
    v.AGENT_NAME: ("agent.name",),
    v.RECIPE_NAME: ("traceloop.workflow.name",),
    v.TOOL_NAME: ("tool.name", "tool_call.function.name"),
    v.TOOL_ARGUMENTS: ("gen_ai.tool.args", "tool_call.function.arguments"),
    v.REQUEST_MODEL: ("gen_ai.response.model", "llm.model_name", "embedding.model_name", "llm.request.model"),
    v.PROVIDER: ("gen_ai.system", "llm.provider", "llm.system"),
    v.SERVICE_TIER: ("gen_ai.openai.response.service_tier",),
    v.INPUT_TOKENS: ("gen_ai.usage.prompt_tokens", "llm.token_count.prompt", "llm.usage.prompt_tokens"),
    v.OUTPUT_TOKENS: ("gen_ai.usage.completion_tokens", "llm.token_count.completion", "llm.usage.completion_tokens"),
    v.CACHE_READ_TOKENS: ("gen_ai.usage.cache_read_input_tokens", "llm.token_count.prompt_details.cache_read"),
    v.CACHE_WRITE_TOKENS: (
        "gen_ai.usage.cache_creation.input_tokens",
        "gen_ai.usage.cache_creation_input_tokens",
        "llm.token_count.prompt_details.cache_write",
    ),
    v.REASONING_TOKENS: ("gen_ai.usage.reasoning_tokens", "llm.token_count.completion_details.reasoning"),
    v.COST_USD: ("gen_ai.usage.cost", "llm.cost.total"),
    v.TOOL_CALL_ID: ("gen_ai.tool.call_id", "tool_call.id"),
    v.SESSION_ID: ("traceloop.association.properties.session_id",),
    v.USER_ID: ("traceloop.association.properties.user_id",),
}

# Facts that others tell by the kind of a span: fact -> attribute -> its value -> ours.
KINDS: dict[str, dict[str, dict[str, str]]] = {
    v.OPERATION: {
        _INFERENCE: {"LLM": v.CHAT, "EMBEDDING": "embeddings", "AGENT": v.INVOKE_AGENT, "TOOL": v.EXECUTE_TOOL},
        _TRACELOOP: {"workflow": v.INVOKE_RECIPE, "agent": v.INVOKE_AGENT, "tool": v.EXECUTE_TOOL},
        "llm.request.type": {"chat": v.CHAT, "completion": "text_completion", "embedding": "embeddings"},
    },
    v.OPERATION_KIND: {_TRACELOOP: {"task": v.RUN_STEP}},
}

# Facts that stand under one name whatever the kind of the span: fact -> (attribute, its value, where the fact is then).
BY_KIND: dict[str, tuple[tuple[str, str, str], ...]] = {
    v.AGENT_NAME: ((_TRACELOOP, "agent", _ENTITY),),
    v.RECIPE_NAME: ((_TRACELOOP, "workflow", _ENTITY),),
    v.STEP_NAME: ((_TRACELOOP, "task", _ENTITY),),
    v.TOOL_NAME: ((_TRACELOOP, "tool", _ENTITY),),
    v.TOOL_ARGUMENTS: ((_INFERENCE, "TOOL", "input.value"), (_TRACELOOP, "tool", "traceloop.entity.input")),
}

# Values of gen_ai.operation.name that others use -> the convention's value.
OPERATIONS: dict[str, str] = {
    "call_llm": v.CHAT,
    "llm_call": v.CHAT,
    "tool_call": v.EXECUTE_TOOL,
    "agent_call": v.INVOKE_AGENT,
}

# Facts that some dialects split over several attributes, to be added up.
SUMS: dict[str, tuple[tuple[str, str], ...]] = {
    v.COST_USD: (("gen_ai.usage.input_cost", "gen_ai.usage.output_cost"), ("llm.cost.prompt", "llm.cost.completion")),
}


def read(attributes: Mapping[str, Any], name: str) -> Any:
    """The value of the fact `name` under whatever name it is carried, None where it is not."""
    value = attributes.get(name)
    return _foreign(attributes, name) if value is None and name in _SOURCES else value


def _foreign(attributes: Mapping[str, Any], name: str) -> Any:
    if FOREIGN.isdisjoint(attributes):  # which most spans are, and is told at once
        return None
    for alias in ALIASES.get(name, ()):
        if attributes.get(alias) is not None:
            return attributes[alias]
    for kind, value, place in BY_KIND.get(name, ()):
        if attributes.get(kind) == value and attributes.get(place) is not None:
            return attributes[place]
    return _from_kind(attributes, name) or _sum(attributes, name)


def _from_kind(attributes: Mapping[str, Any], name: str) -> str | None:
    for kind, values in KINDS.get(name, {}).items():
        value = attributes.get(kind)
        if isinstance(value, str) and value in values:
            return values[value]
    return None


def _sum(attributes: Mapping[str, Any], name: str) -> float | None:
    for places in SUMS.get(name, ()):
        parts: list[float] = [attributes[place] for place in places if isinstance(attributes.get(place), int | float)]
        if parts:
            return sum(parts)
    return None


def operation(attributes: Mapping[str, Any]) -> str | None:
    """The GenAI operation in the convention's own words (`call_llm` is `chat`)."""
    value = read(attributes, v.OPERATION)
    return OPERATIONS.get(value, value) if isinstance(value, str) else None


def worded(span_name: str, attributes: Mapping[str, Any]) -> Mapping[str, Any]:
    """The attributes with what spans of this name say in words of their own; the same object for most names."""
    words = SPANS.get(span_name)
    return attributes if words is None else {**said(words, attributes), **attributes}


def canonical(attributes: Mapping[str, Any], span_name: str = "") -> Mapping[str, Any]:
    """The attributes with each fact of a dialect under our name as well; the same object where there is none."""
    attributes = worded(span_name, attributes)
    if FOREIGN.isdisjoint(attributes):
        return attributes
    names = {name for key in FOREIGN.intersection(attributes) for name in _FACTS[key]}
    facts = {name: value for name in names if (value := read(attributes, name)) is not None}
    return {**attributes, **facts}


def names(name: str) -> frozenset[str]:
    """Every attribute that may carry the fact `name`."""
    return frozenset((name, *_SOURCES.get(name, ())))


def _sources(name: str) -> frozenset[str]:
    """Every attribute that the fact `name` may be read from."""
    named = (key for kind, _, place in BY_KIND.get(name, ()) for key in (kind, place))
    split = (place for places in SUMS.get(name, ()) for place in places)
    return frozenset((*ALIASES.get(name, ()), *named, *KINDS.get(name, {}), *split))


_SOURCES = {name: _sources(name) for name in (*ALIASES, *KINDS, *BY_KIND)}
FOREIGN = frozenset[str]().union(*_SOURCES.values())
_FACTS = {key: [name for name, sources in _SOURCES.items() if key in sources] for key in FOREIGN}
