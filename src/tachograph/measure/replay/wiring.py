"""The graph of a recorded execution: what each of its steps waited for, and how much later it began."""

from collections.abc import Sequence

from tachograph.measure.replay.graph import Edges, Graph
from tachograph.measure.replay.steps import Step
from tachograph.semantics import dependencies


def wire(recorded: Sequence[Step], duration: int, *, success: bool) -> Graph:
    """The graph of an execution of `duration` ns.

    Dependencies are obeyed: where the recorded times contradict them, replaying does not give back the duration.
    """
    steps = sorted(
        (step for step in recorded if not step.skipped and step.start < duration),
        key=lambda step: (step.start, step.end),
    )
    ends = [min(step.end, duration) for step in steps]
    timeline = dependencies.Timeline([step.start for step in steps], ends)
    failed = () if success else _failed(steps)
    # What failed and was tried again, or failed in an execution that succeeded, stopped nothing.
    oks = [at not in failed for at in range(len(steps))]
    known = dependencies.known(steps, timeline)
    graph = Graph(
        [step.name for step in steps], [float(end - step.start) for step, end in zip(steps, ends, strict=True)],
        [], oks, [], [], [found is not None for found in known], steps, 0, len(steps), failed,
        success=success, sequential=timeline.width <= 1, had_failed=bool(failed),
    )  # fmt: skip
    for at, step in enumerate(steps):
        needs, orders = dependencies.edges(steps, at, known, timeline)
        # Whoever ran although what it waits for had failed does not need its success.
        graph.needs.append(tuple(edge for edge in needs if oks[edge]))
        graph.orders.append(tuple({*orders, *(edge for edge in needs if not oks[edge])}))
        graph.gaps.append(max(0, step.start - max((ends[edge] for edge in {*needs, *orders}), default=0)))
    graph.tail = duration - max(ends, default=0)
    return graph


def _failed(steps: Sequence[Step]) -> Edges:
    last = {step.name: at for at, step in enumerate(steps)}
    return tuple(at for at in sorted(last.values()) if not steps[at].ok)
