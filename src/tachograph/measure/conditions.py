"""Success of executions by condition: version, complexity and size of context, each rate with its Wilson interval."""

from collections import defaultdict
from typing import Any

from tachograph import vocabulary as v
from tachograph.measure.statistics import proportion
from tachograph.records import Condition, Window
from tachograph.store import Store

Conditions = dict[str, list[Condition]]


def conditions(store: Store, window: Window, role: str, name: str | None = None) -> defaultdict[str, Conditions]:
    """For each name of a role its conditions: `version`, `complexity`, `context_size`, as far as they are known."""
    bounds: dict[str, Any] = {"since": window.since_ns, "until": window.until_ns}
    found: defaultdict[str, Conditions] = defaultdict(dict)
    for row in store.query("conditions", role=role, only=name, **bounds):
        rate = proportion(row["successes"], row["executions"])
        made = Condition(row["value"] or _band(row["band"]), rate.n, rate.value, rate.ci, row["duration_ns"] / 1e6)
        found[row["name"]].setdefault(row["condition"], []).append(made)
    for by_condition in found.values():
        by_condition.get("complexity", []).sort(key=_order)
    return found


def _order(condition: Condition) -> tuple[int, str]:
    """Simple, medium, complex, then whatever else a program says."""
    known = v.COMPLEXITIES.index(condition.value) if condition.value in v.COMPLEXITIES else len(v.COMPLEXITIES)
    return known, condition.value


def _band(power: int) -> str:
    """A band of context sizes in tokens; the smallest takes in all that is smaller."""
    low = 0 if power <= 3 else 4**power
    return f"{low:,} to {4 ** (power + 1) - 1:,}"
