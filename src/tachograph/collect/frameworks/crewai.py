"""CrewAI: crews and flows are recipes, tasks and methods steps; agents, tools, requests to models."""

from collections.abc import Iterator, Mapping
from typing import Any

from tachograph import vocabulary as v
from tachograph.collect.frameworks.declaring import Call, Facts, Framework, Note, Unit, server, usage
from tachograph.collect.frameworks.running import Running, nearest

_ENDED = "ended"  # in the memory of a flow's call: its methods that have ended so far


def _crew_name(call: Call) -> str | None:
    """None for a crew that streams: it calls itself again, in a thread."""
    return None if getattr(call.instance, "stream", False) else str(call.instance.name or "crew")


def _crew(call: Call) -> Facts:
    return {v.STEPS_TOTAL: len(call.instance.tasks)}


def _tasks() -> list[Any]:
    crew = nearest("recipe")
    return list(getattr(crew.call.instance, "tasks", ())) if crew is not None else []


def _task_name(call: Call) -> str | None:
    return _name_of(call.instance, _tasks()) if nearest("recipe") else None


def _name_of(task: Any, tasks: list[Any]) -> str:
    """A task's name, else its number: descriptions are content."""
    place = next((index for index, one in enumerate(tasks) if one is task), 0)
    return str(task.name or f"task {place + 1}")


def _task(call: Call) -> Facts:
    """Tasks wait for those of their context; one that names none is handed what all before it brought."""
    tasks = _tasks()
    place = next((index for index, one in enumerate(tasks) if one is call.instance), None)
    given = call.instance.context
    before = given if isinstance(given, list) else tasks[:place] if given is not None else []
    return {v.STEP_INDEX: place, v.STEP_DEPENDS_ON: [_name_of(one, tasks) for one in before]}


def _flow_name(call: Call) -> str | None:
    """None for the flows that CrewAI's own agents are."""
    name = getattr(call.instance, "name", None)
    return None if _is_own(call.instance) else name if isinstance(name, str) and name else type(call.instance).__name__


def _is_own(flow: Any) -> bool:
    return type(flow).__module__.startswith("crewai.")


def _method_name(call: Call) -> str | None:
    return None if _is_own(call.instance) else str(call.argument("method_name"))


def _flow() -> Running | None:
    around = nearest("recipe")
    return around if around is not None and around.framework == "CrewAI" else None


def _method(call: Call) -> Facts:
    flow = _flow()
    ended: set[str] = flow.call.memory.setdefault(_ENDED, set()) if flow is not None else set()
    triggers = _triggers(call.instance, str(call.argument("method_name")))
    waits = None if triggers is None else [name for name in triggers if name in ended]
    return {v.STEP_INDEX: len(ended), v.STEP_DEPENDS_ON: waits}


def _triggers(flow: Any, method: str) -> list[str] | None:
    """The methods that a method listens to, or whose routes it does; None where the flow does not tell."""
    methods = getattr(getattr(flow, "_definition", None), "methods", None)
    if methods is None:  # before 1.15
        listened = getattr(flow, "_listeners", {}).get(method, ("", []))
        return [str(name) for name in listened[1]] if isinstance(listened, tuple) else None
    heard = set(_events(methods[method].listen))
    return [name for name, other in methods.items() if name in heard or not heard.isdisjoint(other.emit or ())]


def _events(condition: Any) -> Iterator[str]:
    if isinstance(condition, str):
        yield condition
    elif isinstance(condition, Mapping):
        for parts in condition.values():
            yield from _events(parts)
    elif isinstance(condition, list | tuple):
        for part in condition:
            yield from _events(part)


def _method_ended(call: Call, _: Any) -> Facts:
    flow = _flow()
    if flow is not None:
        flow.call.memory.setdefault(_ENDED, set()).add(str(call.argument("method_name")))
    return {}


def _role(call: Call) -> str:
    return str(call.instance.role).strip()


def _model_name(call: Call) -> str:
    return str(getattr(call.instance, "model", None) or type(call.instance).__name__)


def _server(call: Call) -> Facts:
    return server(getattr(call.instance, "base_url", None) or getattr(call.instance, "api_base", None))


_COUNTS: Mapping[str, tuple[str, ...]] = {
    "input_tokens": ("prompt_tokens", "prompt_token_count", "input_tokens", "inputTokens"),
    "output_tokens": ("completion_tokens", "candidates_token_count", "output_tokens", "outputTokens"),
    "cache_read": ("cached_prompt_tokens", "cached_tokens", "cache_read_input_tokens"),
    "cache_write": ("cache_creation_tokens", "cache_creation_input_tokens"),
    "reasoning": ("reasoning_tokens",),
}


def _usage(call: Call, unit: Running) -> Facts:
    """A call may ask its provider several times, as for the results of tools; that adds up."""
    told: Mapping[str, Any] = call.argument("usage_data") or call.argument("usage") or {}
    sums = unit.call.memory
    for count, names in _COUNTS.items():
        value = next((told[name] for name in names if isinstance(told.get(name), int)), None)
        if value is not None:
            sums[count] = sums.get(count, 0) + value
    return usage(**sums)


_AGENT = "crewai.agent.core:Agent.{0} | crewai.agent:Agent.{0}"
_TOOLS = (
    "tools.base_tool:BaseTool.run",
    "tools.base_tool:BaseTool.arun",
    "tools.structured_tool:CrewStructuredTool.invoke",
)

FRAMEWORK = Framework(
    "CrewAI",
    "crewai",
    (
        *(Unit("recipe", f"crewai.crew:Crew.{name}", _crew_name, begin=_crew) for name in ("kickoff", "akickoff")),
        *(
            Unit("step", f"crewai.task:Task.{name}", _task_name, begin=_task)
            for name in ("_execute_core", "_aexecute_core")
        ),
        *(Unit("agent", _AGENT.format(name), _role) for name in ("execute_task", "aexecute_task", "kickoff")),
        Unit("recipe", "crewai.flow.flow:Flow.kickoff_async", _flow_name),
        Unit("step", "crewai.flow.flow:Flow._execute_method", _method_name, _method_name, _method, _method_ended),
        *(
            Unit("model", f"crewai.llms.base_llm:BaseLLM.{name}", _model_name, "call", _server, overridden=True)
            for name in ("call", "acall")
        ),
        Note("model", "crewai.llms.base_llm:BaseLLM._track_token_usage_internal", _usage, overridden=True),
        *(Unit("tool", f"crewai.{where}", key=lambda call: call.instance.name, overridden=True) for where in _TOOLS),
    ),
    ("openinference.instrumentation.crewai", "opentelemetry.instrumentation.crewai"),
)
