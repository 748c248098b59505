"""One run of the benchmark: a world with faults, or without, its telemetry on disk, and the truth about it."""

import json
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from pathlib import Path

from detection import nulls, otlp, perturb
from detection.agency import Agency, build
from detection.engine import happen
from detection.faults import Injection, choice_for, inject
from detection.perturb import Perturbation
from detection.spans import Span
from detection.truth import Comparison, Effect, tallies

SIZES = {"small": 120, "medium": 400, "large": 1500}
# Standard errors: 3.3 leave one in twenty for who looks at a hundred things, and what lies 1.6 further is seen nineteen
# times in twenty.
CLEAR = 4.9
MINIMUM = {"percent": 5.0, "points": 3.0}  # below this nobody need care


@dataclass(frozen=True)
class Scenario:
    """Faults as (cause, strength, form or nothing); without faults a null world of the kind named."""

    seed: int
    size: str
    faults: tuple[tuple[str, int, str], ...] = ()
    null: str = ""
    how: Perturbation = field(default_factory=Perturbation)

    @property
    def name(self) -> str:
        told = " + ".join(f"{cause}{f'({form})' if form else ''} {strength}" for cause, strength, form in self.faults)
        return f"{told or f'null {self.null}'}, {self.size}, {self.how.name}, seed {self.seed}"


@dataclass
class Truth:
    """One fault of a run. `main` is its effect on what it harms most, `effects` by the component named first; it moves
    what it harms by `distance` standard errors."""

    category: str
    cause: str
    form: str
    strength: int
    names: list[str]
    also: list[str]
    others: list[str]
    main: Effect
    effects: dict[str, list[Effect]]
    distance: float

    @property
    def clear(self) -> bool:
        """Whether so many executions show it to who knows where to look, nineteen times in twenty."""
        return self.distance >= CLEAR

    @property
    def matters(self) -> bool:
        return any(self.main[unit] >= least for unit, least in MINIMUM.items())


def generate(scenario: Scenario, folder: Path) -> list[Truth]:
    """Writes `telemetry.jsonl` and, beside it for people, `truth.json`."""
    spans, truths = live(scenario)
    kept, states = perturb.sample(spans, scenario.how)
    kept = perturb.lose(kept, scenario.how, scenario.seed)
    otlp.write(kept, folder / "telemetry.jsonl", perturb.clocks(scenario.how, scenario.seed), states)
    told = {"scenario": scenario.name, "truths": [asdict(truth) for truth in truths]}
    (folder / "truth.json").write_text(json.dumps(told, indent=1), encoding="utf-8")
    return truths


def live(scenario: Scenario) -> tuple[list[Span], list[Truth]]:
    """The world with all its faults, and what each of them costs in it."""
    injections = injected(scenario)
    executions = SIZES[scenario.size]
    spans = happen(_agency(scenario, injections, injections), executions)
    harmed = tallies(spans) if injections else {}
    truths = []
    for injection in injections:
        rest = [each for each in injections if each is not injection]
        sound = tallies(happen(_agency(scenario, injections, rest), executions))
        truths.append(_truth(injection, Comparison(harmed, sound)))
    return spans, truths


def injected(scenario: Scenario) -> list[Injection]:
    """The faults of a scenario, each with components of its own."""
    choice = choice_for(build(scenario.seed), scenario.seed)
    return [inject(cause, strength, choice, form) for cause, strength, form in scenario.faults]


def _agency(scenario: Scenario, prepared: list[Injection], harmful: list[Injection]) -> Agency:
    agency = build(scenario.seed)
    if scenario.null:
        null: Callable[[Agency], None] = getattr(nulls, scenario.null)
        null(agency)
    for injection in prepared:
        injection.prepare(agency)
    for injection in harmful:
        injection.harm(agency)
    return agency


def _truth(injection: Injection, compared: Comparison) -> Truth:
    return Truth(
        category=injection.category,
        cause=injection.cause,
        form=injection.form,
        strength=injection.strength,
        names=sorted(injection.names),
        also=sorted(injection.also),
        others=sorted(injection.others),
        main=compared.main(injection.names, injection.whole),
        effects=compared.effects(injection.names, injection.whole),
        distance=compared.distance(injection.names, injection.whole),
    )
