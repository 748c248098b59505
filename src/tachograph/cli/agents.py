"""How each agent does: success, time, tokens, errors."""

import argparse

from tachograph.cli.common import listed, reading, show, window
from tachograph.measure import performance
from tachograph.records import AgentPerformanceMetrics


def declare(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("name", nargs="?", metavar="NAME", help="one agent only")


def run(options: argparse.Namespace) -> int:
    with reading(options) as store:
        found = performance.agents(store, window(options), options.name)
    return listed(options, found, lambda: _show(found, details=options.name is not None), "agent")


def _show(metrics: list[AgentPerformanceMetrics], *, details: bool) -> None:
    from tachograph.present import costs, tables, usage
    from tachograph.present.words import word

    show(tables.agents(metrics))
    if (quality := tables.quality(metrics)) is not None:
        show(quality)
    for agent in metrics if details else []:
        if agent.by_condition:
            show(usage.conditions(agent.agent_name, agent.by_condition))
        if agent.cost_by_model:
            show(costs.by_model("Cost", agent.cost_by_model))
        if agent.common_error_types:
            show(word("failed with: " + ", ".join(agent.common_error_types)))
