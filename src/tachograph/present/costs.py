"""What calls cost, for people: sums that say when they are only a lower bound, and why."""

from collections.abc import Iterator, Sequence

from rich.table import Table

from tachograph.present import tables
from tachograph.present.numbers import NOTHING, at_least, count, money, share
from tachograph.present.words import word
from tachograph.records import CostSummary, ModelCost

_NAMED = 5  # models without a price that are named
HEADS = ("model", "calls", "cost", "wasted", "no price", "stated ÷ list price")


def sentences(cost: CostSummary) -> Iterator[str]:
    """The whole in words; nothing where there were no calls."""
    if not cost.calls:
        return
    if cost.cost_usd is None:
        yield f"Calls of models: {count(cost.calls)}, at a cost that is unknown."
    else:
        wasted = cost.wasted_cost_usd or 0.0
        part = f" ({share(wasted / cost.cost_usd)})" if cost.cost_usd else ""
        thrown = f", {money(wasted)}{part} of it for results that were thrown away"
        yield f"{at_least(cost.cost_usd, cost.unpriced_calls)} for {count(cost.calls)} model calls{thrown}."
    if cost.unpriced_calls:
        names = ", ".join(cost.unpriced_models[:_NAMED])
        more = " and others" if len(cost.unpriced_models) > _NAMED else ""
        yield f"Left out, for want of a known price: calls of {names}{more}, {count(cost.unpriced_calls)} in all."
    if cost.stated_usd is not None and cost.computed_usd is not None:
        yield (
            f"Calls that state their cost state {money(cost.stated_usd)}, which counts; "
            f"by list prices they cost {money(cost.computed_usd)}."
        )


def rows(models: Sequence[ModelCost]) -> list[tuple[str, ...]]:
    """One row a model, under `HEADS`; the names are as telemetry has them."""
    return [
        (
            model.model or "unnamed",
            count(model.calls),
            at_least(model.cost_usd, model.unpriced_calls),
            money(model.wasted_cost_usd),
            count(model.unpriced_calls),
            _ratio(model),
        )
        for model in models
    ]


def by_model(title: str, models: Sequence[ModelCost]) -> Table:
    """The same as a table for the terminal."""
    made = tables.table(title, *HEADS)
    for name, *cells in rows(models):
        made.add_row(word(name), *cells)
    return made


def _ratio(model: ModelCost) -> str:
    if model.stated_usd is None or not model.computed_usd:
        return NOTHING
    return f"{model.stated_usd / model.computed_usd:.3g}"
