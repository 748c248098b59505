"""Agents and teams of AutoGen at work: with a tool, streaming, in a team, failing."""

import asyncio
import contextlib
import time

from autogen_agentchat.agents import AssistantAgent
from autogen_agentchat.conditions import MaxMessageTermination
from autogen_agentchat.teams import RoundRobinGroupChat
from autogen_core.models import ModelInfo
from autogen_ext.models.openai import OpenAIChatCompletionClient
from clock import clocked, model_url

INFO = ModelInfo(vision=False, function_calling=True, json_output=False, family="unknown", structured_output=False)


def client() -> OpenAIChatCompletionClient:
    options = {"include_name_in_message": False, "max_retries": 0, "model_info": INFO}
    usage = {"stream_options": {"include_usage": True}}  # else a stream has none
    return OpenAIChatCompletionClient(model="scripted", base_url=model_url(), api_key="none", **options, **usage)


async def measure(what: str) -> str:
    """Measures the height of something."""
    with clocked("tool", "measure"):
        time.sleep(0.02)
        return f"{what}: 330 m"


def agent(name: str, **options: object) -> AssistantAgent:
    return AssistantAgent(name, client(), tools=[measure], reflect_on_tool_use=True, **options)


async def work() -> None:
    with clocked("agent", "surveyor"):
        await agent("surveyor").run(task="How high is the tower? @measure")
    with clocked("agent", "surveyor"):
        async for _ in agent("surveyor", model_client_stream=True).run_stream(task="How high is it? @measure"):
            pass
    with clocked("recipe", "report"), clocked("agent", "surveyor"), clocked("agent", "writer"):
        members = [agent("surveyor"), agent("writer")]
        team = RoundRobinGroupChat(members, name="report", termination_condition=MaxMessageTermination(3))
        await team.run(task="How high is the tower? @measure")
    with clocked("agent", "surveyor", "failure"), contextlib.suppress(Exception):
        await agent("surveyor").run(task="Answer with @503")


asyncio.run(work())
