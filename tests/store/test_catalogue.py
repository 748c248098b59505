"""List prices as rows without overlap, held against the catalogue's own computation."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest
from genai_prices import Usage
from genai_prices.data_snapshot import get_snapshot

from tachograph.store.pricing import Book, Key, Rate
from tachograph.store.pricing.catalogue import of_model
from tachograph.store.pricing.rates import rates

WHEN = (datetime(2024, 5, 1, 0, 40, tzinfo=UTC), datetime(2026, 11, 20, 17, tzinfo=UTC))
# Input from no cache, from the cache, into the cache; output.
USED = ((1_000, 200, 100, 50), (100, 400_000, 70, 3))


def fitting(found: list[Rate], when: datetime, tokens: int) -> Rate | None:
    """The one row that holds for a call."""
    seconds = int(when.timestamp())
    holding = [
        it
        for it in found
        if it.since_ns <= seconds * 10**9 < it.until_ns
        and it.since_s <= seconds % 86_400 < it.until_s
        and it.above_tokens < tokens <= it.upto_tokens
    ]
    assert len(holding) <= 1
    return holding[0] if holding else None


def cost(rate: Rate, used: tuple[int, int, int, int]) -> float | None:
    """What such a call costs."""
    if rate.input_usd is None or rate.output_usd is None or rate.call_usd is None:
        return None
    assert rate.cache_read_usd is not None
    assert rate.cache_write_usd is not None
    amounts = rate.input_usd, rate.cache_read_usd, rate.cache_write_usd, rate.output_usd
    return rate.call_usd + sum(amount * tokens for amount, tokens in zip(amounts, used, strict=True))


@pytest.mark.parametrize("tier", [None, "batch", "flex"])
def test_every_model_costs_what_the_catalogue_says(tier: str | None) -> None:
    """By date, time of day, size of the input and how it was served; what has no price of tokens is unknown."""
    context = {"service_tier": tier, "speed": tier, "processing": tier} if tier else None
    compared = 0
    pairs = [(provider, model) for provider in get_snapshot().providers for model in provider.models]
    for provider, model in pairs:
        if tier and not model.price_variants:
            continue
        found = rates([of_model(provider, model, tier)])
        for when, (plain, read, write, output) in ((when, used) for when in WHEN for used in USED):
            total = plain + read + write
            usage = Usage(input_tokens=total, cache_read_tokens=read, cache_write_tokens=write, output_tokens=output)
            rate = fitting(found, when, total)
            computed = cost(rate, (plain, read, write, output)) if rate else None
            if computed is None:
                priced = model.get_prices(when, context)
                assert (priced.input_mtok, priced.output_mtok) == (None, None)
                continue
            wanted = model.calc_price(usage, provider, genai_request_timestamp=when, price_context=context).total_price
            assert isinstance(wanted, Decimal)
            assert computed == pytest.approx(float(wanted), rel=1e-9), (provider.id, model.id)
            compared += 1
    assert compared > (300 if tier else 8_000)


@pytest.mark.parametrize(
    ("key", "source"),
    [
        (Key("anthropic", None, "claude-sonnet-4-5", None), "anthropic/claude-sonnet-4-5"),
        (Key(None, None, "claude-sonnet-4-5[1m]", None), "anthropic/claude-sonnet-4-5"),
        (Key("litellm", None, "anthropic/claude-sonnet-4-5", None), "anthropic/claude-sonnet-4-5"),
        (Key("openai", None, "claude-sonnet-4-5", None), "anthropic/claude-sonnet-4-5"),
        (Key("azure.ai.openai", "gpt-4o-2024-08-06", "our-gpt", None), "/gpt-4o"),
        (Key("x_ai", None, "grok-4", None), "x-ai/grok-4-0709"),
        (Key("gcp.gemini", None, "gemini-2.5-pro", None), "google/gemini-2.5-pro"),
        (Key("somebody", None, "gpt-4o", None), "openai/gpt-4o"),
    ],
)
def test_models_are_found_under_the_names_that_telemetry_has(key: Key, source: str) -> None:
    """Providers by the conventions' names, a provider before a slash, and models behind a gateway."""
    (_, rate), *_ = Book(None).rates([key])
    assert rate.source is not None
    assert rate.source.endswith(source)


@pytest.mark.parametrize("key", [Key("ollama", None, "gpt-4o", None), Key(None, None, "gpt-99", None)])
def test_others_are_unknown(key: Key) -> None:
    """A model that nobody lists, and one that runs on one's own machine: one row without a price."""
    ((_, rate),) = Book(None).rates([key])
    assert (rate.input_usd, rate.source) == (None, None)
