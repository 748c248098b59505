"""Workflows of LlamaIndex: recipes whose steps wait for those that make their events; its agents are workflows, too."""

from typing import Any

from tachograph import vocabulary as v
from tachograph.collect.frameworks.declaring import Call, Facts, Framework, Made, Unit
from tachograph.collect.frameworks.running import Running, nearest

_ENDED = "ended"  # in the memory of a workflow's call: its steps that have ended so far


def _workflow(call: Call) -> Any:
    return call.argument("workflow")


def _role(call: Call) -> str:
    is_agent = any(kind.__name__ == "BaseWorkflowAgent" for kind in type(_workflow(call)).__mro__)
    return "agent" if is_agent else "recipe"


def _name(call: Call) -> str:
    named = getattr(_workflow(call), "name", None) if _role(call) == "agent" else None
    return named if isinstance(named, str) and named else type(_workflow(call)).__name__


def _recipe() -> Running | None:
    around = nearest()
    return around if around is not None and around.framework == "LlamaIndex" and around.role == "recipe" else None


def _step_name(call: Call) -> str | None:
    return str(call.argument("step_name")) if _recipe() else None


def _waited_for(call: Call) -> Facts:
    """The steps that make an event which this one takes, and that have run so far."""
    recipe = _recipe()
    if recipe is None:
        return {}
    ended: dict[str, None] = recipe.call.memory.setdefault(_ENDED, {})
    taken = set(_config(_workflow(call), str(call.argument("step_name"))).accepted_events)
    makers = [name for name in ended if not taken.isdisjoint(_config(_workflow(call), name).return_types)]
    return {v.STEP_INDEX: len(ended), v.STEP_DEPENDS_ON: makers}


def _config(workflow: Any, name: str) -> Any:
    return workflow._get_steps()[name]._step_config


def _step_ended(call: Call, outputs: Any) -> Facts:
    failed = next((one.exception for one in outputs if type(one).__name__ == "StepWorkerFailed"), None)
    recipe = _recipe()
    if failed is not None:
        return {v.OUTCOME: "error", v.ERROR_TYPE: type(failed).__qualname__}
    if recipe is not None:
        recipe.call.memory.setdefault(_ENDED, {})[str(call.argument("step_name"))] = None
    return {}


_STEPS = "workflows.runtime.types.step_function:"

FRAMEWORK = Framework(
    "LlamaIndex",
    "llama-index-workflows",
    (
        Unit(
            _role,
            "workflows.plugins.basic:create_workflow_run_function",
            _name,
            shape=Made(),
            one_of=("agent", "recipe"),
        ),
        Unit(
            "step",
            f"{_STEPS}as_step_worker_function",
            _step_name,
            lambda _: None,
            _waited_for,
            _step_ended,
            shape=Made(),
        ),
    ),
    ("openinference.instrumentation.llama_index", "opentelemetry.instrumentation.llamaindex"),
)
