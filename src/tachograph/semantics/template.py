"""What spans have in common that begin alike, worked out once: most calls of a program are made again and again."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from tachograph.semantics.ended import Ended


class Template:
    """The name and attributes with which spans begin, and what a span means that ends with nothing else.

    Whoever works something out for such a span keeps it here: what is handed down to spans below it, the `rules` of
    redaction that found it clean, with its resource, the `line` it is written as, where it is `counted`, and the
    `longest_hash` (of a call, in characters) that it may say beside.
    """

    __slots__ = (
        "attributes",
        "call_hash",
        "counted",
        "facts",
        "handed_down",
        "inherited",
        "is_leaf",
        "line",
        "longest_hash",
        "pressure",
        "resource",
        "rules",
    )

    def __init__(
        self, attributes: dict[str, Any], inherited: Mapping[str, Any], pressure: Mapping[str, Any], facts: Ended
    ) -> None:
        self.attributes = attributes
        self.inherited = inherited
        self.pressure = pressure
        self.facts = facts
        self.call_hash = facts.call_hash
        # Whether it reports nothing that is summed up further above.
        self.is_leaf = facts.usage is None and facts.is_silent
        self.handed_down: Mapping[str, Any] | None = None
        self.rules: object = None
        self.resource: object = None
        self.line: Any = None
        self.counted: Any = None
        self.longest_hash: float = 0
