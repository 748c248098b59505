"""What model calls cost."""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class ModelCost:
    """What the calls of one model cost, USD, None where no cost is known; `model` is None where calls name none.

    `unpriced_calls` are those of the `calls` whose cost nobody knows, which `cost_usd` leaves out; `wasted_cost_usd` is
    the part of it whose result was thrown away. Of calls that state their cost and have a price, `stated_usd` is what
    they state, which counts, and `computed_usd` what the price says.
    """

    model: str | None
    calls: int
    unpriced_calls: int
    cost_usd: float | None
    wasted_cost_usd: float | None
    stated_usd: float | None
    computed_usd: float | None


@dataclass(frozen=True, slots=True)
class CostSummary:
    """What all calls of a window cost, USD, by model; the fields mean what they mean in `ModelCost`."""

    calls: int = 0
    unpriced_calls: int = 0
    cost_usd: float | None = None
    wasted_cost_usd: float | None = None
    stated_usd: float | None = None
    computed_usd: float | None = None
    models: list[ModelCost] = field(default_factory=list)

    @property
    def unpriced_models(self) -> list[str]:
        """Models of which calls have no known cost, the most called first."""
        found = [model for model in self.models if model.unpriced_calls]
        return [model.model or "unnamed" for model in sorted(found, key=lambda it: -it.unpriced_calls)]
