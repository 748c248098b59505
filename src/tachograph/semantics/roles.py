"""Which unit of the agency a span is (agent, recipe, step, call …) and what it is called."""

from collections.abc import Mapping
from typing import Any, Final

from tachograph import vocabulary as v
from tachograph.semantics import dialects

AGENT: Final = "agent"
RECIPE: Final = "recipe"
STEP: Final = "step"
COMMAND: Final = "command"
CONTEXT: Final = "context"
DEPENDENCIES: Final = "dependencies"
MODEL: Final = "model"
TOOL: Final = "tool"
WAIT: Final = "wait"  # for a person, inside a tool call
OTHER: Final = "other"

# What is counted as an execution, and what besides gets its own row with everything below it summed up.
EXECUTIONS: Final = frozenset({AGENT, RECIPE, COMMAND})
UNITS: Final = EXECUTIONS | {STEP}

# What says so when it starts: the units that are long enough to be killed in, and few.
ANNOUNCED: Final = frozenset({RECIPE, STEP, COMMAND})

BY_OPERATION: Final = {
    v.INVOKE_AGENT: AGENT,
    v.INVOKE_RECIPE: RECIPE,
    v.EXECUTE_TOOL: TOOL,
    **dict.fromkeys(v.MODEL_OPERATIONS, MODEL),
}
BY_OUR_OPERATION: Final = {
    v.PREPARE_CONTEXT: CONTEXT,
    v.RESOLVE_DEPENDENCIES: DEPENDENCIES,
    v.RUN_STEP: STEP,
    v.AWAIT_PERSON: WAIT,
}

NAMED_BY: Final = {
    AGENT: v.AGENT_NAME,
    RECIPE: v.RECIPE_NAME,
    STEP: v.STEP_NAME,
    COMMAND: v.COMMAND_NAME,
    MODEL: v.REQUEST_MODEL,
    TOOL: v.TOOL_NAME,
    CONTEXT: v.OPERATION_KIND,
    DEPENDENCIES: v.OPERATION_KIND,
}


def role(span_name: str, attributes: Mapping[str, Any]) -> str:
    """The role of a span; `other` for spans that the vocabulary does not know."""
    attributes = dialects.worded(span_name, attributes)
    known = BY_OPERATION.get(dialects.operation(attributes) or "")
    known = known or BY_OUR_OPERATION.get(str(dialects.read(attributes, v.OPERATION_KIND)))
    if known:
        return known
    if v.COMMAND_NAME in attributes or _is_foreign_command(attributes):
        return COMMAND
    return STEP if _is_step(span_name, attributes) else OTHER


def _is_foreign_command(attributes: Mapping[str, Any]) -> bool:
    # What the general conventions say of a command; resource-level process names alone do not make one.
    return v.EXECUTABLE_NAME in attributes and v.EXIT_CODE in attributes


def _is_step(span_name: str, attributes: Mapping[str, Any]) -> bool:
    # Every span below a step inherits its name, so the name alone does not make a step.
    step = attributes.get(v.STEP_NAME)
    if step is None:
        return False
    return span_name == f"step {step}" or v.STEP_INDEX in attributes or v.STEP_DEPENDS_ON in attributes


def component(span_name: str, attributes: Mapping[str, Any], of: str) -> str:
    """The name under which a span of role `of` is reported, its span name where it has no better one."""
    named_by = NAMED_BY.get(of)
    value = dialects.read(dialects.worded(span_name, attributes), named_by) if named_by else None
    return str(value) if value else span_name
