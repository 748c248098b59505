"""Recorded executions of a recipe, each with the graph of its steps."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from tachograph.measure.replay.donors import with_unreached
from tachograph.measure.replay.graph import Graph
from tachograph.measure.replay.steps import Attempt, Step
from tachograph.measure.replay.wiring import wire

__all__ = ["Attempt", "Run", "Runs", "Step", "build"]


@dataclass(frozen=True, slots=True)
class Run:
    """One execution of a recipe. Times in nanoseconds; `weight` is how many executions it stands for.

    `task` is the kind of task, for comparing like with like. `partial` says that spans are missing. `graph` is made
    by `build`, which sees what the other executions did.
    """

    execution_id: str
    trace_id: str
    start_ns: int
    duration_ns: int
    success: bool
    steps: tuple[Step, ...]
    task: str = ""
    weight: float = 1.0
    partial: bool = False
    graph: Graph = field(default_factory=Graph.empty, repr=False, compare=False)


@dataclass(frozen=True, slots=True)
class Runs:
    """The executions of one recipe in a window, in order of time; `total` of them where these are a sample."""

    recipe: str
    runs: tuple[Run, ...]
    total: int

    @property
    def steps(self) -> tuple[str, ...]:
        """The names of all steps, in the order in which they usually start."""
        places: dict[str, list[int]] = {}
        for run in self.runs:
            for place, step in enumerate(run.steps):
                places.setdefault(step.name, []).append(place)
        return tuple(sorted(places, key=lambda name: (sum(places[name]) / len(places[name]), name)))


def build(recipe: str, runs: Sequence[Run], total: int | None = None, seed: int = 0) -> Runs:
    """Executions that can be replayed: what each step waited for is found out, and for executions that failed what
    they did not come to is filled in from like ones that did."""
    wired = [replace(run, graph=wire(run.steps, run.duration_ns, success=run.success)) for run in runs]
    wired.sort(key=lambda run: run.start_ns)
    graphs = with_unreached([run.graph for run in wired], [run.task for run in wired], seed)
    made = tuple(replace(run, graph=graph) for run, graph in zip(wired, graphs, strict=True))
    return Runs(recipe, made, len(made) if total is None else total)
