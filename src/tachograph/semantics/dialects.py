"""The table of dialects: other names for the facts in the vocabulary, and one reader for all of them."""

from collections.abc import Mapping
from typing import Any

from tachograph import vocabulary as v

# Our name -> names that others use for the same fact, the preferred one first.
ALIASES: dict[str, tuple[str, ...]] = {
    v.INPUT_TOKENS: ("gen_ai.usage.prompt_tokens",),
    v.OUTPUT_TOKENS: ("gen_ai.usage.completion_tokens",),
    v.CACHE_WRITE_TOKENS: ("gen_ai.usage.cache_creation.input_tokens",),
    v.TOOL_ARGUMENTS: ("gen_ai.tool.args",),
    v.REQUEST_MODEL: ("gen_ai.response.model",),
}

# Values of gen_ai.operation.name that others use -> the convention's value.
OPERATIONS: dict[str, str] = {
    "call_llm": v.CHAT,
    "llm_call": v.CHAT,
    "tool_call": v.EXECUTE_TOOL,
    "agent_call": v.INVOKE_AGENT,
}

# Facts that some dialects split over several attributes, to be added up.
SUMS: dict[str, tuple[str, ...]] = {
    v.COST_USD: ("gen_ai.usage.input_cost", "gen_ai.usage.output_cost"),
}


def read(attributes: Mapping[str, Any], name: str) -> Any:
    """The value of the fact `name` under whatever name it is carried, None where it is not."""
    value = attributes.get(name)
    if value is None and name in ALIASES:
        return next((attributes[alias] for alias in ALIASES[name] if alias in attributes), None)
    if value is None and name in SUMS:
        parts = [attributes[part] for part in SUMS[name] if isinstance(attributes.get(part), int | float)]
        return sum(parts) if parts else None
    return value


def operation(attributes: Mapping[str, Any]) -> str | None:
    """The GenAI operation in the convention's own words (`call_llm` is `chat`)."""
    value = attributes.get(v.OPERATION)
    return OPERATIONS.get(value, value) if isinstance(value, str) else None


def names(name: str) -> frozenset[str]:
    """Every name under which the fact `name` may be carried."""
    return frozenset((name, *ALIASES.get(name, ()), *SUMS.get(name, ())))
