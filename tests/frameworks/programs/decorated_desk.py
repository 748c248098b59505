"""An agent of pydantic-ai in a function that the program itself says is that agent."""

import asyncio

from clock import clocked, model_url
from openai import AsyncOpenAI
from pydantic_ai import Agent
from pydantic_ai.models.openai import OpenAIChatModel
from pydantic_ai.providers.openai import OpenAIProvider

import tachograph

client = AsyncOpenAI(base_url=model_url(), api_key="none", max_retries=0)
researcher = Agent(OpenAIChatModel("scripted", provider=OpenAIProvider(openai_client=client)), name="researcher")


@tachograph.agent("researcher")
async def research(question: str) -> str:
    return (await researcher.run(question)).output


with clocked("agent", "researcher"):
    asyncio.run(research("How high is the tower?"))
