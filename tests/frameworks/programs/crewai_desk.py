"""Crews and flows of CrewAI at work: tasks with contexts, an agent with a tool, failing, on another thread."""

import asyncio
import contextlib
import sys
import time

from clock import clocked, model_url

if "openinference" in sys.argv:
    from openinference.instrumentation.crewai import CrewAIInstrumentor

    CrewAIInstrumentor().instrument()
elif "openllmetry" in sys.argv:
    from opentelemetry.instrumentation.crewai import CrewAIInstrumentor

    CrewAIInstrumentor().instrument()

from crewai import LLM, Agent, Crew, Task
from crewai.flow.flow import Flow, listen, start
from crewai.tools import tool


@tool("measure")
def measure(what: str) -> str:
    """Measures the height of something."""
    with clocked("tool", "measure"):
        time.sleep(0.02)
        return f"{what}: 330 m"


def agent(role: str, *tools: object, stream: bool = False) -> Agent:
    model = LLM(model="openai/gpt-4o", base_url=model_url(), api_key="none", max_retries=0, stream=stream)
    given = {"goal": "Survey", "backstory": "Surveyor", "verbose": False, "max_retry_limit": 0}
    return Agent(role=role, llm=model, tools=list(tools), **given)


def crew(words: str, stream: bool = False) -> Crew:
    surveyor, writer = agent("surveyor", measure, stream=stream), agent("writer")
    survey = Task(name="survey", description=words, expected_output="a height", agent=surveyor)
    look = Task(name="look", description="Just look", expected_output="a view", agent=writer, context=[])
    write = Task(name="write", description="Write it", expected_output="words", agent=writer, context=[survey])
    return Crew(name="report", agents=[surveyor, writer], tasks=[survey, look, write], verbose=False)


class Day(Flow):
    @start()
    def morning(self) -> str:
        with clocked("step", "morning"):
            return "morning"

    @listen(morning)
    def noon(self, _: str) -> str:
        with clocked("step", "noon"), clocked("agent", "surveyor"):
            agent("surveyor", measure).kickoff("How high is the tower? @measure")
            return "noon"


TASK = "How high is the tower? @measure"
UNITS = (
    *(("agent", name) for name in ("surveyor", "writer", "writer")),
    *(("step", name) for name in ("survey", "look", "write")),
)


@contextlib.contextmanager
def report() -> object:
    with contextlib.ExitStack() as stack:
        for role, name in (("recipe", "report"), *UNITS):
            stack.enter_context(clocked(role, name))
        yield


with report():
    crew(TASK).kickoff()
with report():
    crew(TASK, stream=True).kickoff()
with report():
    asyncio.run(crew(TASK).kickoff_async())
with clocked("recipe", "Day"):
    Day().kickoff()
FAILED = (("recipe", "report"), ("step", "survey"), ("agent", "surveyor"))
with contextlib.suppress(Exception), contextlib.ExitStack() as stack:
    for role, name in FAILED:
        stack.enter_context(clocked(role, name, "error"))
    crew("Answer with @503").kickoff()
