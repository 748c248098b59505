"""Tools of MCP servers, as those who call them see it."""

from typing import Any

from tachograph import vocabulary as v
from tachograph.collect.frameworks.declaring import Call, Facts, Framework, Unit


def _name(call: Call) -> str:
    return str(call.argument("name"))


def _result(_: Call, result: Any) -> Facts:
    failed = getattr(result, "is_error", None) or getattr(result, "isError", None)
    return {v.OUTCOME: "failure", v.ERROR_TYPE: "tool_error"} if failed else {}


FRAMEWORK = Framework(
    "MCP client", "mcp", (Unit("tool", "mcp.client.session:ClientSession.call_tool", _name, _name, end=_result),)
)
