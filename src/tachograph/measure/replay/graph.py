"""The steps of one execution as a graph: what each works, waits for, and how it ended."""

from dataclasses import dataclass

from tachograph.measure.replay.steps import Step

Edges = tuple[int, ...]


@dataclass(slots=True)
class Graph:
    """Nodes in an order in which each comes after those that it waits for; times in ns.

    A node starts `gaps` after the last of its `needs` and `orders` has ended. It runs only where all of its `needs`
    ran and did well; `orders` only hold it up. `known` says whether its dependencies are known, or only the order in
    which the recipe's engine took the steps. Nodes from `recorded` on did not run: they stand for what would have.
    `failed` are the recorded nodes that made the execution fail; `tail` is the time between the end of the last step
    and that of the recipe. `sequential` says that no two steps overlapped.
    """

    names: list[str]
    works: list[float]
    gaps: list[float]
    oks: list[bool]
    needs: list[Edges]
    orders: list[Edges]
    known: list[bool]
    steps: list[Step]
    tail: float
    recorded: int
    failed: Edges
    success: bool
    sequential: bool
    had_failed: bool = False  # a step made it fail
    has_rest: bool = True  # whether it is known what would have come after the failed steps

    @classmethod
    def empty(cls) -> "Graph":
        """A graph without steps."""
        return cls([], [], [], [], [], [], [], [], 0, 0, (), success=True, sequential=True)

    def copy(self) -> "Graph":
        """One that can be changed; its edges are tuples and stay shared."""
        return Graph(
            self.names.copy(), self.works.copy(), self.gaps.copy(), self.oks.copy(), self.needs.copy(),
            self.orders.copy(), self.known.copy(), self.steps.copy(), self.tail, self.recorded, self.failed,
            self.success, self.sequential, self.had_failed, self.has_rest,
        )  # fmt: skip

    @property
    def mended(self) -> bool:
        """Whether all steps that made the execution fail are gone or do well now."""
        return self.had_failed and all(self.oks[at] for at in self.failed)

    def where(self, name: str) -> list[int]:
        """The nodes of a step: one for each time it was tried."""
        return [at for at, known in enumerate(self.names) if known == name]
