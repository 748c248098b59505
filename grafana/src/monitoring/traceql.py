"""Every TraceQL expression of a panel or link, by name. Regular expressions are anchored there."""

from typing import Final

from tachograph import vocabulary as v


def _span(attribute: str) -> str:
    return f"span.{attribute}"


_AGENT_RUN: Final = f'{_span(v.OPERATION)} = "{v.INVOKE_AGENT}" && {_span(v.AGENT_NAME)} =~ "$agent"'
_RECIPE_RUN: Final = f'{_span(v.OPERATION)} = "{v.INVOKE_RECIPE}" && {_span(v.RECIPE_NAME)} =~ "$recipe"'
_COMMAND_RUN: Final = f'{_span(v.COMMAND_NAME)} =~ "$command"'
_FAILED: Final = f'(status = error || {_span(v.OUTCOME)} =~ "failure|error|timeout|cancellation")'


def _found(condition: str, *shown: str) -> str:
    return f"{{ {condition} }} | select({', '.join(map(_span, shown))})"


def _measured(condition: str, function: str, by: str) -> str:
    return f"{{ {condition} }} | {function} by ({_span(by)})"


# --- lists of traces ---
FAILED_AGENTS: Final = _found(f"{_AGENT_RUN} && {_FAILED}", v.AGENT_NAME, v.OUTCOME, v.ERROR_TYPE, v.TOTAL_TOKENS)
SLOW_AGENTS: Final = _found(f"{_AGENT_RUN} && duration > 10s", v.AGENT_NAME, v.COMPLEXITY, v.CRITICAL_COMPONENT)
WASTEFUL: Final = _found(
    f'{_span(v.OPERATION)} = "{v.INVOKE_AGENT}" && {_span(v.WASTED_TOKENS)} > 0',
    v.AGENT_NAME,
    v.WASTED_TOKENS,
    v.TOTAL_TOKENS,
)
FAILED_RECIPES: Final = _found(f"{_RECIPE_RUN} && {_FAILED}", v.RECIPE_NAME, v.OUTCOME, v.ERROR_TYPE)
FAILED_BELOW: Final = f"{{ {_RECIPE_RUN} }} &>> {{ {_FAILED} }}"
CRITICAL_RECIPES: Final = _found(
    f"{_RECIPE_RUN} && {_span(v.CRITICAL_SHARE)} > 0.5", v.CRITICAL_COMPONENT, v.CRITICAL_SHARE
)
FAILED_COMMANDS: Final = _found(f"{_COMMAND_RUN} && {_FAILED}", v.COMMAND_NAME, v.EXIT_CODE, v.OUTCOME)
UNUSUALLY_SLOW: Final = _found(f"{_span(v.BASELINE_RATIO)} > 2", v.AGENT_NAME, v.RECIPE_NAME, v.BASELINE_RATIO)
BOTTLENECKS: Final = _found(
    f"{_span(v.BOTTLENECK_CATEGORY)} != nil", v.BOTTLENECK_CATEGORY, v.BOTTLENECK_COMPONENT, v.AGENT_NAME, v.RECIPE_NAME
)
THROTTLED: Final = _found(
    f"{_span(v.HTTP_STATUS)} = 429 || {_span(v.HTTP_STATUS)} >= 500", v.HTTP_STATUS, v.REQUEST_MODEL, v.AGENT_NAME
)
PRESSED: Final = _found(
    f"{_span(v.CPU_PRESSURE)} > 0.5 || {_span(v.MEMORY_PRESSURE)} > 0.2", v.CPU_PRESSURE, v.MEMORY_PRESSURE
)

# --- figures from traces ---
AGENT_DURATIONS: Final = _measured(_AGENT_RUN, "quantile_over_time(duration, 0.5, 0.95)", v.AGENT_NAME)
CRITICAL_COMPONENTS: Final = _measured(_RECIPE_RUN, "count_over_time()", v.CRITICAL_COMPONENT)
BOTTLENECK_CATEGORIES: Final = _measured(
    f"{_span(v.BOTTLENECK_CATEGORY)} != nil", "count_over_time()", v.BOTTLENECK_CATEGORY
)
MODEL_CALLS: Final = _measured(
    f"{_span(v.REQUEST_MODEL)} != nil", "quantile_over_time(duration, 0.5, 0.95)", v.REQUEST_MODEL
)
TOOL_CALLS: Final = _measured(f'{_span(v.OPERATION)} = "{v.EXECUTE_TOOL}"', "count_over_time()", v.TOOL_NAME)
WHAT_DIFFERS: Final = f"{{ {_AGENT_RUN} }} | compare({{ status = error }})"

# --- where data links lead ---
OF_AGENT: Final = f'{{ {_span(v.AGENT_NAME)} = "${{__field.labels.agent_name}}" }}'
OF_RECIPE: Final = f'{{ {_span(v.RECIPE_NAME)} = "${{__field.labels.recipe_name}}" }}'
OF_COMMAND: Final = f'{{ {_span(v.COMMAND_NAME)} = "${{__field.labels.command}}" }}'


def every() -> dict[str, str]:
    """All of them by name, for whoever checks them."""
    return {name: value for name, value in globals().items() if name.isupper() and not name.startswith("_")}
