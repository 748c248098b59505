"""Agents of the OpenAI Agents SDK at work: with a tool, streaming, handing off, failing, cancelled."""

import asyncio
import contextlib
import sys
import time

from agents import (
    Agent,
    ModelSettings,
    OpenAIChatCompletionsModel,
    OpenAIResponsesModel,
    RunConfig,
    Runner,
    function_tool,
    set_trace_processors,
    set_tracing_disabled,
)
from clock import clocked, model_url
from openai import AsyncOpenAI, InternalServerError

set_trace_processors([])  # traces would leave for OpenAI
if "openinference" in sys.argv:
    from openinference.instrumentation.openai_agents import OpenAIAgentsInstrumentor

    OpenAIAgentsInstrumentor().instrument()
elif "openllmetry" in sys.argv:
    from opentelemetry.instrumentation.openai_agents import OpenAIAgentsInstrumentor

    OpenAIAgentsInstrumentor().instrument()
else:
    set_tracing_disabled(True)


def client() -> AsyncOpenAI:
    return AsyncOpenAI(base_url=model_url(), api_key="none", max_retries=0)


@function_tool
def measure(what: str) -> str:
    with clocked("tool", "measure"):
        time.sleep(0.02)
        return f"{what}: 330 m"


@function_tool(failure_error_function=None)
def break_down() -> str:
    with clocked("tool", "break_down", "error"):
        raise ValueError("broken")


@function_tool
async def halt() -> str:
    with clocked("tool", "halt", "cancellation"):
        task.cancel()
        await asyncio.sleep(60)
        return "never"


def agents() -> tuple[Agent, Agent]:
    tools = [measure, break_down, halt]
    surveyor = Agent("surveyor", model=OpenAIResponsesModel("scripted", client()), tools=tools)
    model = OpenAIChatCompletionsModel("scripted", client())
    asking = ModelSettings(include_usage=True)  # else a stream has none
    return surveyor, Agent("clerk", model=model, model_settings=asking, tools=tools, handoffs=[surveyor])


async def work() -> None:
    global task
    surveyor, clerk = agents()
    with clocked("agent", "surveyor"):
        await Runner.run(surveyor, "How high is the tower? @measure")
    with clocked("agent", "clerk"):
        await Runner.run(clerk, "How high is the tower? @measure")
    for agent in (surveyor, clerk):
        with clocked("agent", agent.name):
            result = Runner.run_streamed(agent, "How high is the tower? @measure")
            async for _ in result.stream_events():
                pass
    with clocked("agent", "clerk"), clocked("agent", "surveyor"):
        await Runner.run(clerk, "Let somebody else @handoff")
    with clocked("agent", "clerk", "error"), contextlib.suppress(InternalServerError):
        await Runner.run(clerk, "Answer with @503")
    with clocked("agent", "clerk", "error"), contextlib.suppress(Exception):
        await Runner.run(clerk, "Now @break", run_config=RunConfig())
    task = asyncio.create_task(Runner.run(clerk, "Now @halt"))
    with clocked("agent", "clerk", "cancellation"), contextlib.suppress(asyncio.CancelledError):
        await task


with clocked("agent", "surveyor"):
    Runner.run_sync(agents()[0], "How high is the tower? @measure")
asyncio.run(work())
