"""Where failures began in a block of traces, and what is said there, free of what differs from case to case."""

from functools import lru_cache
from typing import Any, Final

import numpy as np

from tachograph.semantics.messages import mask
from tachograph.store.settling import lineage
from tachograph.store.settling.lineage import Indices, Mask

# The columns that tell what went wrong.
SAYING: Final = ["error_message", "error_type", "exit_code", "outcome"]


def beginnings(parents: Indices, failed: Mask, says: Mask) -> Mask:
    """The innermost spans of each chain of failed ones that say something; where none does, the innermost."""
    telling = failed & says
    told_below = _above(parents, failed, telling)
    turning = lineage.nearest(parents, telling | ~failed)
    told_above = (turning >= 0) & telling[turning]
    silent = failed & ~telling & ~told_below & ~told_above & ~_above(parents, failed, failed)
    return (telling & ~told_below) | silent


def _above(parents: Indices, failed: Mask, start: Mask) -> Mask:
    """What is reached from `start` going up through failed spans only."""
    reached = np.zeros(len(parents), dtype=np.bool_)
    front = np.flatnonzero(start)
    while front.size:
        front = np.unique(parents[front])
        front = front[front >= 0]
        front = front[failed[front] & ~reached[front]]
        reached[front] = True
    return reached


def messages(rows: list[dict[str, Any]]) -> list[str]:
    """One masked message a row."""
    return [_message(row["error_message"], row["error_type"], row["exit_code"], row["outcome"]) for row in rows]


@lru_cache(maxsize=4096)
def _message(message: str | None, kind: str | None, exit_code: int | None, outcome: str) -> str:
    if message and message.strip():
        masked = mask(message)
        # "'user_id'" is all that a KeyError says: without its type it would be like anything else.
        says_something = any(char.isalpha() for char in masked)
        return masked if says_something or not kind else f"{kind}: {masked}"
    return kind or (outcome if exit_code is None else f"exit code {exit_code}")
