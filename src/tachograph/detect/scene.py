"""What every detector is given: the history, and who worked in it."""

from dataclasses import dataclass

import numpy as np

from tachograph.measure.replay import Runs
from tachograph.records.history import History, Units


@dataclass(frozen=True, slots=True)
class Scene:
    """A history with its workers (agents, and the steps and commands that work without one), and the executions of its
    recipes as they can be replayed."""

    history: History
    workers: Units
    runs: tuple[Runs, ...] = ()
    explained: frozenset[tuple[str, str]] = frozenset()  # components and the unit in which something was found of them
    recorded: History | None = None  # the history with all that has been explained still in it

    @property
    def as_recorded(self) -> History:
        """The history before anything was taken out."""
        return self.recorded or self.history

    @property
    def known(self) -> frozenset[str]:
        """The components of which something was found in any unit."""
        return frozenset(name for name, _ in self.explained)

    @property
    def recipes_told(self) -> frozenset[str]:
        """The recipes of which something was found, or of who works in them."""
        inside = self.workers.words["recipe_name"]
        codes = np.unique(inside.codes[self.workers.words["worker"].among(self.known)]).tolist()
        return self.known | {inside.name(code) for code in codes if code >= 0}
