"""The agents of the agency, by name."""

from agency.agents.architect import Architect
from agency.agents.base import Agent
from agency.agents.coder import Coder
from agency.agents.documenter import Documenter
from agency.agents.releaser import Releaser
from agency.agents.security import Security
from agency.agents.tester import Tester

AGENTS: dict[str, type[Agent]] = {
    agent.name: agent for agent in (Architect, Coder, Documenter, Releaser, Security, Tester)
}

__all__ = ["AGENTS", "Agent", "Architect", "Coder", "Documenter", "Releaser", "Security", "Tester"]
