"""The agents of the agency, by name."""

from agency.agents.architect import Architect
from agency.agents.base import Agent
from agency.agents.coder import Coder
from agency.agents.courier import Courier
from agency.agents.documenter import Documenter
from agency.agents.fuzzer import Fuzzer, Soaker
from agency.agents.releaser import Releaser
from agency.agents.security import Security
from agency.agents.tester import Tester

AGENTS: dict[str, type[Agent]] = {
    agent.name: agent for agent in (Architect, Coder, Courier, Documenter, Fuzzer, Releaser, Security, Soaker, Tester)
}

__all__ = [
    "AGENTS",
    "Agent",
    "Architect",
    "Coder",
    "Courier",
    "Documenter",
    "Fuzzer",
    "Releaser",
    "Security",
    "Soaker",
    "Tester",
]
