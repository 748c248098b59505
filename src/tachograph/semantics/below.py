"""What a span and those below it report, as far as it decides what is counted further up."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from tachograph import vocabulary as v
from tachograph.semantics import roles


class Below(NamedTuple):
    """Whether anything below reported usage or cost, for then a total further up is no new one; and the largest
    context that was prepared, -1 where none was."""

    usage: bool = False
    cost: bool = False
    context_size: int = -1

    def joined(self, other: "Below") -> "Below":
        """This and the other together."""
        return Below(self.usage or other.usage, self.cost or other.cost, max(self.context_size, other.context_size))


NOTHING = Below()


def reported(role: str, *, usage: bool, cost: bool, context_size: int | None) -> Below:
    """What those above a span of this role have to know of it."""
    return Below(usage, cost, context_size if role == roles.CONTEXT and context_size is not None else -1)


def leaf_marks(role: str, own: Below, below: Below, *, context_size: int | None) -> Mapping[str, Any]:
    """What somebody who sees this span alone could not know: whether its tokens and cost are those of what lies below,
    and how large the context was that was prepared for an agent.

    A model call without a mark is a leaf, anything else without one is not: so most spans need none.
    """
    marks: dict[str, Any] = {}
    if own.usage and (below.usage or role != roles.MODEL):
        marks[v.TOKENS_LEAF] = not below.usage
    if own.cost and (below.cost or role != roles.MODEL):
        marks[v.COST_LEAF] = not below.cost
    if role == roles.AGENT and context_size is None and below.context_size >= 0:
        marks[v.CONTEXT_SIZE] = below.context_size
    return marks
