"""What steps wait for: what they say themselves, else the files they share and the links between them, else time.

The steps are those of one execution of a recipe, sorted by start; times are in nanoseconds (any one unit will do).
"""

from bisect import bisect_right
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from tachograph import vocabulary as v

# Two steps that overlap by less than this share of the shorter one ran one after the other (the allowance of CRISP,
# Zhang et al., USENIX ATC 2022): clocks differ a little, and a span may end a moment after its work.
ALLOWANCE = 0.01

Edges = tuple[int, ...]


class Told(Protocol):
    """A step, as far as it tells what it waits for; `after` is None where it does not say."""

    @property
    def name(self) -> str: ...
    @property
    def span_id(self) -> Hashable: ...
    @property
    def after(self) -> tuple[str, ...] | None: ...
    @property
    def links(self) -> tuple[Hashable, ...]: ...
    @property
    def reads(self) -> frozenset[str]: ...
    @property
    def writes(self) -> frozenset[str]: ...


@dataclass(frozen=True, slots=True)
class Unit:
    """A step as its span tells of it."""

    name: str
    span_id: Hashable
    start: int
    end: int
    after: tuple[str, ...] | None = None
    links: tuple[Hashable, ...] = ()
    reads: frozenset[str] = frozenset()
    writes: frozenset[str] = frozenset()

    @classmethod
    def of(
        cls, name: str, span_id: Hashable, times: tuple[int, int], attributes: Mapping[str, Any],
        links: Iterable[Hashable] = (),
    ) -> "Unit":  # fmt: skip
        """A step from the attributes of its span; what is no list of names tells nothing."""
        after = _names(attributes.get(v.STEP_DEPENDS_ON))
        files = (frozenset(_names(attributes.get(key)) or ()) for key in (v.ARTIFACT_READ, v.ARTIFACT_WRITTEN))
        return cls(name, span_id, *times, after, tuple(links), *files)


def _names(value: Any) -> tuple[str, ...] | None:
    is_list = isinstance(value, list | tuple) and all(isinstance(name, str) for name in value)
    return tuple(value) if is_list else None


def waits(units: Iterable[Unit]) -> dict[Hashable, tuple[Hashable, ...]]:
    """For each step of a recipe of which more is known than the order of time, the steps that it waited for."""
    steps = sorted(units, key=lambda unit: (unit.start, unit.end))
    if all(step.after is None and not step.links and not step.reads and not step.writes for step in steps):
        return {}
    timeline = Timeline([step.start for step in steps], [step.end for step in steps])
    found = known(steps, timeline)
    return {
        step.span_id: tuple(steps[edge].span_id for part in edges(steps, at, found, timeline) for edge in part)
        for at, step in enumerate(steps)
        if found[at] is not None
    }


class Timeline:
    """When spans ran that lie beside each other, sorted by start."""

    def __init__(self, starts: Sequence[int], ends: Sequence[int]) -> None:
        self.starts = starts
        # One without length would have ended before it began.
        self.ends = [max(end, start + 1) for start, end in zip(starts, ends, strict=True)]
        self._by_end = sorted(range(len(starts)), key=lambda at: self.ends[at])
        self._sorted_ends = [self.ends[at] for at in self._by_end]
        # The ends that count for an overlap: a little earlier than they are.
        self._soon = sorted(end - ALLOWANCE * (end - start) for start, end in zip(starts, self.ends, strict=True))
        self._latest_starts: list[int] = []
        for at in self._by_end:
            self._latest_starts.append(max([starts[at], *self._latest_starts[-1:]]))
        self.width = max((self._running(start) for start in starts), default=0)

    def _running(self, moment: float) -> int:
        """How many ran just after a moment."""
        return bisect_right(self.starts, moment) - bisect_right(self._soon, moment)

    def ended_before(self, first: int, second: int) -> bool:
        """Whether one ended before another began, but for what clocks may differ."""
        overlap = self.ends[first] - self.starts[second]
        return first != second and (overlap <= 0 or overlap <= ALLOWANCE * self._shorter(first, second))

    def _shorter(self, first: int, second: int) -> int:
        return min(self.ends[first] - self.starts[first], self.ends[second] - self.starts[second])

    def barely_before(self, at: int) -> list[int]:
        """Those that ended before it began only by what clocks may differ, earliest end first."""
        start = self.starts[at]
        exact = bisect_right(self._sorted_ends, start)
        reach = bisect_right(self._sorted_ends, start + ALLOWANCE * (self.ends[at] - start))
        return [edge for edge in self._by_end[exact:reach] if edge < at and self.ended_before(edge, at)]

    def latest_before(self, at: int) -> Edges:
        """Those that ended before it began, without those that ended before another one of them began."""
        exact, late = bisect_right(self._sorted_ends, self.starts[at]), self.barely_before(at)
        began = max([*self._latest_starts[exact - 1 : exact], *(self.starts[edge] for edge in late)], default=0)
        first = min(bisect_right(self._sorted_ends, began), exact)
        return (*(edge for edge in self._by_end[first:exact] if edge < at), *late)

    def held_up(self, edge: int, at: int, since: int) -> bool:
        """Whether there was no place for a step, though it could have begun at `since`, until `edge` ended.

        With one place that is always so. With more, all of them were taken, and most of the wait was for that end.
        """
        if self.width <= 1:
            return True
        end, start = self.ends[edge], self.starts[at]
        full = self._running(max(end - ALLOWANCE * (end - self.starts[edge]) - 1, since)) >= self.width
        return end > since and full and start - end < end - since


def known(steps: Sequence[Told], timeline: Timeline) -> list[Edges | None]:
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
        else:
            linked = {by_span[link] for link in step.links if by_span.get(link, at) < at}
            found.append(tuple({*through_files, *linked}) if complete else tuple(linked) or None)
        places[step.name] = at
    return found


def edges(steps: Sequence[Told], at: int, found: Sequence[Edges | None], timeline: Timeline) -> tuple[Edges, Edges]:
    """What a step needed, and what else it had to wait for: the engine's turn, its own attempt before."""
    before, needed = timeline.latest_before(at), found[at]
    if needed is None:
        return before, ()
    since = max((timeline.ends[edge] for edge in needed), default=0)
    held = [edge for edge in before if edge not in needed and timeline.held_up(edge, at, since)]
    return needed, (*held, *(edge for edge in _tried_before(steps, at, timeline) if edge not in held))


def _tried_before(steps: Sequence[Told], at: int, timeline: Timeline) -> Edges:
    earlier = next((edge for edge in range(at - 1, -1, -1) if steps[edge].name == steps[at].name), None)
    return () if earlier is None or not timeline.ended_before(earlier, at) else (earlier,)


class _Files:
    """Who wrote and who read each file so far: read after write, write after read, write after write."""

    def __init__(self) -> None:
        self._writer: dict[str, int] = {}
        self._readers: dict[str, list[int]] = {}

    def before(self, at: int, step: Told, timeline: Timeline) -> set[int]:
        found = {self._writer[file] for file in step.reads | step.writes if file in self._writer}
        found.update(reader for file in step.writes for reader in self._readers.get(file, ()))
        for file in step.reads:
            self._readers.setdefault(file, []).append(at)
        for file in step.writes:
            self._writer[file] = at
            self._readers[file] = []
        return {edge for edge in found if edge != at and timeline.ended_before(edge, at)}
