"""What to do about each cause: one file a category, one function a cause, tried in this order."""

from collections.abc import Callable, Iterator, Mapping
from types import MappingProxyType
from typing import Final

from tachograph.measure.replay import Runs
from tachograph.recommend.draft import Draft
from tachograph.recommend.remedies import agents, context, infrastructure, recipes, versions
from tachograph.records import BottleneckDetection

Remedy = Callable[[BottleneckDetection, Mapping[str, Runs]], Iterator[Draft]]

REMEDIES: Final[Mapping[str, tuple[Remedy, ...]]] = MappingProxyType(
    {
        "oversized_context": (context.keep_to_limit, context.prune, context.split),
        "slow_context_preparation": (context.index, recipes.merge),
        "redundant_context": (context.order_for_cache, context.share),
        "wrong_agent": (agents.route, agents.pair),
        "agent_sequence": (agents.hand_over, recipes.reorder),
        "missing_specialist": (agents.specialist, agents.pair),
        "underutilised_agent": (agents.use,),
        "unnecessary_sequential_dependency": (recipes.parallelise,),
        "step_order": (recipes.fail_fast, recipes.begin_early, recipes.longest_first, recipes.reorder),
        "resource_contention": (recipes.limit,),
        "retry_loop": (recipes.stop_rule, recipes.say_what_was_wrong, recipes.fewer_attempts),
        "network_latency": (
            infrastructure.wait_less,
            infrastructure.change_server,
            infrastructure.second_server,
            infrastructure.cache_calls,
        ),
        "memory_pressure": (infrastructure.more_memory,),
        "cpu_pressure": (infrastructure.more_processors,),
        "regression": (versions.roll_back, versions.find_change),
        "attribute_difference": (versions.avoid,),
        "error_pattern": (versions.mend,),
    }
)


def drafts(findings: list[BottleneckDetection], runs: Mapping[str, Runs]) -> Iterator[Draft]:
    """All that could be done about some findings, those of the most important first."""
    for finding in findings:
        for remedy in REMEDIES[finding.cause]:
            yield from remedy(finding, runs)
