"""What hangs under a finished span, summed up: tokens of leaf calls, wasted tokens, the critical component.

The store computes the same sums over many traces at once; a test holds the two against each other.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from tachograph.semantics import outcome, roles
from tachograph.semantics.critical_path import Node, critical_path
from tachograph.semantics.dependencies import Unit, waits
from tachograph.semantics.finished import Finished

__all__ = ["Critical", "Finished", "Tokens", "critical_component", "tokens", "walk"]

# A failed unit throws away what was done below it. A command may fail for reasons of its own.
_THROWS_AWAY = frozenset({roles.AGENT, roles.RECIPE, roles.STEP, roles.TOOL})


@dataclass(frozen=True, slots=True)
class Tokens:
    """Tokens under an execution: all of them, and those of calls whose result was thrown away."""

    total: int
    wasted: int

    @property
    def efficiency(self) -> float | None:
        """1 - wasted / total, in 0-1; None without tokens."""
        return 1 - self.wasted / self.total if self.total else None


@dataclass(slots=True)
class _Call:
    span: Finished
    execution: int  # the nearest one around it, the scope in which a repeated call is a repeat
    thrown_away: bool


def tokens(root: Finished) -> Tokens | None:
    """Tokens of the counted calls at and below `root`, None where no call reports any.

    A call counts where it reports usage and none below it does, so totals repeated further up are not
    counted again. It is wasted where it or anything around it failed, or where it repeats a successful
    call of the same execution (same role and call hash) that had ended when it began: calls side by side
    are asked for at once.
    """
    if not root.children:
        return _alone(root)
    calls = sorted(_calls(root), key=lambda call: call.span.start)
    if not calls:
        return None
    seen: dict[tuple[int, str, str], int] = {}
    total = wasted = 0
    for call in calls:
        used = call.span.usage.total if call.span.usage else 0
        total += used
        # A result that was thrown away is none that a later call could repeat, so those are not remembered.
        wasted += used if call.thrown_away or _repeats(call, seen) else 0
    return Tokens(total, wasted)


def _alone(span: Finished) -> Tokens | None:
    """The same of a span with nothing below, as most are."""
    if span.usage is None:
        return None
    used = span.usage.total
    return Tokens(used, 0 if outcome.succeeded(span.outcome) else used)


def _repeats(call: _Call, seen: dict[tuple[int, str, str], int]) -> bool:
    """Whether the same call had ended before; `seen` has for each when it first had."""
    span = call.span
    if span.call_hash is None:
        return False
    key = (call.execution, span.role, span.call_hash)
    repeats = seen.get(key, span.start + 1) <= span.start
    if outcome.succeeded(span.outcome):
        over = max(span.end, span.start + 1)  # none comes after itself
        seen[key] = min(over, seen.get(key, over))
    return repeats


def _calls(root: Finished) -> Iterator[_Call]:
    """Counted calls below `root`, without recursion: traces can be deeper than Python's stack."""
    reporting = _reports_below(root)
    stack = [(root, root.id, False)]
    while stack:
        span, execution, thrown_away = stack.pop()
        failed = not outcome.succeeded(span.outcome)
        if span.role in roles.EXECUTIONS:
            execution = span.id
        if span.usage and not reporting[span.id]:
            yield _Call(span, execution, thrown_away or failed)
        below = thrown_away or (failed and span.role in _THROWS_AWAY)
        stack.extend((child, execution, below) for child in span.children)


def _reports_below(root: Finished) -> dict[int, bool]:
    """For each span whether any span below it reports usage."""
    below: dict[int, bool] = {}
    for span in reversed(list(walk(root))):
        below[span.id] = any(child.usage is not None or below[child.id] for child in span.children)
    return below


def walk(root: Finished) -> Iterator[Finished]:
    """The span and all below it, parents before children."""
    stack = [root]
    while stack:
        span = stack.pop()
        yield span
        stack.extend(span.children)


@dataclass(frozen=True, slots=True)
class Critical:
    """The component that held the critical path longest, and its share of it in 0-1."""

    component: str
    share: float


def critical_component(root: Finished) -> Critical | None:
    """Which step of a recipe, or which part of an agent's work, held the time up; None for an empty span.

    Below a recipe time is booked on its steps, elsewhere on the innermost span.
    """
    labels = _labels(root)
    spans = list(walk(root))
    after = {key: ids for span in spans for key, ids in waits(_steps_below(span)).items()}
    nodes = [Node(span.id, span.parent, span.start, span.end, after.get(span.id)) for span in spans[1:]]
    held: dict[str, int] = {}
    for section in critical_path(Node(root.id, None, root.start, root.end), nodes):
        label = labels[section.id]
        held[label] = held.get(label, 0) + section.end - section.start
    if not held:
        return None
    component = max(held, key=held.__getitem__)
    return Critical(component, held[component] / sum(held.values()))


def _steps_below(span: Finished) -> list[Unit]:
    return [child.step for child in span.children if child.step]


def _labels(root: Finished) -> dict[int, str]:
    labels: dict[int, str] = {}
    stack: list[tuple[Finished, str | None]] = [(root, None)]
    while stack:
        span, step = stack.pop()
        if root.role == roles.RECIPE and span.role == roles.STEP and step is None:
            step = span.component
        labels[span.id] = step or span.component
        stack.extend((child, step) for child in span.children)
    return labels
