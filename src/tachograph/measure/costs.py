"""What model calls cost, from rows that the store summed up by agent and model."""

from collections import defaultdict
from collections.abc import Callable, Iterable
from typing import Any, Final

from tachograph.records import CostSummary, ModelCost, Window
from tachograph.store import Store

_COUNTS: Final = ("calls", "unpriced_calls")
_AMOUNTS: Final = ("cost_usd", "wasted_cost_usd", "stated_usd", "computed_usd")

Row = dict[str, Any]


def rows(store: Store, window: Window, agent: str | None = None) -> list[Row]:
    """Costs of agents' executions by agent and model, the dearest first; `agent` picks one."""
    return _rows(store, window, agent, inside=True)


def by_model(found: Iterable[Row]) -> list[ModelCost]:
    """Rows of whatever agents by model, the dearest first; models without a known cost at the end."""
    groups: dict[str | None, list[Row]] = defaultdict(list)
    for row in found:
        groups[row["model"]].append(row)
    made = [ModelCost(model, **_sums(of, dict.__getitem__)) for model, of in groups.items()]
    return sorted(made, key=lambda it: (it.cost_usd is None, -(it.cost_usd or 0), -it.calls))


def summary(store: Store, window: Window) -> CostSummary:
    """What all calls of a window cost."""
    models = by_model(_rows(store, window, None, inside=False))
    return CostSummary(models=models, **_sums(models, getattr))


def _rows(store: Store, window: Window, agent: str | None, *, inside: bool) -> list[Row]:
    bounds = {"since": window.since_ns, "until": window.until_ns}
    return store.query("spending", **bounds, only=agent, inside=inside, skipped=False)


def _sums(of: list[Any], get: Callable[[Any, str], Any]) -> dict[str, Any]:
    counts = {name: sum(get(one, name) for one in of) for name in _COUNTS}
    return counts | {name: known_sum(get(one, name) for one in of) for name in _AMOUNTS}


def known_sum(amounts: Iterable[float | None]) -> float | None:
    """The sum of what is known; None where nothing is."""
    known = [amount for amount in amounts if amount is not None]
    return sum(known) if known else None
