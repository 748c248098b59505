"""The list prices of providers, from the data that `genai-prices` brings along; nothing is asked of the network."""

import re
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, time
from decimal import Decimal
from functools import cache
from importlib.metadata import version
from typing import Any, Final

from tachograph.store.pricing.rates import DAY_S, Key, Price, Schedule

_PACKAGE: Final = "genai-prices"
# Names of the GenAI conventions and of tools that genai-prices does not know -> its own.
_PROVIDERS: Final = {
    "x_ai": "x-ai",
    "gcp.gen_ai": "google",
    "azure.ai.inference": "azure",
    "github": "github-copilot",
}
# Programs that run models on one's own machine: a model of the same name elsewhere tells nothing of what that costs.
_OWN: Final = frozenset({"ollama", "vllm", "llama.cpp", "llamacpp", "lmstudio", "lm_studio", "sglang", "tgi", "mlx"})
_VARIANT: Final = re.compile(r"\[[^\]]*\]$")  # as in claude-sonnet-4-5[1m]


def edition() -> str:
    """Which prices these are."""
    return f"{_PACKAGE} {version(_PACKAGE)}"


def schedule(key: Key) -> Schedule | None:
    """The prices of the model that served such calls, None where nobody knows them."""
    for provider, reference in _references(key):
        try:
            found = _snapshot().find_provider_model(reference, None, provider, None)
        except LookupError:
            continue
        provider_data, model = found
        return of_model(provider_data, model, key.service_tier)
    return None


def _references(key: Key) -> Iterator[tuple[str | None, str]]:
    """Where to look, in order: what answered before what was asked for, the provider's own prices before others'."""
    named = (key.provider or "").strip().lower()
    if named in _OWN:
        return
    names = [_VARIANT.sub("", name.strip()) for name in (key.response_model, key.model) if name and name.strip()]
    if named:
        yield from ((_PROVIDERS.get(named, named), name) for name in names)
    for name in names:
        provider, slash, rest = name.partition("/")
        if slash and rest:
            yield provider, rest
    # Gateways and clients of one provider's protocol serve the models of others.
    yield from ((None, name) for name in names)


@cache
def _snapshot() -> Any:
    from genai_prices.data_snapshot import get_snapshot  # its data takes a third of a second to load

    return get_snapshot()


def of_model(provider: Any, model: Any, tier: str | None) -> Schedule:
    """The prices of a model in the data of `genai-prices`, for calls that were served in this way."""
    from genai_prices.types import TieredPrices

    context = _context(tier) if any(model is own for own in provider.models) else None
    variants = model.price_variants or () if context else ()
    conditional = model.prices if isinstance(model.prices, list) else []
    constraints = [it.constraint for it in (*conditional, *variants) if it.constraint is not None]
    prices = [*(it.prices for it in (conditional or ())), *(it.prices for it in variants)]
    prices += [] if conditional else [model.prices]
    tiered = [value for price in prices for value in vars(price).values() if isinstance(value, TieredPrices)]
    source = f"{edition()}: {provider.id}/{model.id}"
    return Schedule(
        times=frozenset(_ns(it.start_date) for it in constraints if hasattr(it, "start_date")),
        seconds=frozenset(second for it in constraints if hasattr(it, "start_time") for second in _window(it)),
        tokens=frozenset(tier.start for value in tiered for tier in value.tiers),
        at=_at(lambda when: model.get_prices(when, context), source),
    )


def _context(tier: str | None) -> dict[str, str] | None:
    """How a request was served, under each name that the data has for it; names it does not have choose nothing."""
    return {"service_tier": tier, "speed": tier, "processing": tier} if tier else None


def _at(prices: Callable[[datetime], Any], source: str) -> Callable[[int, int], Price | None]:
    def at(time_ns: int, tokens: int) -> Price | None:
        said = prices(datetime.fromtimestamp(time_ns // 10**9, UTC))
        whole, output = _usd(said.input_mtok, tokens), _usd(said.output_mtok, tokens)
        if whole is None and output is None:
            return None  # priced by the second, the page or the picture, of which nothing is known here
        read, write = _usd(said.cache_read_mtok, tokens), _usd(said.cache_write_mtok, tokens)
        fee = 0.0 if said.requests_kcount is None else float(_base(said.requests_kcount, tokens) / 1_000)
        paid = whole or 0.0
        return Price(paid, paid if read is None else read, paid if write is None else write, output or 0.0, fee, source)

    return at


def _usd(price: Any, tokens: int) -> float | None:
    return None if price is None else float(_base(price, tokens) / 1_000_000)


def _base(price: Any, tokens: int) -> Decimal:
    """The price at this size of the input: of a price in tiers the highest one that it exceeds."""
    if isinstance(price, Decimal):
        return price
    over = [tier.price for tier in price.tiers if tokens > tier.start]
    return Decimal(over[-1] if over else price.base)


def _ns(day: date) -> int:
    return int(datetime.combine(day, time(), UTC).timestamp()) * 10**9


def _window(constraint: Any) -> Iterator[int]:
    for moment in (constraint.start_time, constraint.end_time):
        aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
        offset = aware.utcoffset().total_seconds()
        yield int(aware.hour * 3600 + aware.minute * 60 + aware.second - offset) % DAY_S
