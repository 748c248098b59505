"""What every detector is given: the history, and who worked in it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final

import numpy as np

from tachograph.measure.replay import Runs
from tachograph.records.history import History, Units

_LEFT: Final = 2.0  # times what was told, from which on that was not the main matter


@dataclass(frozen=True, slots=True)
class Scene:
    """A history with its workers (agents, and the steps and commands that work without one), and the executions of its
    recipes as they can be replayed."""

    history: History
    workers: Units
    runs: tuple[Runs, ...] = ()
    explained: Mapping[tuple[str, str], float] = field(default_factory=dict)  # shares told, by component and unit
    recorded: History | None = None  # the history with all that has been explained still in it

    @property
    def as_recorded(self) -> History:
        """The history before anything was taken out."""
        return self.recorded or self.history

    @property
    def known(self) -> frozenset[str]:
        """The components of which something was found in any unit."""
        return frozenset(name for name, _ in self.explained)

    def is_told(self, names: Iterable[str], unit: str, share: float) -> bool:
        """Whether so much may be what something that was told of any of some components left behind, for no effect is
        known so well that all of it is taken out."""
        return share <= _LEFT * max((self.explained.get((name, unit), 0.0) for name in names), default=0.0)

    def inside(self, recipe: str) -> set[str]:
        """A recipe with those who work in it."""
        here = self.workers.words["recipe_name"].is_(recipe)
        codes = np.unique(self.workers.codes("worker")[here]).tolist()
        return {recipe, *(self.workers.words["worker"].name(code) for code in codes)}
