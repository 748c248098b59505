"""Delivers a spool: batches of what is pending, each noted as delivered as soon as it is acknowledged."""

import random
import time
from collections import Counter
from collections.abc import Callable, Mapping
from copy import deepcopy
from dataclasses import dataclass, field
from pathlib import Path

from tachograph.deliver import losses, segments
from tachograph.deliver.segments import SIGNALS
from tachograph.deliver.shipping import pending
from tachograph.deliver.shipping.destination import Destination
from tachograph.deliver.shipping.ledger import Ledger, Progress
from tachograph.deliver.shipping.pending import Item, Passed
from tachograph.deliver.shipping.post import Accepted, Again, Answer, Malformed, Poster, Refused

BATCH_BYTES = 1024 * 1024
_FIRST_WAIT_S, _LONGEST_WAIT_S = 0.5, 10.0
_KEPT_BYTES = 16 * 1024 * 1024  # of lines that were set aside


@dataclass(slots=True)
class Delivered:
    """What became of a spool: spans and log records, segments `waiting` for the process that delivers them itself,
    and why something is left, by signal."""

    delivered: int = 0
    already: int = 0
    left: int = 0
    rejected: int = 0
    waiting: int = 0
    damaged: int = 0
    problems: dict[str, str] = field(default_factory=dict)
    rejections: list[str] = field(default_factory=list)


class _Stopped(Exception):
    """Nothing more of this signal can be delivered now; the message says why. `here` where only this signal's path
    has failed, and not its receiver."""

    def __init__(self, message: str, here: bool = False) -> None:
        super().__init__(message)
        self.here = here


class Delivery:
    """One run over a spool. Nothing is noted as delivered before a receiver has said so.

    Gives a signal up when nothing of it was acknowledged for `patience_s`, and counts what is left.
    """

    def __init__(
        self,
        folder: Path,
        destinations: Mapping[str, Destination],
        patience_s: float,
        progress: Callable[[int], None] = lambda _: None,
    ) -> None:
        self._folder = folder
        self._patience_s = patience_s
        self._progress = progress
        self._ledger = Ledger.read(folder)
        self._posters = {signal: Poster(destination) for signal, destination in destinations.items()}
        self._batches: dict[str, list[Item]] = {signal: [] for signal in SIGNALS}
        self._sizes: Counter[str] = Counter()
        self._reached: dict[str, Progress] = {}
        self._passed: list[Passed] = []
        self._proven: set[str] = set()
        self._result = Delivered()

    def run(self) -> Delivered:
        """Deliver what is pending."""
        tally = pending.Tally()
        self._ledger.compact(segment.path.name for segment in segments.listed(self._folder))
        try:
            for met in pending.read(self._folder, self._ledger, tally):
                if isinstance(met, Item):
                    self._take(met)
                else:
                    self._passed.append(met)
            for signal in SIGNALS:
                self._flush(signal)
            self._finish_segments()
        finally:
            for poster in self._posters.values():
                poster.close()
            self._note()
        self._result.already, self._result.damaged, self._result.waiting = tally.already, tally.damaged, tally.waiting
        return self._result

    def _take(self, item: Item) -> None:
        if self._sizes[item.signal] + len(item.resources) > BATCH_BYTES:
            self._flush(item.signal)
        if item.signal in self._result.problems:
            self._result.left += item.count
            return
        self._batches[item.signal].append(item)
        self._sizes[item.signal] += len(item.resources) + 1

    def _finish_segments(self) -> None:
        """Now that nothing is on its way any more, the ends of segments are reached as well."""
        for passed in self._passed:
            progress = self._of(passed.segment)
            for signal in SIGNALS:
                if signal not in self._result.problems:
                    progress.offsets[signal] = max(progress.offsets[signal], passed.end)
            if "traces" not in self._result.problems:
                progress.delivered += passed.already

    def _of(self, segment: str) -> Progress:
        if segment not in self._reached:
            self._reached[segment] = deepcopy(self._ledger.of(segment))
        return self._reached[segment]

    def _flush(self, signal: str) -> None:
        batch, self._batches[signal], self._sizes[signal] = self._batches[signal], [], 0
        if signal in self._result.problems:
            self._result.left += sum(item.count for item in batch)
        elif batch:
            try:
                self._deliver(signal, batch)
            except _Stopped as stopped:
                self._give_up(signal, stopped)

    def _give_up(self, signal: str, stopped: _Stopped) -> None:
        receiver = self._posters[signal].where
        for other, poster in self._posters.items():
            if other == signal or (poster.where == receiver and not stopped.here):
                self._result.problems.setdefault(other, str(stopped))

    def _deliver(self, signal: str, batch: list[Item]) -> None:
        """Deliver a batch, in halves where something in it cannot be read."""
        try:
            answer = self._send(signal, pending.request(signal, batch))
        except _Stopped:
            self._result.left += sum(item.count for item in batch)
            raise
        if isinstance(answer, Accepted):
            self._proven.add(signal)
            self._done(signal, batch, answer)
        elif len(batch) > 1:
            self._deliver_halves(signal, batch)
        else:
            self._set_aside(signal, batch[0], answer)

    def _deliver_halves(self, signal: str, batch: list[Item]) -> None:
        middle = len(batch) // 2
        try:
            self._deliver(signal, batch[:middle])
        except _Stopped:
            self._result.left += sum(item.count for item in batch[middle:])
            raise
        self._deliver(signal, batch[middle:])

    def _send(self, signal: str, body: bytes) -> Accepted | Malformed:
        """Send until there is an answer that holds; raises _Stopped where there is none in time."""
        deadline = time.monotonic() + self._patience_s
        wait = _FIRST_WAIT_S
        while True:
            answer: Answer = self._posters[signal].post(body, deadline - time.monotonic())
            if isinstance(answer, Accepted | Malformed):
                return answer
            if isinstance(answer, Refused):
                raise _Stopped(answer.reason, answer.here)
            pause = max(answer.after_s, random.uniform(wait / 2, wait))  # noqa: S311  (jitter is no secret)
            if time.monotonic() + pause > deadline:
                raise _Stopped(_in_vain(answer, pause, self._patience_s))
            time.sleep(pause)
            wait = min(2 * wait, _LONGEST_WAIT_S)

    def _done(self, signal: str, batch: list[Item], answer: Accepted) -> None:
        count = sum(item.count for item in batch)
        rejected = min(count, answer.rejected)
        self._result.delivered += count - rejected
        for item in batch:
            progress = self._of(item.segment)
            progress.offsets[signal] = max(progress.offsets[signal], item.end)
            progress.delivered += item.count
        self._note()
        if rejected:
            self._reject(signal, rejected, answer.message or "the receiver does not say why")
        self._progress(self._result.delivered)

    def _set_aside(self, signal: str, item: Item, answer: Malformed) -> None:
        """A line that cannot be read at the other end, unless nothing can: then it is not the line's fault."""
        if signal not in self._proven:
            if not isinstance(self._send(signal, pending.request(signal, [])), Accepted):
                self._result.left += item.count
                raise _Stopped(f"{answer.reason}, even to an empty request; check the address")
            self._proven.add(signal)
        self._keep(item, answer.reason)
        progress = self._of(item.segment)
        progress.offsets[signal] = max(progress.offsets[signal], item.end)
        self._note()
        self._reject(signal, item.count, answer.reason)

    def _keep(self, item: Item, reason: str) -> None:
        file = segments.state_folder(self._folder) / "rejected"
        if not file.exists() or file.stat().st_size < _KEPT_BYTES:
            segments.append(file, pending.request(item.signal, [item]) + b"\n")

    def _reject(self, signal: str, count: int, reason: str) -> None:
        self._result.rejected += count
        self._result.rejections.append(reason)
        losses.record(self._folder, {(signal, losses.REJECTED): count})

    def _note(self) -> None:
        """Put on record how far all segments have come."""
        self._ledger.advance(self._reached)
        self._reached = {}


def _in_vain(answer: Again, pause: float, patience_s: float) -> str:
    if answer.after_s > patience_s:
        return f"{answer.reason} and asks to come back in {answer.after_s:.0f} s"
    return f"{answer.reason}, tried for {patience_s:g} s"
