"""Tools of an MCP server, as the server itself sees it; from version 2 it tells of them, and theirs is the span."""

from tachograph.collect.frameworks.declaring import Call, Framework, Unit


def _name(call: Call) -> str:
    return str(call.argument("name"))


_MANAGERS = " | ".join(
    f"mcp.server.{name}.tools.tool_manager:ToolManager.call_tool" for name in ("mcpserver", "fastmcp")
)

FRAMEWORK = Framework("MCP server", "mcp", (Unit("tool", _MANAGERS, _name, _name),))
