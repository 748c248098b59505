"""Tree work over many traces at once: pure functions on arrays that hold each span's parent as an index, -1 for none.

All of it goes by pointer doubling (Wyllie 1979): each round doubles how far a pointer reaches, so that a chain
of n spans takes log n rounds and nothing recurses. Only `without_cycles` takes parents that may run in circles.
"""

from bisect import insort
from collections.abc import Iterable
from typing import TypeVar

import numpy as np
import numpy.typing as npt

Indices = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]
Number = TypeVar("Number", np.int64, np.float64)

NONE = -1


def parent_indices(trace: Indices, span: Indices, parent: Indices) -> Indices:
    """Where each span's parent stands, -1 where it has none or none came.

    Ids are codes from 0, `parent` is -1 where a span names none; spans are unique within their trace.
    """
    width = max(int(span.max(initial=0)), int(parent.max(initial=0))) + 1
    keys = trace * width + span
    order = np.argsort(keys, kind="stable")
    wanted = np.where(parent >= 0, trace * width + parent, -1)
    place = np.searchsorted(keys, wanted, sorter=order)
    candidate = order[np.minimum(place, max(len(order) - 1, 0))] if len(order) else place
    return np.where(keys[candidate] == wanted, candidate, NONE)


def without_cycles(parents: Indices) -> tuple[Indices, Mask]:
    """Parents with the members of every cycle cut loose from all others, and which they are."""
    count = len(parents)
    reached = np.append(np.where(parents < 0, count, parents), count)
    for _ in range(count.bit_length()):
        if (reached == count).all():
            break
        reached = reached[reached]
    # After at least `count` steps whoever has met no root stands on a cycle, and every member is stood on.
    member = np.zeros(count + 1, dtype=np.bool_)
    member[reached] = True
    member[count] = False
    cut = member[:-1] | member[parents]
    return np.where(cut, NONE, parents), member[:-1]


def nearest(parents: Indices, wanted: Mask) -> Indices:
    """The nearest ancestor of each span, itself not included, that is `wanted`; -1 where there is none."""
    found = parents.copy()
    pending = np.flatnonzero(found >= 0)
    while pending.size:
        pending = pending[~wanted[found[pending]]]
        found[pending] = found[found[pending]]
        pending = pending[found[pending] >= 0]
    return found


def nearest_or_self(parents: Indices, wanted: Mask) -> Indices:
    """Like `nearest`, but a span that is itself wanted is its own."""
    return np.where(wanted, np.arange(len(parents)), nearest(parents, wanted))


def roots(parents: Indices) -> Indices:
    """The topmost ancestor of each span, itself where it has no parent."""
    top = np.where(parents >= 0, parents, np.arange(len(parents)))
    while (top[top] != top).any():
        top = top[top]
    return top


def depths(parents: Indices) -> Indices:
    """How many ancestors each span has."""
    depth, up = (parents >= 0).astype(np.int64), parents.copy()
    live = np.flatnonzero(up >= 0)
    while live.size:
        depth[live] += depth[up[live]]
        up[live] = up[up[live]]
        live = live[up[live] >= 0]
    return depth


def sums(parents: Indices, values: npt.NDArray[Number]) -> npt.NDArray[Number]:
    """The sum of `values` over each span and everything beneath it."""
    total, up = values.copy(), parents.copy()
    live = np.flatnonzero(up >= 0)
    while live.size:
        # The totals on the right reach 2^k levels down, and so do the pointers: no span is met twice.
        np.add.at(total, up[live], total[live])
        up[live] = up[up[live]]
        live = live[up[live] >= 0]
    return total


def maxima(parents: Indices, values: Indices) -> Indices:
    """The largest of `values` over each span and everything beneath it."""
    top, up = values.copy(), parents.copy()
    live = np.flatnonzero(up >= 0)
    while live.size:
        np.maximum.at(top, up[live], top[live])
        up[live] = up[up[live]]
        live = live[up[live] >= 0]
    return top


def adopters(
    trace: Indices, start: Indices, end: Indices, depth: Indices, orphans: Indices, candidates: Indices
) -> Indices:
    """For each orphan the shortest candidate of its trace that encloses it in time, -1 where none does.

    Of equally long ones it is the deepest, then the one that stands first.
    """
    concerned = candidates[np.isin(trace[candidates], trace[orphans])]
    moments = np.concatenate([concerned, orphans])
    # Within a trace by start; a candidate before an orphan that starts with it.
    order = np.lexsort((np.arange(len(moments)) >= len(concerned), start[moments], trace[moments]))
    where = moments[order]
    steps = zip(
        order.tolist(), trace[where].tolist(), start[where].tolist(), end[where].tolist(), depth[where].tolist(),
        where.tolist(), strict=True,
    )  # fmt: skip
    return np.array(_sweep(steps, len(concerned), len(orphans)), dtype=np.int64)


def _sweep(steps: Iterable[tuple[int, int, int, int, int, int]], candidates: int, orphans: int) -> list[int]:
    """One pass over the starts of candidates and orphans that keeps the candidates which may still enclose one."""
    found = [NONE] * orphans
    current, open_ones = -1, list[tuple[int, int, int, int]]()
    for number, trace, start, end, depth, index in steps:
        if trace != current:
            current, open_ones = trace, []
        if number < candidates:
            insort(open_ones, (end - start, -depth, index, end))
        else:
            found[number - candidates] = _innermost(open_ones, start, end)
    return found


def _innermost(open_ones: list[tuple[int, int, int, int]], start: int, end: int) -> int:
    position = 0
    while position < len(open_ones):
        _, _, index, until = open_ones[position]
        if until >= end:
            return index
        if until < start:
            # Ended before anything that is still to come.
            del open_ones[position]
        else:
            position += 1
    return NONE
