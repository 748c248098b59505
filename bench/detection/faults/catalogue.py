"""All injections, each with its forms."""

from collections.abc import Callable
from dataclasses import dataclass

from detection.agency import Agency
from detection.chance import Chance
from detection.faults import agents, context, elsewhere, infrastructure, recipes
from detection.faults.injection import Choice, Injection


@dataclass(frozen=True)
class Maker:
    """How a fault is made, and its forms."""

    make: Callable[[Choice, int, str], Injection]
    forms: tuple[str, ...]


INJECTIONS = {
    "oversized_context": Maker(context.oversized_context, ("dump", "hoard", "everything")),
    "slow_context_preparation": Maker(context.slow_context_preparation, ("index", "reads", "growing")),
    "redundant_context": Maker(context.redundant_context, ("reread", "uncached")),
    "wrong_agent": Maker(agents.wrong_agent, ("fails", "slow")),
    "agent_sequence": Maker(agents.agent_sequence, ("handback", "order")),
    "missing_specialist": Maker(agents.missing_specialist, ("two", "three")),
    "underutilised_agent": Maker(agents.underutilised_agent, ("fails", "slow")),
    "step_order": Maker(recipes.step_order, ("late_check", "long_last")),
    "unnecessary_sequential_dependency": Maker(
        recipes.unnecessary_sequential_dependency, ("declared", "engine", "untold")
    ),
    "resource_contention": Maker(recipes.resource_contention, ("lock", "shared", "siblings")),
    "retry_loop": Maker(recipes.retry_loop, ("tool", "prompt", "stubborn")),
    "network_latency": Maker(infrastructure.network_latency, ("limited", "failing", "slow_server", "slow_tool")),
    "memory_pressure": Maker(infrastructure.memory_pressure, ("stretch", "thrash")),
    "cpu_pressure": Maker(infrastructure.cpu_pressure, ("pressure", "steal")),
    "release": Maker(elsewhere.release, ("slow", "fails", "creep", "model_slow", "untold", "untold_fails")),
    "error_pattern": Maker(elsewhere.error_pattern, ("agent", "complex", "recipe")),
}


def choice_for(agency: Agency, seed: int) -> Choice:
    """Picks for one run."""
    return Choice(agency, Chance(seed, "choice").of("faults"))


def inject(cause: str, strength: int, choice: Choice, form: str = "") -> Injection:
    """The fault of that cause and strength, with components of its own; a form is drawn where none is named."""
    made = INJECTIONS[cause]
    chosen = form or choice.form(*made.forms)
    return made.make(choice, strength, chosen)
