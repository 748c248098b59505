"""Graphs of LangGraph at work: branches that join, a prebuilt agent, streaming, retries, failing, cancelled."""

import asyncio
import contextlib
import operator
import sys
import time
from typing import Annotated, TypedDict

from clock import clocked, model_url
from langchain_core.tools import tool
from langchain_openai import ChatOpenAI
from langgraph.graph import END, START, StateGraph
from langgraph.types import RetryPolicy

if "openinference" in sys.argv:
    from openinference.instrumentation.langchain import LangChainInstrumentor

    LangChainInstrumentor().instrument()
elif "openllmetry" in sys.argv:
    from opentelemetry.instrumentation.langchain import LangchainInstrumentor

    LangchainInstrumentor().instrument()

try:
    from langchain.agents import create_agent
except ImportError:  # before 1.0
    from langgraph.prebuilt import create_react_agent as create_agent


def model(**options: object) -> ChatOpenAI:
    return ChatOpenAI(model="scripted", base_url=model_url(), api_key="none", max_retries=0, **options)


@tool
def measure(what: str) -> str:
    """Measures the height of something."""
    with clocked("tool", "measure"):
        time.sleep(0.02)
        return f"{what}: 330 m"


@tool
async def halt() -> str:
    """Halts everything."""
    with clocked("tool", "halt", "cancellation"):
        task.cancel()
        await asyncio.sleep(60)
        return "never"


surveyor = create_agent(model(stream_usage=True), [measure, halt], name="surveyor")


class State(TypedDict, total=False):
    task: str
    notes: Annotated[list[str], operator.add]


def plan(state: State) -> State:
    with clocked("step", "plan"):
        return {"notes": ["planned"]}


async def aplan(state: State) -> State:
    return plan(state)


def survey(state: State) -> State:
    with clocked("step", "survey"), clocked("agent", "surveyor"):
        result = surveyor.invoke({"messages": [("user", state["task"])]})
    return {"notes": [result["messages"][-1].content]}


async def asurvey(state: State) -> State:
    outcome = "cancellation" if "halt" in state["task"] else "success"
    with clocked("step", "survey", outcome), clocked("agent", "surveyor", outcome):
        result = await surveyor.ainvoke({"messages": [("user", state["task"])]})
    return {"notes": [result["messages"][-1].content]}


def read(state: State) -> State:
    with clocked("step", "read"):
        for _ in model(stream_usage=True).stream("Only say it"):
            pass
        return {"notes": ["read"]}


attempts = []


def write(state: State) -> State:
    attempts.append(1)
    if len(attempts) == 1:
        raise ConnectionError("try again")
    with clocked("step", "write"):
        return {"notes": ["written"]}


def fail(state: State) -> State:
    with clocked("step", "fail", "error"):
        raise ValueError("broken")


def graph(name: str, plan: object, survey: object) -> object:
    builder = StateGraph(State)
    builder.add_node("plan", plan)
    builder.add_node("survey", survey)
    builder.add_node("read", read)
    builder.add_node("write", write, retry_policy=RetryPolicy(initial_interval=0.01, jitter=False))
    builder.add_edge(START, "plan")
    builder.add_edge("plan", "survey")
    builder.add_edge("plan", "read")
    builder.add_edge(["survey", "read"], "write")
    builder.add_edge("write", END)
    return builder.compile(name=name)


def failing() -> object:
    builder = StateGraph(State)
    builder.add_node("plan", plan)
    builder.add_node("fail", fail)
    builder.add_conditional_edges(START, lambda state: "plan", ["plan", "fail"])
    builder.add_conditional_edges("plan", lambda state: "fail", ["fail", END])
    return builder.compile(name="failing")


def halted() -> object:
    return (
        StateGraph(State)
        .add_sequence([("plan", aplan), ("survey", asurvey)])
        .set_entry_point("plan")
        .compile(name="halted")
    )


report = graph("report", plan, survey)
areport = graph("areport", aplan, asurvey)
TASK = {"task": "How high is the tower? @measure"}


async def work() -> None:
    global task
    with clocked("recipe", "areport"):
        await areport.ainvoke(TASK)
    with clocked("recipe", "areport"):
        async for _ in areport.astream(TASK):
            pass
    with clocked("agent", "surveyor"):
        async for _ in surveyor.astream({"messages": [("user", TASK["task"])]}, stream_mode="messages"):
            pass
    task = asyncio.create_task(halted().ainvoke({"task": "Now @halt"}))
    with clocked("recipe", "halted", "cancellation"), contextlib.suppress(asyncio.CancelledError):
        await task


with clocked("recipe", "report"):
    report.invoke(TASK)
with clocked("recipe", "report"):
    for _ in report.stream(TASK):
        pass
with clocked("recipe", "failing", "error"), contextlib.suppress(ValueError):
    failing().invoke(TASK)
with clocked("agent", "surveyor", "error"), contextlib.suppress(Exception):
    surveyor.invoke({"messages": [("user", "Answer with @503")]})
asyncio.run(work())
