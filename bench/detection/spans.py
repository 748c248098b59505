"""What happened, as spans: one unit of work each, with the attributes that an instrumented program would set."""

from dataclasses import dataclass, field
from typing import Any

EPOCH_NS = 1_760_313_600_000_000_000  # a Monday, 2025-10-13
OPERATION = "gen_ai.operation.name"
AGENT, RECIPE, STEP = "gen_ai.agent.name", "gen_ai.workflow.name", "dev_agency.step.name"
TOOL, MODEL, SERVER, STATUS = "gen_ai.tool.name", "gen_ai.request.model", "server.address", "http.response.status_code"
COMPLEXITY, TASK_CLASS = "dev_agency.task.complexity", "dev_agency.task.class"
CONTEXT_SIZE = "dev_agency.context.size"
INPUT, OUTPUT = "gen_ai.usage.input_tokens", "gen_ai.usage.output_tokens"
CACHED = "gen_ai.usage.cache_read.input_tokens"
CALL_HASH, ARGUMENTS = "dev_agency.call.hash", "gen_ai.tool.call.arguments"
PRESSURES = {"cpu": "host.cpu.pressure", "memory": "host.memory.pressure", "steal": "host.cpu.steal"}


@dataclass(slots=True, eq=False)
class Span:
    """Times are seconds from the beginning of the world."""

    trace: str
    id: str
    parent: "Span | None"
    name: str
    service: str
    start: float
    attributes: dict[str, Any]
    end: float = 0.0
    error: str = ""
    message: str = ""
    events: list[dict[str, Any]] = field(default_factory=list)

    @property
    def seconds(self) -> float:
        return self.end - self.start

    @property
    def kind(self) -> str:
        """recipe, step, agent, model, tool or other: what the name of a span begins with."""
        first = self.name.split(" ", 1)[0]
        return _KINDS.get(first, "other")


_KINDS = {"invoke_workflow": "recipe", "step": "step", "invoke_agent": "agent", "chat": "model", "execute_tool": "tool"}
