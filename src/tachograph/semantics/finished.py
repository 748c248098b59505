"""A finished span, as it is remembered for the sums of what it hangs under."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from tachograph.semantics.dependencies import Unit
    from tachograph.semantics.usage import Usage


class Finished:
    """A finished span with the finished spans below it; times in nanoseconds. One is made of every span: a dataclass
    would take longer to load than a short command has."""

    __slots__ = (
        "call_hash",
        "children",
        "component",
        "end",
        "id",
        "outcome",
        "parent",
        "role",
        "start",
        "step",
        "usage",
    )

    def __init__(
        self,
        id: int,
        parent: int | None,
        start: int,
        end: int,
        role: str,
        component: str,
        outcome: str,
        usage: Usage | None = None,
        call_hash: str | None = None,
        children: list[Finished] | None = None,
        step: Unit | None = None,
    ) -> None:
        self.id = id
        self.parent = parent
        self.start = start
        self.end = end
        self.role = role
        self.component = component
        self.outcome = outcome
        self.usage = usage
        self.call_hash = call_hash
        self.children: list[Finished] = [] if children is None else children
        self.step = step  # of a step: what it waits for
