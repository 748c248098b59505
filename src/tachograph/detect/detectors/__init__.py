"""The detectors, one file each; a detector takes a scene and yields candidates, and knows no other detector."""

from collections.abc import Callable, Iterator

from tachograph.detect.candidate import Candidate
from tachograph.detect.detectors import (
    agent_choice,
    change_point,
    differences,
    error_pattern,
    failing_contexts,
    failing_server,
    failing_tool,
    missing_specialist,
    network_latency,
    order,
    oversized_context,
    pressure,
    read_by_others,
    redundant_context,
    resource_contention,
    retry_loop,
    slow_at_times,
    slow_context_preparation,
    slow_places,
    start_order,
    step_graph,
)
from tachograph.detect.scene import Scene

Detector = tuple[str, Callable[[Scene], Iterator[Candidate]]]

# What one phase explains is taken out before the next one looks: first causes that show in single calls, then those
# that name a mechanism of an execution, then errors, and last what only compares groups of executions.
PHASES: tuple[tuple[Detector, ...], ...] = (
    (
        ("network_latency", network_latency.detect),
        ("network_latency", slow_at_times.detect),
        ("resource_contention", resource_contention.of_tools),
        ("pressure", pressure.of_tools),
    ),
    (("attribute_difference", slow_places.detect),),
    (
        ("slow_context_preparation", slow_context_preparation.detect),
        ("redundant_context", redundant_context.detect),
        ("redundant_context", read_by_others.detect),
        ("oversized_context", oversized_context.detect),
        ("oversized_context", failing_contexts.detect),
        ("retry_loop", retry_loop.detect),
        ("agent_sequence", order.handed_back),
        ("unnecessary_sequential_dependency", step_graph.unnecessary_sequential_dependency),
        ("step_order", step_graph.step_order),
        ("step_order", start_order.detect),
    ),
    (
        ("pressure", pressure.of_workers),
        ("resource_contention", resource_contention.of_units),
        ("resource_contention", resource_contention.of_siblings),
    ),
    (("error_pattern", failing_server.detect), ("error_pattern", failing_tool.detect)),
    (("error_pattern", error_pattern.detect),),
    (("attribute_difference", differences.attribute_difference),),
    (
        ("regression", differences.regression_of_models),
        ("regression", differences.regression_of_workers),
        ("missing_specialist", missing_specialist.detect),
        ("agent_sequence", order.agent_sequence),
        ("step_order", order.step_order),
    ),
    (("change_point", change_point.of_calls),),
    (("change_point", change_point.of_workers),),
    (("regression", differences.regression_of_recipes),),
    (("change_point", change_point.of_recipes),),
    (("agent_choice", agent_choice.detect),),
)
