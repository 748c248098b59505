"""Prices as they hold for a span of time, a time of day and a size of the input: cells that do not overlap."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import pairwise, product
from typing import Final, NamedTuple

DAY_S: Final = 86_400
_EVER: Final = (0, 2**63 - 1)  # ns, and tokens


class Key(NamedTuple):
    """What calls say about the model that served them, and by which their price is looked up."""

    provider: str | None
    response_model: str | None
    model: str | None
    service_tier: str | None


class Price(NamedTuple):
    """USD a token by its kind and USD a call; `source` is where that stands. Reasoning is output."""

    input: float
    cache_read: float
    cache_write: float
    output: float
    call: float
    source: str


class Schedule(NamedTuple):
    """A list of prices: where it may change, and what it says at a time (Unix ns) for so many input tokens.

    `times` are ns, `seconds` of the day (UTC), `tokens` are sizes above which another price may hold; `at` gives None
    where the list says nothing.
    """

    times: frozenset[int]
    seconds: frozenset[int]
    tokens: frozenset[int]
    at: Callable[[int, int], Price | None]


class Rate(NamedTuple):
    """A row of the table `prices`: one price, and the calls for which it holds; all None where a model has none."""

    since_ns: int
    until_ns: int
    since_s: int
    until_s: int
    above_tokens: int
    upto_tokens: int
    input_usd: float | None = None
    cache_read_usd: float | None = None
    cache_write_usd: float | None = None
    output_usd: float | None = None
    call_usd: float | None = None
    source: str | None = None


COLUMNS: Final = (*Key._fields, *Rate._fields)


def rates(schedules: Sequence[Schedule]) -> list[Rate]:
    """The cells in which one price holds, of the first schedule that has one; a single empty one where none has any."""
    times = _bounds((_EVER[0], *_all(schedules, 0)), _EVER[1])
    seconds = _bounds((0, *_all(schedules, 1)), DAY_S)
    tokens = _bounds((-1, *_all(schedules, 2)), _EVER[1])
    found = [
        Rate(*time, *second, *size, *price)  # type: ignore[arg-type]
        for time, second, size in product(pairwise(times), pairwise(seconds), pairwise(tokens))
        if (price := _price(schedules, time[0] + second[0] * 10**9, size[0] + 1)) is not None
    ]
    return found or [Rate(*_EVER, 0, DAY_S, -1, _EVER[1])]


def _all(schedules: Iterable[Schedule], field: int) -> Iterator[int]:
    return (bound for schedule in schedules for bound in schedule[field])  # type: ignore[union-attr]


def _bounds(starts: Iterable[int], end: int) -> list[int]:
    return [*sorted({start for start in starts if start < end}), end]


def _price(schedules: Iterable[Schedule], time_ns: int, tokens: int) -> Price | None:
    return next((price for schedule in schedules if (price := schedule.at(time_ns, tokens)) is not None), None)
