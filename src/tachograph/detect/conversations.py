"""Turns of models in executions: how long each took, which tools were called after it, and what they put into the next
one's input."""

from dataclasses import dataclass
from typing import Final

import numpy as np

from tachograph.detect.scene import Scene
from tachograph.detect.workers import home
from tachograph.measure.inference import Estimated, Wholes, regression, within
from tachograph.records.history import MISSING, Flags, Reals, Units

_CACHES: Final = ("cache_write_tokens", "cache_read_tokens")
_PARTS: Final = ("input_tokens", *_CACHES)
_NINE_TENTHS: Final = 1.645


@dataclass(frozen=True, slots=True)
class Conversations:
    """Calls of models in order of execution and time: the worker's row, what each read and wrote, what the next one
    reads more (NaN where nobody knows), and how many calls of tools came between the two, made again or new."""

    row: Wholes
    read: Reals
    cached: Reals
    answer: Reals
    grown: Reals
    again: Reals
    new: Reals
    _tools: Units
    _owner: Wholes  # for each tool call its row
    _turn: Wholes  # and the model call before it
    _is_again: Flags
    _workers: Units
    tell_caches: bool  # whether any call says that it used one; of those that say nothing nobody knows

    @classmethod
    def of(cls, scene: Scene) -> "Conversations":
        """The calls directly below the workers of a scene."""
        models, rows = _placed(scene.history.models, scene.workers)
        tools, owners = _placed(scene.history.tools, scene.workers)
        turn = _turns(rows, models["start"], owners, tools["start"])
        is_again = tools["again"] > 0
        count = len(rows)
        read = np.sum([np.nan_to_num(models[name]) for name in _PARTS], axis=0)
        follows = np.append(rows[1:] == rows[:-1], False)[:count] & (models["success"] > 0)
        grown = np.append(np.diff(read), 0.0)[:count]
        known = np.isfinite(models["input_tokens"])
        knows_next = known & np.append(known[1:], False)[:count]
        return cls(
            row=rows,
            read=read,
            cached=np.nan_to_num(models["cache_read_tokens"]),
            answer=np.nan_to_num(models["output_tokens"]),
            # Where a conversation was cut down, nothing tells what came.
            grown=np.where(follows & knows_next & (grown >= 0), grown, np.nan),
            again=_counts(turn, is_again, count),
            new=_counts(turn, ~is_again, count),
            _tools=tools,
            _owner=owners,
            _turn=turn,
            _is_again=is_again,
            _workers=scene.workers,
            tell_caches=any(np.nan_to_num(models[name]).any() for name in _CACHES),
        )

    def idle(self, rows: Wholes) -> Reals:
        """Seconds of each of these executions in turns after which only the same was called again: from the tool call
        before to the first one after."""
        tools, turn = self._tools, self._turn
        follows = (turn[1:] >= 0) & (turn[1:] != turn[:-1]) & (self._owner[1:] == self._owner[:-1])
        first = np.flatnonzero(follows & self._is_again[1:]) + 1
        first = first[self.new[turn[first]] == 0]
        gap = np.maximum(tools["start"][first] - tools["end"][first - 1], 0.0)
        return np.bincount(self._owner[first], weights=gap, minlength=len(self._workers)).astype(np.float64)[rows]

    def each(self, rows: Wholes) -> Estimated | None:
        """Tokens that a call made again puts into the conversation, as any call of the same tools does; None where no
        input is known to grow."""
        mine, known = np.isin(self.row, rows), np.isfinite(self.grown)
        after = known & mine & (self.again > 0)
        if not after.any():
            return None
        tool = self._tools.codes("name")
        kinds = np.unique(tool[self._is_again & (self._turn >= 0) & mine[np.maximum(self._turn, 0)]])
        fit = self._fit(np.isin(tool, kinds), known)
        if fit is not None and fit.value > 0:
            return fit
        # Between nothing and all that came.
        half = float(np.sum(self.grown[after])) / float(np.sum(self.again[after])) / 2
        return Estimated(half, half / _NINE_TENTHS, int(after.sum()), int(after.sum()))

    def _fit(self, is_kind: Flags, known: Flags) -> Estimated | None:
        workers, rows = self._workers, self.row[known]
        agents, weight = [workers.codes("worker")[rows]], workers["weight"][rows]
        kind, *others = (_counts(self._turn, chosen, len(self.row))[known] for chosen in (is_kind, ~is_kind))
        varying = [each for each in (*others, self.answer[known]) if np.ptp(within(each, agents, weight)) > 0]
        fit = regression(self.grown[known], [kind, *varying], agents, weight, workers.codes("trace_id")[rows])
        return None if fit is None else fit.at(0)

    def came(self, each: float) -> Reals:
        """For every worker's execution the uncached tokens that its models read because calls were made again: once
        when they come, and once more in each later call that no cache spared, until the conversation is cut down."""
        after, count = each * self.again, len(self.row)
        had = np.append(0.0, self.read[:-1])[:count]
        begins = np.append(True, self.row[1:] != self.row[:-1])[:count] | (self.read < had)
        starts = np.flatnonzero(begins)
        total = np.cumsum(after) - after  # what had come before each call
        before = total - np.repeat(total[starts], np.diff(np.append(starts, count)))
        last = np.where(begins, 0.0, np.append(0.0, after[:-1])[:count])
        bare = 1 - np.clip(self.cached / np.maximum(had, 1.0), 0.0, 1.0)
        return self._sums(np.minimum(last + (before - last) * bare, np.maximum(self.read - self.cached, 0.0)))

    def _sums(self, values: Reals) -> Reals:
        return np.bincount(self.row, weights=values, minlength=len(self._workers)).astype(np.float64)


def _placed(calls: Units, workers: Units) -> tuple[Units, Wholes]:
    """The calls directly below some workers, by row and time, and the row of each."""
    rows = home(workers, calls)
    inside = np.flatnonzero(rows >= 0)
    order = inside[np.lexsort((calls["start"][inside], rows[inside]))]
    return calls.take(order), rows[order]


def _turns(rows: Wholes, start: Reals, owners: Wholes, at: Reals) -> Wholes:
    """For each tool call the place of the last model call of the same row that began before it, MISSING without one."""
    count = len(rows)
    row, time = np.concatenate([rows, owners]), np.concatenate([start, at])
    order = np.lexsort((np.arange(len(row)) >= count, time, row))
    last = np.maximum.accumulate(np.where(order < count, np.arange(len(order)), MISSING))
    place = order[np.maximum(last, 0)]
    same = (last >= 0) & (row[place] == row[order])
    found = np.full(len(row), MISSING, dtype=np.int64)
    found[order] = np.where(same, place, MISSING)
    return found[count:]


def _counts(turn: Wholes, chosen: Flags, count: int) -> Reals:
    return np.bincount(turn[chosen & (turn >= 0)], minlength=count).astype(np.float64)
