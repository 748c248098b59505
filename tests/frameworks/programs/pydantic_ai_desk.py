"""An agent of pydantic-ai at work: with a tool, streaming, below another agent, failing, cancelled."""

import asyncio
import contextlib
import sys
import time

from clock import clocked, model_url
from openai import AsyncOpenAI
from pydantic_ai import Agent, RunContext
from pydantic_ai.exceptions import ModelHTTPError
from pydantic_ai.models.openai import OpenAIChatModel
from pydantic_ai.providers.openai import OpenAIProvider

if "own" in sys.argv:
    Agent.instrument_all()


def model() -> OpenAIChatModel:
    client = AsyncOpenAI(base_url=model_url(), api_key="none", max_retries=0)
    return OpenAIChatModel("scripted", provider=OpenAIProvider(openai_client=client))


researcher = Agent(model(), name="researcher", retries=0)
chief = Agent(model(), name="chief")


@researcher.tool_plain
def measure(what: str) -> str:
    with clocked("tool", "measure"):
        time.sleep(0.02)
        return f"{what}: 330 m"


@researcher.tool_plain
def break_down() -> str:
    with clocked("tool", "break_down", "error"):
        raise ValueError("broken")


@researcher.tool_plain
async def halt() -> str:
    with clocked("tool", "halt", "cancellation"):
        task.cancel()
        await asyncio.sleep(60)
        return "never"


@chief.tool(name="measure")
async def ask(ctx: RunContext[None], what: str) -> str:
    with clocked("tool", "measure"), clocked("agent", "researcher"):
        result = await researcher.run(f"How high is the {what}? @measure", usage=ctx.usage)
    return result.output


async def work() -> None:
    global task
    with clocked("agent", "researcher"):
        await researcher.run("How high is the tower? @measure")
    with clocked("agent", "researcher"):
        async with researcher.run_stream("How high is the tower? @measure") as streamed:
            async for _ in streamed.stream_text():
                pass
    with clocked("agent", "chief"):
        await chief.run("How high is the tower? @measure")
    with clocked("agent", "researcher", "error"), contextlib.suppress(ModelHTTPError):
        await researcher.run("Answer with @503")
    with clocked("agent", "researcher", "error"), contextlib.suppress(ValueError):
        await researcher.run("Now @break")
    task = asyncio.create_task(researcher.run("Now @halt"))
    with clocked("agent", "researcher", "cancellation"), contextlib.suppress(asyncio.CancelledError):
        await task


with clocked("agent", "researcher"):
    researcher.run_sync("How high is the tower? @measure", model=model())  # of its own: each has its event loop
asyncio.run(work())
