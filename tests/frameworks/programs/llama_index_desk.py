"""Workflows of LlamaIndex at work: steps that wait for events, an agent with a tool, streaming, failing, timing out."""

import asyncio
import contextlib
import sys
import time

from clock import clocked, model_url

if "openinference" in sys.argv:
    from openinference.instrumentation.llama_index import LlamaIndexInstrumentor

    LlamaIndexInstrumentor().instrument()
elif "openllmetry" in sys.argv:
    from opentelemetry.instrumentation.llamaindex import LlamaIndexInstrumentor

    LlamaIndexInstrumentor().instrument()

from llama_index.core.agent.workflow import FunctionAgent
from llama_index.core.llms import ChatMessage
from llama_index.llms.openai_like import OpenAILike
from workflows import Context, Workflow, step
from workflows.events import Event, StartEvent, StopEvent


def model() -> OpenAILike:
    options = {"is_chat_model": True, "is_function_calling_model": True, "max_retries": 0}
    usage = {"stream_options": {"include_usage": True}}
    return OpenAILike("scripted", api_base=model_url(), api_key="none", additional_kwargs=usage, **options)


def measure(what: str) -> str:
    """Measures the height of something."""
    with clocked("tool", "measure"):
        time.sleep(0.02)
        return f"{what}: 330 m"


def surveyor(streaming: bool = True) -> FunctionAgent:
    return FunctionAgent(name="surveyor", tools=[measure], llm=model(), streaming=streaming)


class Surveyed(Event):
    pass


class Seen(Event):
    pass


class Report(Workflow):
    @step
    async def survey(self, ctx: Context, event: StartEvent) -> Surveyed:
        with clocked("step", "survey"), clocked("agent", "surveyor"):
            await surveyor().run("How high is the tower? @measure")
        return Surveyed()

    @step
    async def look(self, ctx: Context, event: StartEvent) -> Seen:
        with clocked("step", "look"):
            await model().achat([ChatMessage("Just look")])
            return Seen()

    @step
    async def write(self, ctx: Context, event: Surveyed | Seen) -> StopEvent | None:
        with clocked("step", "write"):
            both = ctx.collect_events(event, [Surveyed, Seen])
            return StopEvent("done") if both else None


class Failing(Workflow):
    @step
    async def fail(self, event: StartEvent) -> StopEvent:
        with clocked("step", "fail", "error"):
            raise ValueError("broken")


async def work() -> None:
    with clocked("recipe", "Report"):
        await Report(timeout=30).run()
    with clocked("agent", "surveyor"):
        await surveyor(streaming=False).run("How high is the tower? @measure")
    with clocked("agent", "surveyor"):
        handler = surveyor().run("How high is the tower? @measure")
        async for _ in handler.stream_events():
            pass
        await handler
    with contextlib.suppress(ValueError), clocked("recipe", "Failing", "error"):
        await Failing(timeout=30).run()
    with contextlib.suppress(Exception), clocked("agent", "surveyor", "error"):
        await surveyor().run("Answer with @503")


asyncio.run(work())
