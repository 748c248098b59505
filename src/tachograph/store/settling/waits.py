"""Time and tokens that calls cost twice: attempts that were refused, calls made again, input that was sent before."""

from dataclasses import dataclass

import numpy as np

from tachograph.store.settling.lineage import NONE, Indices, Mask


@dataclass(frozen=True, slots=True)
class Calls:
    """Calls of one kind: where each hangs, what it is (a code), and when it was, ns."""

    spans: Indices  # the place of each call among all spans
    group: Indices  # the calls that are looked at together, in order of time
    what: Indices  # the same code for the same call, in whatever group; -1 where nobody knows
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

    def in_a_row(self) -> Mask:
        """Whether the call before is of the same group and the same call."""
        same = self.follows()
        same[1:] &= (self.what[1:] == self.what[:-1]) & (self.what[1:] >= 0)
        return same

    def again(self) -> Mask:
        """The same, where the call before had ended: what overlaps in time was asked for at once, and is no
        repetition."""
        same = self.in_a_row()
        same[1:] &= over(self.start, self.end)[:-1] <= self.start[1:]
        return same


def over(start: Indices, end: Indices) -> Indices:
    """When each call has ended, for others to be made after it: a moment later at least than it began, so that none
    comes after itself."""
    return np.maximum(end, start + 1)


def blocked(calls: Calls, refused: Mask, count: int) -> Indices:
    """For each of `count` spans how long it was refused: its own time, and the wait until the same was tried again."""
    time = np.zeros(count, dtype=np.int64)
    is_refused = refused[calls.spans]
    wait = np.zeros(len(calls.spans), dtype=np.int64)
    retried = calls.again()[1:]
    wait[:-1] = np.where(retried, np.maximum(calls.start[1:] - calls.end[:-1], 0), 0)
    time[calls.spans] = np.where(is_refused, calls.end - calls.start + wait, 0)
    return time


def repeated(calls: Calls, succeeded: Mask, asked: Indices | None, works: Mask) -> tuple[Indices, Indices]:
    """For each span what it cost to make a call again that had been made, and had ended, before.

    The first are calls in a row and calls that had failed: a loop. The second are calls made again after others though
    they had brought their result: it was forgotten. Each takes the time since the call before, whatever that was: what
    lies between is the round in which the model asked for it. `asked` numbers these rounds for each span, -1 where
    nobody did; one that asked for something new as well was needed anyway. Without it a call takes its own time. No
    time is lost in which a call ran that is none made again (of those that do work themselves, `works`, and hold no
    others), and none is lost twice.
    """
    loop, forgotten = np.zeros(len(works), dtype=np.int64), np.zeros(len(works), dtype=np.int64)
    before = _before(calls)
    later = before >= 0
    had_result = later & succeeded[calls.spans[np.maximum(before, 0)]] & ~calls.in_a_row()
    since = calls.start if asked is None else _since(calls, asked, later)
    took = np.maximum(_alone(calls, since, later, works), 1)
    loop[calls.spans] = np.where(later & ~had_result, took, 0)
    forgotten[calls.spans] = np.where(had_result, took, 0)
    return loop, forgotten


def _since(calls: Calls, asked: Indices, again: Mask) -> Indices:
    """The end of the call before; its own start where a round between them asked for it and for a new one, too."""
    by = asked[calls.spans]
    was_needed = np.isin(by, by[~again & (by >= 0)])
    since = calls.start.copy()
    follows = calls.follows()[1:] & (~was_needed[1:] | (by[1:] == by[:-1]))
    since[1:] = np.where(follows, np.minimum(calls.end[:-1], calls.start[1:]), calls.start[1:])
    return since


def _alone(calls: Calls, since: Indices, again: Mask, works: Mask) -> Indices:
    """For each call made again how much of the time from `since` to its end its group did nothing else in, and no
    other call made again is told to have taken."""
    ours = np.flatnonzero(again)
    group, begin, end = calls.group[ours], since[ours], calls.end[ours]
    told = _latest(group, end)[:-1]
    begin[1:] = np.where(group[1:] == group[:-1], np.maximum(begin[1:], told), begin[1:])
    took = np.zeros(len(again), dtype=np.int64)
    took[ours] = _idle(calls, ~again & works[calls.spans], group, begin, np.maximum(end, begin))
    return took


def _idle(calls: Calls, some: Mask, group: Indices, begin: Indices, end: Indices) -> Indices:
    """How long none of some calls of a group ran between two moments of it, for each such pair."""
    count, pairs = int(some.sum()), len(group)
    time = np.concatenate([calls.start[some], calls.end[some], begin, end])
    places = np.concatenate([calls.group[some], calls.group[some], group, group])
    changes = np.repeat(np.array([1, -1, 0, 0]), [count, count, pairs, pairs])
    order = np.lexsort((time, places))
    is_idle = (np.cumsum(changes[order])[:-1] == 0) & (places[order][1:] == places[order][:-1])
    until = np.zeros(len(order), dtype=np.int64)
    until[order[1:]] = np.cumsum(np.where(is_idle, np.diff(time[order]), 0))
    return until[2 * count + pairs :] - until[2 * count : 2 * count + pairs]


def _latest(group: Indices, time: Indices) -> Indices:
    """For each row the latest time of its group so far; rows come by group."""
    order = np.lexsort((time, group))
    rank = np.empty(len(order), dtype=np.int64)
    rank[order] = np.arange(len(order))
    # Every group has higher ranks than those before it, so that none is carried over.
    return time[order][np.maximum.accumulate(rank)]


def rounds(group: Indices, is_model: Mask, start: Indices) -> Indices:
    """For each span a number for the last model call of its group that began before it, -1 where there is none."""
    order = np.lexsort((~is_model, start, group))
    last = np.maximum.accumulate(np.where(is_model[order], np.arange(len(order)), NONE))
    is_of_group = (last >= 0) & (group[order][np.maximum(last, 0)] == group[order])
    found = np.full(len(order), NONE, dtype=np.int64)
    found[order] = np.where(is_of_group, last, NONE)
    return found


def _before(calls: Calls) -> Indices:
    """For each call the place of the last one that was the same and had ended when it began, -1 where there is none."""
    count = len(calls.what)
    what, time = np.tile(calls.what, 2), np.concatenate([over(calls.start, calls.end), calls.start])
    order = np.lexsort((np.arange(2 * count) >= count, time, what))
    last = np.maximum.accumulate(np.where(order < count, np.arange(2 * count), NONE))
    same = (last >= 0) & (what[order] >= 0) & (what[order][np.maximum(last, 0)] == what[order])
    found = np.full(2 * count, NONE, dtype=np.int64)
    found[order] = np.where(same, order[np.maximum(last, 0)], NONE)
    return found[count:]


def resent(calls: Calls, total: Indices, spared: Indices, count: int) -> Indices:
    """For each of `count` spans the input tokens that the call before had sent as well and no cache spared.

    `total` is the whole input of each span, `spared` what was read from a cache. A conversation grows, so what two
    calls share is at most the smaller input. Of one that had not ended nothing could come from a cache yet.
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
