"""Key figures in words and numbers, the same in each format of the report."""

from tachograph.present.numbers import NOTHING, duration, share
from tachograph.records import Kpi


def name(kpi: Kpi) -> str:
    """What it is called."""
    return kpi.kpi if kpi.kpi.startswith("CLI") else f"{kpi.category} {kpi.kpi}"


def value(kpi: Kpi) -> str:
    """Its current value in its unit."""
    if kpi.current is None:
        return NOTHING
    return share(kpi.current) if kpi.unit == "ratio" else duration(1000 * kpi.current)


def target(kpi: Kpi) -> str:
    """What it should be."""
    amount = f"{100 * kpi.target:g} %" if kpi.unit == "ratio" else f"{kpi.target:g} s"
    return f"{kpi.comparison} {amount}"


def interval(kpi: Kpi) -> str:
    """Its 95 % interval."""
    if kpi.ci is None:
        return NOTHING
    low, high = kpi.ci
    if kpi.unit == "ratio":
        return f"{100 * low:.1f} to {100 * high:.1f} %"
    return f"{low:.3g} to {high:.3g} s"


def change(kpi: Kpi) -> str:
    """How much it changed; empty where nobody can tell."""
    moved = kpi.trend.change
    if moved is None:
        return ""
    return f"{100 * moved:+.1f} points" if kpi.unit == "ratio" else f"{moved:+.2f} s"


def change_interval(kpi: Kpi) -> str:
    """The 95 % interval of its change."""
    if kpi.trend.ci is None:
        return NOTHING
    low, high = kpi.trend.ci
    if kpi.unit == "ratio":
        return f"{100 * low:+.1f} to {100 * high:+.1f} points"
    return f"{low:+.2f} to {high:+.2f} s"


def trend(kpi: Kpi) -> str:
    """Its trend, with the change where there is one."""
    said = change(kpi) if kpi.trend.verdict in ("better", "worse") else ""
    return f"{kpi.trend.verdict} ({said})" if said else kpi.trend.verdict


def misses(kpi: Kpi) -> bool:
    """Whether it misses its target with its whole interval."""
    if kpi.ci is None:
        return False
    low, high = kpi.ci
    return high <= kpi.target if kpi.comparison == ">" else low >= kpi.target
