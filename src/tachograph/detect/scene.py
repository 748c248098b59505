"""What every detector is given: the history, and who worked in it."""

from dataclasses import dataclass

from tachograph.measure.replay import Runs
from tachograph.records.history import History, Units


@dataclass(frozen=True, slots=True)
class Scene:
    """A history with its workers (agents, and the steps and commands that work without one), and the executions of its
    recipes as they can be replayed."""

    history: History
    workers: Units
    runs: tuple[Runs, ...] = ()
    explained: frozenset[str] = frozenset()  # components about which something has been found
