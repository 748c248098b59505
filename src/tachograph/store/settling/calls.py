"""Which spans count as calls that used tokens or money, and which of them were wasted; pure functions on arrays."""

from dataclasses import dataclass

import numpy as np

from tachograph.store.settling.lineage import Indices, Mask, nearest


@dataclass(frozen=True, slots=True)
class Spans:
    """What the judgement looks at, one entry a span; all of one order.

    `counted` are the calls. `call` is a code for the call hash, -1 where there is none; `scope` is the nearest
    execution, the span itself where it is one, and the root where there is none.
    """

    parents: Indices
    start: Indices
    over: Indices  # when it has ended, for others to be made after it
    role: Indices
    succeeded: Mask
    can_fail: Mask
    counted: Mask
    call: Indices
    scope: Indices


def leaves(parents: Indices, known: Mask) -> Mask:
    """The spans with a known amount that have none with a known amount beneath them: totals are not counted twice."""
    above = nearest(parents, known)[known]
    leaf = known.copy()
    leaf[above[above >= 0]] = False
    return leaf


def wasted(spans: Spans) -> Mask:
    """The spans whose result was thrown away: they or something around them did not succeed, or they repeat a call."""
    thrown_away = nearest(spans.parents, ~spans.succeeded & spans.can_fail) >= 0
    return ~spans.succeeded | thrown_away | repeats(spans, spans.succeeded & ~thrown_away)


def repeats(spans: Spans, brought: Mask) -> Mask:
    """The calls that are made again after they had ended and `brought` their result to the same execution."""
    comparable = np.flatnonzero(spans.counted & (spans.call >= 0))
    same = np.stack([spans.scope[comparable], spans.role[comparable], spans.call[comparable]])
    _, group = np.unique(same, axis=1, return_inverse=True)
    first = np.full(len(comparable), np.iinfo(np.int64).max)
    good = brought[comparable]
    np.minimum.at(first, group[good], spans.over[comparable][good])
    again = np.zeros(len(spans.call), dtype=np.bool_)
    again[comparable] = spans.start[comparable] >= first[group]
    return again
