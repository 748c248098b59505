"""Stated token totals held against the sum of calls, and in words why they differ."""

from collections.abc import Iterator

from tachograph.records import Reconciliation, Window
from tachograph.store import Store


def reconciliation(store: Store, window: Window) -> Reconciliation:
    """What the executions of a window say of their tokens, and what is counted."""
    (row,) = store.query("reconcile", since=window.since_ns, until=window.until_ns)
    return Reconciliation(**row)


def explained(found: Reconciliation) -> str:
    """One sentence: reported, the sum of calls, what is counted, because; empty where nothing is to be explained."""
    if found.agrees:
        return ""
    parts = list(_because(found))
    told = f"reported by agents' own spans {found.reported:,} tokens, sum of their calls {found.calls:,}, "
    counted = f"counted {found.counted:,}"
    return (told + counted if found.agents else "tokens are counted call by call") + ", because " + "; ".join(parts)


def _because(found: Reconciliation) -> Iterator[str]:
    if found.doubled_calls:
        yield f"{found.doubled_calls:,} calls ({found.doubled_tokens:,} tokens) are told by two and count once"
    if found.cache_twice:
        yield f"{found.cache_twice:,} agent spans add cached input to an input that includes it"
    if found.call_twice:
        yield f"{found.call_twice:,} agent spans add up calls that are told twice"
    if found.unmetered_calls:
        yield f"{found.unmetered_calls:,} calls say no usage (streams without it), which is unknown and not zero"
    rest = found.differing - found.cache_twice - found.call_twice - found.unmetered_agents
    if rest > 0:
        yield f"{rest:,} agent spans state another total than their calls, and calls count where there are any"
