"""The user's own prices: a TOML file of `[[price]]` tables, as docs/cost.md describes it."""

import tomllib
from collections.abc import Iterator
from datetime import UTC, date, datetime, time
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any, Final, NamedTuple

from tachograph.store.errors import PricesUnreadable
from tachograph.store.pricing.rates import Key, Price, Schedule

_MILLION: Final = 1_000_000
_NEEDED: Final = ("input", "output")
_AMOUNTS: Final = (*_NEEDED, "cache_read", "cache_write", "request")
_TEXTS: Final = ("model", "provider", "service_tier")
_DATES: Final = ("from", "until")
_KNOWN: Final = frozenset((*_AMOUNTS, *_TEXTS, *_DATES, "above"))
_FOREVER: Final = 2**63 - 1


class Entry(NamedTuple):
    """One `[[price]]`: for which calls it is, and what they cost."""

    model: str
    provider: str | None
    service_tier: str | None
    since_ns: int
    until_ns: int
    above: int
    price: Price

    def fits(self, key: Key) -> bool:
        """Whether it is about this model; names are patterns (`*`, `?`), in upper or lower case alike."""
        names = [name.lower() for name in (key.response_model, key.model) if name]
        return (
            any(fnmatchcase(name, self.model.lower()) for name in names)
            and (self.provider is None or self.provider.lower() == (key.provider or "").lower())
            and (self.service_tier is None or self.service_tier == key.service_tier)
        )


def read(content: bytes, name: str) -> list[Entry]:
    """The entries of a price file; PricesUnreadable where it is none."""
    try:
        tables = tomllib.loads(content.decode())
        listed = tables.pop("price", [])
        if tables or not isinstance(listed, list):
            raise PricesUnreadable("it holds something else than [[price]] tables")
        return [_entry(table, Path(name).name) for table in listed]
    except (ValueError, PricesUnreadable) as error:
        raise PricesUnreadable(f"the price file {name} cannot be read: {error}; see docs/cost.md") from error


def schedule(entries: list[Entry], key: Key) -> Schedule | None:
    """What the file says of such calls, None where it says nothing; of several entries for a call the last holds."""
    fitting = [entry for entry in entries if entry.fits(key)]
    if not fitting:
        return None

    def at(time_ns: int, tokens: int) -> Price | None:
        holding = (it.price for it in reversed(fitting) if it.since_ns <= time_ns < it.until_ns and tokens > it.above)
        return next(holding, None)

    times = frozenset(bound for it in fitting for bound in (it.since_ns, it.until_ns))
    return Schedule(times, frozenset(), frozenset(it.above for it in fitting), at)


def _entry(table: Any, source: str) -> Entry:
    if not isinstance(table, dict):
        raise PricesUnreadable("a price is no table")
    texts = {name: _text(table, name) for name in _TEXTS}
    model = texts["model"]
    if model is None:
        raise PricesUnreadable("a price names no model")
    if unknown := sorted(table.keys() - _KNOWN):
        raise PricesUnreadable(f"the price of {model} has {unknown[0]!r}, which is none of {', '.join(sorted(_KNOWN))}")
    if missing := [name for name in _NEEDED if name not in table]:
        raise PricesUnreadable(f"the price of {model} says nothing of {missing[0]}")
    amounts = {name: _amount(table, name, model) for name in _AMOUNTS if name in table}
    above = _amount(table, "above", model) if "above" in table else -1
    bounds = dict(_moments(table, model))
    price = _price(amounts, source)
    since, until = bounds.get("from", 0), bounds.get("until", _FOREVER)
    return Entry(model, texts["provider"], texts["service_tier"], since, until, int(above), price)


def _price(amounts: dict[str, float], source: str) -> Price:
    token = {name: amount / _MILLION for name, amount in amounts.items()}
    read, write = token.get("cache_read", token["input"]), token.get("cache_write", token["input"])
    return Price(token["input"], read, write, token["output"], amounts.get("request", 0.0), source)


def _text(table: dict[str, Any], name: str) -> str | None:
    value = table.get(name)
    if value is not None and (not isinstance(value, str) or not value):
        raise PricesUnreadable(f"{name} = {value!r} is no text")
    return value


def _amount(table: dict[str, Any], name: str, model: str) -> float:
    value = table[name]
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < 1e9:
        raise PricesUnreadable(f"the price of {model} has {name} = {value!r}, which is no amount")
    return float(value)


def _moments(table: dict[str, Any], model: str) -> Iterator[tuple[str, int]]:
    for name in _DATES:
        value = table.get(name)
        if isinstance(value, date) and not isinstance(value, datetime):
            value = datetime.combine(value, time(), UTC)
        if isinstance(value, datetime):
            yield name, int((value if value.tzinfo else value.replace(tzinfo=UTC)).timestamp()) * 10**9
        elif value is not None:
            raise PricesUnreadable(f"the price of {model} has {name} = {value!r}, which is no date")
