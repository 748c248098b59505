"""What bottlenecks are looked for in: the units of a window and the calls beneath them, of many traces a sample."""

from typing import Any, NamedTuple

import pyarrow as pa

from tachograph.store import statements
from tachograph.store.database import Store
from tachograph.store.writer import incoming


class Rows(NamedTuple):
    """Units, and calls of models and tools, each in order of time, with the weight of what they stand for."""

    units: pa.Table
    calls: pa.Table


def read_history(store: Store, since: int, until: int, *, most: int, least: int) -> Rows:
    """Rows of the traces that began between two times (ns): of at most `most` traces, but `least` of each kind."""
    bounds: dict[str, Any] = {"since": since, "until": until}
    chosen = store.arrow(statements.HISTORY_TRACES, most=most, least=least, **bounds)
    surroundings = store.arrow(statements.HISTORY_SURROUNDINGS)
    with incoming(store, {"chosen_traces": chosen, "surroundings": surroundings}):
        return Rows(store.arrow(statements.HISTORY, **bounds), store.arrow(statements.HISTORY_CALLS, **bounds))
