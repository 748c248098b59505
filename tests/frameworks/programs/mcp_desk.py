"""A client of MCP and its server, which is this program again: a tool that works, and one that fails."""

import asyncio
import os
import sys
import time
from pathlib import Path

from clock import clocked, model_url

try:
    from mcp.server.mcpserver import MCPServer
except ImportError:  # before 2.0
    from mcp.server.fastmcp import FastMCP as MCPServer

from mcp import ClientSession, StdioServerParameters
from mcp.client.stdio import stdio_client

server = MCPServer("survey")


@server.tool()
def measure(what: str) -> str:
    """Measures the height of something."""
    time.sleep(0.02)
    return f"{what}: 330 m"


@server.tool()
def break_down() -> str:
    """Breaks."""
    raise ValueError("broken")


async def work() -> None:
    environment = {key: value for key, value in os.environ.items() if key != "PYTHONPATH"}  # no launcher in the server
    environment["PYTHONPATH"] = str(Path(__file__).parent)
    parameters = StdioServerParameters(command=sys.executable, args=[__file__, model_url(), "serve"], env=environment)
    async with stdio_client(parameters) as (read, write), ClientSession(read, write) as session:
        await session.initialize()
        with clocked("tool", "measure"):
            await session.call_tool("measure", {"what": "tower"})
        with clocked("tool", "break_down", "failure"):
            await session.call_tool("break_down", {})


if "serve" in sys.argv:
    server.run("stdio")
else:
    asyncio.run(work())
