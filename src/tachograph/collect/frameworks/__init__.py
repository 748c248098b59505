"""Entry points of agent frameworks, a declaration each; a framework's is loaded with the framework."""

from __future__ import annotations

TYPE_CHECKING = False  # short commands load this, and nothing below
if TYPE_CHECKING:
    from collections.abc import Callable
    from types import ModuleType

# Framework -> modules one of which every program that uses it imports.
DOORS: dict[str, tuple[str, ...]] = {
    "pydantic_ai": ("pydantic_ai",),
    "langgraph": ("langgraph.pregel",),
    "crewai": ("crewai",),
    "smolagents": ("smolagents",),
    "llama_index": ("workflows.plugins.basic",),
    "llama_index_core": ("llama_index.core",),
    "autogen_teams": ("autogen_agentchat.teams",),
    "autogen_models": ("autogen_core.models",),
    "mcp_client": ("mcp.client.session",),
    "mcp_server": ("mcp.server.mcpserver.server", "mcp.server.fastmcp.server"),
    "openai_agents": ("agents.run",),
}
PREFIX = "tachograph_"  # of the names by which each is switched off in OTEL_PYTHON_DISABLED_INSTRUMENTATIONS

_installed: set[str] = set()


def opener(framework: str) -> Callable[[ModuleType], None]:
    """Called with a door that has been imported: wraps what the framework's declaration names, once."""

    def install(_: ModuleType) -> None:
        if framework in _installed:
            return
        _installed.add(framework)
        import importlib
        import sys

        declared = importlib.import_module(f"{__name__}.{framework}").FRAMEWORK
        if declared.proof and declared.proof not in sys.modules:
            return

        from tachograph.collect.frameworks import engine

        engine.install(declared)

    return install
