"""Time and tokens that calls cost twice: attempts that were refused, calls made again, input that was sent before."""

from dataclasses import dataclass

import numpy as np

from tachograph.store.settling.lineage import NONE, Indices, Mask


@dataclass(frozen=True, slots=True)
class Calls:
    """Calls of one kind: where each hangs, what it is (a code), and when it was, ns."""

    spans: Indices  # the place of each call among all spans
    group: Indices  # the calls that are looked at together, in order of time
    what: Indices
    start: Indices
    end: Indices

    @classmethod
    def of(cls, chosen: Mask, group: Indices, what: Indices, start: Indices, end: Indices) -> "Calls":
        """The chosen spans that belong to a group, by group and time."""
        spans = np.flatnonzero(chosen & (group >= 0))
        spans = spans[np.lexsort((end[spans], start[spans], group[spans]))]
        return cls(spans, group[spans], what[spans], start[spans], end[spans])

    def follows(self) -> Mask:
        """Whether the call before is of the same group."""
        same = np.zeros(len(self.spans), dtype=np.bool_)
        same[1:] = self.group[1:] == self.group[:-1]
        return same

    def again(self) -> Mask:
        """Whether the call before is of the same group and the same call."""
        same = self.follows()
        same[1:] &= (self.what[1:] == self.what[:-1]) & (self.what[1:] >= 0)
        return same


def blocked(calls: Calls, refused: Mask, count: int) -> Indices:
    """For each of `count` spans how long it was refused: its own time, and the wait until the same was tried again."""
    time = np.zeros(count, dtype=np.int64)
    is_refused = refused[calls.spans]
    wait = np.zeros(len(calls.spans), dtype=np.int64)
    retried = calls.again()[1:]
    wait[:-1] = np.where(retried, np.maximum(calls.start[1:] - calls.end[:-1], 0), 0)
    time[calls.spans] = np.where(is_refused, calls.end - calls.start + wait, 0)
    return time


def repeated(calls: Calls, succeeded: Mask, asked: Indices | None, count: int) -> tuple[Indices, Indices]:
    """For each of `count` spans what it cost to make a call again that its group had made before.

    The first are calls in a row and calls that had failed: a loop. The second are calls made again after others though
    they had brought their result: it was forgotten. Each takes the time since the call before, whatever that was: what
    lies between is the round in which the model asked for it. `asked` numbers these rounds for each span, -1 where
    nobody did; one that asked for something new as well was needed anyway. Without it a call takes its own time.
    """
    loop, forgotten = np.zeros(count, dtype=np.int64), np.zeros(count, dtype=np.int64)
    in_a_row = calls.again()
    before = _before(calls)
    later = (before >= 0) & (calls.what >= 0)
    had_result = later & succeeded[calls.spans[np.maximum(before, 0)]] & ~in_a_row
    took = np.maximum(calls.end - (calls.start if asked is None else _since(calls, asked, later)), 1)
    loop[calls.spans] = np.where(later & ~had_result, took, 0)
    forgotten[calls.spans] = np.where(had_result, took, 0)
    return loop, forgotten


def _since(calls: Calls, asked: Indices, again: Mask) -> Indices:
    """The end of the call before; its own start where the round that asked for it asked for a new one, too."""
    by = asked[calls.spans]
    was_needed = np.isin(by, by[~again & (by >= 0)])
    since = calls.start.copy()
    follows = calls.follows()[1:] & ~was_needed[1:]
    since[1:] = np.where(follows, np.minimum(calls.end[:-1], calls.start[1:]), calls.start[1:])
    return since


def rounds(group: Indices, is_model: Mask, start: Indices) -> Indices:
    """For each span a number for the last model call of its group that began before it, -1 where there is none."""
    order = np.lexsort((~is_model, start, group))
    last = np.maximum.accumulate(np.where(is_model[order], np.arange(len(order)), NONE))
    is_of_group = (last >= 0) & (group[order][np.maximum(last, 0)] == group[order])
    found = np.full(len(order), NONE, dtype=np.int64)
    found[order] = np.where(is_of_group, last, NONE)
    return found


def _before(calls: Calls) -> Indices:
    """For each call the place of the one before it that is the same, -1 where it is the first."""
    order = np.lexsort((np.arange(len(calls.what)), calls.what, calls.group))
    same = np.zeros(len(order), dtype=np.bool_)
    same[1:] = (calls.group[order][1:] == calls.group[order][:-1]) & (calls.what[order][1:] == calls.what[order][:-1])
    before = np.full(len(order), NONE, dtype=np.int64)
    before[order[1:]] = np.where(same[1:], order[:-1], NONE)
    return before


def resent(calls: Calls, total: Indices, spared: Indices, count: int) -> Indices:
    """For each of `count` spans the input tokens that the call before had sent as well and no cache spared.

    `total` is the whole input of each span, `spared` what was read from a cache. A conversation grows, so what two
    calls share is at most the smaller input.
    """
    tokens = np.zeros(count, dtype=np.int64)
    shared = np.zeros(len(calls.spans), dtype=np.int64)
    mine = total[calls.spans]
    shared[1:] = np.where(calls.again()[1:], np.minimum(mine[1:], mine[:-1]), 0)
    tokens[calls.spans] = np.maximum(shared - spared[calls.spans], 0)
    return tokens


def first(group: Indices, value: Indices, start: Indices, groups: int) -> Indices:
    """For each of `groups` groups the value of its earliest member, -1 where it has none."""
    found = np.full(groups, NONE, dtype=np.int64)
    inside = np.flatnonzero((group >= 0) & (value >= 0))
    order = inside[np.argsort(-start[inside], kind="stable")]
    found[group[order]] = value[order]  # of equal places the last one written stays
    return found
