"""What each step of an execution waited for: what it says, else files and links, else the order of time."""

from bisect import bisect_right
from collections.abc import Sequence

from tachograph.measure.replay.graph import Edges, Graph
from tachograph.measure.replay.steps import Step

# Two steps that overlap by less than this share of the shorter one ran one after the other (the allowance of CRISP,
# Zhang et al., USENIX ATC 2022): clocks differ a little, and a span may end a moment after its work.
ALLOWANCE = 0.01


def wire(recorded: Sequence[Step], duration: int, *, success: bool) -> Graph:
    """The graph of an execution of `duration` ns.

    Dependencies are obeyed: where the recorded times contradict them, replaying does not give back the duration.
    """
    steps = sorted(
        (step for step in recorded if not step.skipped and step.start < duration),
        key=lambda step: (step.start, step.end),
    )
    ends = [min(step.end, duration) for step in steps]
    timeline = _Timeline(steps, ends)
    failed = () if success else _failed(steps)
    # What failed and was tried again, or failed in an execution that succeeded, stopped nothing.
    oks = [at not in failed for at in range(len(steps))]
    known = _known(steps, timeline)
    graph = Graph(
        [step.name for step in steps], [float(end - step.start) for step, end in zip(steps, ends, strict=True)],
        [], oks, [], [], [found is not None for found in known], steps, 0, len(steps), failed,
        success=success, sequential=timeline.width <= 1, had_failed=bool(failed),
    )  # fmt: skip
    for at, step in enumerate(steps):
        needs, orders = _edges(at, known[at], timeline)
        # Whoever ran although what it waits for had failed does not need its success.
        graph.needs.append(tuple(edge for edge in needs if oks[edge]))
        graph.orders.append(tuple({*orders, *(edge for edge in needs if not oks[edge])}))
        graph.gaps.append(max(0, step.start - max((ends[edge] for edge in {*needs, *orders}), default=0)))
    graph.tail = duration - max(ends, default=0)
    return graph


def _failed(steps: Sequence[Step]) -> Edges:
    last = {step.name: at for at, step in enumerate(steps)}
    return tuple(at for at in sorted(last.values()) if not steps[at].ok)


def _known(steps: Sequence[Step], timeline: "_Timeline") -> list[Edges | None]:
    """The dependencies that are more than an order of time, None for steps about which nothing is known."""
    places: dict[str, int] = {}
    by_span = {step.span_id: at for at, step in enumerate(steps) if step.span_id}
    complete = bool(steps) and all(step.reads or step.writes for step in steps)
    files = _Files()
    found: list[Edges | None] = []
    for at, step in enumerate(steps):
        through_files = files.before(at, step, timeline)
        if step.after is not None:
            found.append(tuple({places[name] for name in step.after if name in places and name != step.name}))
        elif complete or step.links:
            linked = {by_span[link] for link in step.links if by_span.get(link, at) < at}
            found.append(tuple({*through_files, *linked}) if complete else tuple(linked) or None)
        else:
            found.append(None)
        places[step.name] = at
    return found


class _Files:
    """Who wrote and who read each file so far: read after write, write after read, write after write."""

    def __init__(self) -> None:
        self._writer: dict[str, int] = {}
        self._readers: dict[str, list[int]] = {}

    def before(self, at: int, step: Step, timeline: "_Timeline") -> set[int]:
        found = {self._writer[file] for file in step.reads | step.writes if file in self._writer}
        found.update(reader for file in step.writes for reader in self._readers.get(file, ()))
        for file in step.reads:
            self._readers.setdefault(file, []).append(at)
        for file in step.writes:
            self._writer[file] = at
            self._readers[file] = []
        return {edge for edge in found if edge != at and timeline.ended_before(edge, at)}


def _edges(at: int, known: Edges | None, timeline: "_Timeline") -> tuple[Edges, Edges]:
    """What the step needed, and what else it had to wait for."""
    before = timeline.latest_before(at)
    if known is None:
        return before, ()
    again = timeline.tried_before(at)
    since = max((timeline.ends[edge] for edge in known), default=0)
    held = tuple(edge for edge in before if edge not in known and timeline.held_up(edge, at, since))
    return known, (*held, *(edge for edge in again if edge not in held))


class _Timeline:
    """When the steps of one execution ran; steps are sorted by start."""

    def __init__(self, steps: Sequence[Step], ends: Sequence[int]) -> None:
        # A step without length would have ended before it began.
        ends = [max(end, step.start + 1) for step, end in zip(steps, ends, strict=True)]
        self.steps, self.ends = steps, ends
        self._by_end = sorted(range(len(steps)), key=lambda at: ends[at])
        self._sorted_ends = [ends[at] for at in self._by_end]
        self._starts = [step.start for step in steps]
        # The ends that count for an overlap: a little earlier than they are.
        self._soon = sorted(end - ALLOWANCE * (end - step.start) for step, end in zip(steps, ends, strict=True))
        self._latest_starts: list[int] = []
        for at in self._by_end:
            self._latest_starts.append(max([steps[at].start, *self._latest_starts[-1:]]))
        self.width = max((self._running(step.start) for step in steps), default=0)

    def _running(self, moment: float) -> int:
        """How many steps ran just after a moment."""
        return bisect_right(self._starts, moment) - bisect_right(self._soon, moment)

    def ended_before(self, first: int, second: int) -> bool:
        """Whether one step ended before another began, but for what clocks may differ."""
        overlap = self.ends[first] - self.steps[second].start
        return first != second and (overlap <= 0 or overlap <= ALLOWANCE * self._shorter(first, second))

    def _shorter(self, first: int, second: int) -> int:
        return min(self.ends[first] - self.steps[first].start, self.ends[second] - self.steps[second].start)

    def latest_before(self, at: int) -> Edges:
        """Those that ended before the step began, without those that ended before another one of them began."""
        start = self.steps[at].start
        exact = bisect_right(self._sorted_ends, start)
        reach = bisect_right(self._sorted_ends, start + ALLOWANCE * (self.ends[at] - start))
        late = [edge for edge in self._by_end[exact:reach] if edge < at and self.ended_before(edge, at)]
        began = max([*self._latest_starts[exact - 1 : exact], *(self.steps[edge].start for edge in late)], default=0)
        first = bisect_right(self._sorted_ends, began)
        found = [edge for edge in self._by_end[min(first, exact) : exact] if edge < at]
        return (*found, *late)

    def tried_before(self, at: int) -> Edges:
        """The latest earlier attempt at the same step."""
        name = self.steps[at].name
        earlier = (edge for edge in range(at - 1, -1, -1) if self.steps[edge].name == name)
        return tuple(edge for edge in [next(earlier, None)] if edge is not None and self.ended_before(edge, at))

    def held_up(self, edge: int, at: int, since: int) -> bool:
        """Whether the engine had no place for the step, though it could have begun at `since`, until `edge` ended.

        With one place that is always so. With more, all of them were taken, and most of the wait was for that end.
        """
        if self.width <= 1:
            return True
        end, start = self.ends[edge], self.steps[at].start
        full = self._running(max(end - ALLOWANCE * (end - self.steps[edge].start) - 1, since)) >= self.width
        return end > since and full and start - end < end - since
