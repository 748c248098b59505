"""How each agent does: success, time, tokens, errors."""

import argparse

from tachograph.cli.common import FAILED, OK, reading, show, tell, window
from tachograph.measure import performance
from tachograph.present import as_json
from tachograph.records import AgentPerformanceMetrics


def declare(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("name", nargs="?", metavar="NAME", help="one agent only")


def run(options: argparse.Namespace) -> int:
    with reading(options) as store:
        metrics = performance.agents(store, window(options), options.name)
    if options.format == "json":
        print(as_json.dumps(metrics))
    else:
        _show(metrics, details=options.name is not None)
    if options.name and not metrics:
        tell(f"no agent named {options.name!r} in this window; tachograph agents lists them")
        return FAILED
    return OK


def _show(metrics: list[AgentPerformanceMetrics], *, details: bool) -> None:
    from tachograph.present import tables, usage
    from tachograph.present.words import word

    show(tables.agents(metrics))
    for agent in metrics if details else []:
        if agent.by_condition:
            show(usage.conditions(agent.agent_name, agent.by_condition))
        if agent.common_error_types:
            show(word("failed with: " + ", ".join(agent.common_error_types)))
