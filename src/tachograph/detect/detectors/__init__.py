"""The detectors, one file each; a detector takes a scene and yields candidates, and knows no other detector."""

from collections.abc import Callable, Iterator

from tachograph.detect.candidate import Candidate
from tachograph.detect.detectors import (
    agent_choice,
    differences,
    missing_specialist,
    network_latency,
    order,
    oversized_context,
    pressure,
    redundant_context,
    resource_contention,
    retry_loop,
    slow_context_preparation,
)
from tachograph.detect.scene import Scene

Detector = tuple[str, Callable[[Scene], Iterator[Candidate]]]

# Those that name a mechanism. What they explain is taken out before the others compare what is left.
MECHANISMS: tuple[Detector, ...] = (
    ("slow_context_preparation", slow_context_preparation.detect),
    ("redundant_context", redundant_context.detect),
    ("oversized_context", oversized_context.detect),
    ("retry_loop", retry_loop.detect),
    ("network_latency", network_latency.detect),
    ("pressure", pressure.detect),
    ("resource_contention", resource_contention.detect),
)

# These compare groups of executions, each with the others of its task.
COMPARISONS: tuple[Detector, ...] = (
    ("missing_specialist", missing_specialist.detect),
    ("agent_choice", agent_choice.detect),
    ("agent_sequence", order.agent_sequence),
    ("step_order", order.step_order),
    ("regression", differences.regression),
    ("attribute_difference", differences.attribute_difference),
)
