"""Agents of smolagents at work: with a tool, managed by another one, streaming, giving up, failing."""

import contextlib
import sys
import time

from clock import clocked, model_url
from smolagents import AgentGenerationError, OpenAIServerModel, Tool, ToolCallingAgent

if "openinference" in sys.argv:
    from openinference.instrumentation.smolagents import SmolagentsInstrumentor

    SmolagentsInstrumentor().instrument()


class Measure(Tool):
    name = "measure"
    description = "Measures the height of something."
    inputs = {"what": {"type": "string", "description": "what to measure"}}  # noqa: RUF012  (as smolagents has it)
    output_type = "string"

    def forward(self, what: str) -> str:
        with clocked("tool", "measure"):
            time.sleep(0.02)
            return f"{what}: 330 m"


class BreakDown(Tool):
    name = "break_down"
    description = "Breaks."
    inputs = {}  # noqa: RUF012
    output_type = "string"

    def forward(self) -> str:
        with clocked("tool", "break_down", "error"):
            raise ValueError("broken")


def agent(name: str, **options: object) -> ToolCallingAgent:
    model = OpenAIServerModel("scripted", api_base=model_url(), api_key="none", client_kwargs={"max_retries": 0})
    quiet = {"verbosity_level": 0, **options}
    return ToolCallingAgent([Measure(), BreakDown()], model, name=name, description="Surveys.", **quiet)


# Each answers with text once it has a result, so an agent gives up after the steps that it may take.
with clocked("agent", "surveyor", "failure"):
    agent("surveyor", max_steps=1).run("How high is the tower? @measure")
with clocked("agent", "streamer", "failure"):
    for _ in agent("streamer", max_steps=1, stream_outputs=True).run("How high is the tower? @measure", stream=True):
        pass
with clocked("agent", "chief"), clocked("tool", "final_answer"):
    agent("chief").run("Give the @final")
with clocked("agent", "surveyor", "failure"):
    agent("surveyor", max_steps=1).run("Now @break")
with clocked("agent", "surveyor", "error"), contextlib.suppress(AgentGenerationError):
    agent("surveyor", max_steps=1).run("Answer with @503")
