"""Token usage of one call, split into parts that never overlap."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from tachograph import vocabulary as v
from tachograph.semantics import dialects


class Usage(NamedTuple):
    """Disjoint token counts: `input` is what came from no cache; `output` includes reasoning."""

    input: int = 0
    cache_read: int = 0
    cache_write: int = 0
    output: int = 0

    @property
    def total(self) -> int:
        """All tokens, each once."""
        return self.input + self.cache_read + self.cache_write + self.output


def usage(attributes: Mapping[str, Any]) -> Usage | None:
    """The usage that a span reports, None where it reports none: unknown is not zero.

    The convention's `input_tokens` includes cached tokens, so they are taken off it. Counts that are
    negative, fractional or not numbers are no counts.
    """
    if _NAMES.isdisjoint(attributes):
        return None
    counts = [_count(dialects.read(attributes, name)) for name in _COUNTS]
    if counts == _UNKNOWN:
        return None
    total_input, output, read, write = (count or 0 for count in counts)
    return Usage(max(total_input - read - write, 0), read, write, output)


_COUNTS = (v.INPUT_TOKENS, v.OUTPUT_TOKENS, v.CACHE_READ_TOKENS, v.CACHE_WRITE_TOKENS)
_UNKNOWN = [None] * len(_COUNTS)
# Every name under which a count may be carried: most spans have none of them, which is told at once.
_NAMES = frozenset().union(*map(dialects.names, _COUNTS))


def _count(value: Any) -> int | None:
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return value if isinstance(value, int) and not isinstance(value, bool) and value >= 0 else None
