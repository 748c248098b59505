"""The worlds in which detectors are judged: what they tell, what is wrong in them, and what that costs."""

import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from detection import engine, faults, nulls, otlp, perturb, scenario, truth
from detection.agency import build
from detection.perturb import Perturbation
from detection.running import run
from detection.scenario import Scenario

SMALL = 40  # recipe executions
CAUSES = [
    cause
    for causes in (
        ("oversized_context", "slow_context_preparation", "redundant_context"),
        ("wrong_agent", "agent_sequence", "missing_specialist", "underutilised_agent"),
        ("step_order", "unnecessary_sequential_dependency", "resource_contention", "retry_loop"),
        ("network_latency", "memory_pressure", "cpu_pressure"),
    )
    for cause in causes
]
FORMS = [(cause, form) for cause, maker in faults.INJECTIONS.items() for form in maker.forms]


def _injected(cause: str, strength: int, form: str) -> faults.Injection:
    return faults.inject(cause, strength, faults.choice_for(build(3), 3), form)


def _compared(injection: faults.Injection, executions: int = SMALL) -> truth.Comparison:
    """A world with the fault and the one without it."""
    harmed, sound = build(3), build(3)
    for agency in (harmed, sound):
        injection.prepare(agency)
    injection.harm(harmed)
    return truth.Comparison(*(truth.tallies(engine.happen(agency, executions)) for agency in (harmed, sound)))


def test_the_same_seed_gives_the_same_telemetry(tmp_path: Path) -> None:
    """A run can be repeated to the byte, and another seed is another world."""
    texts = []
    for place, seed in enumerate((5, 5, 6)):
        folder = tmp_path / str(place)
        folder.mkdir()
        scenario.generate(Scenario(seed, "small", (("retry_loop", 3, ""),)), folder)
        texts.append([(folder / name).read_bytes() for name in ("telemetry.jsonl", "truth.json")])
    assert texts[0] == texts[1] != texts[2]


def test_every_cause_of_the_contract_has_an_injection() -> None:
    """Each of the fourteen causes can be put into a world, and so can a bad release and a concentrated error."""
    assert sorted(faults.CATEGORY) == sorted(CAUSES)
    assert sorted(faults.INJECTIONS) == sorted([*CAUSES, "release", "error_pattern"])


@pytest.mark.parametrize(("cause", "form"), FORMS)
def test_a_stronger_fault_costs_more(cause: str, form: str) -> None:
    """In each of its forms a fault takes time or success, and at strength 5 more than at strength 1."""
    costs = []
    for strength in (1, 5):
        injection = _injected(cause, strength, form)
        main = _compared(injection, 70).main(injection.names, injection.whole)
        costs.append(max(main["percent"], main["points"]))
    assert 0 <= costs[0] < costs[1]
    assert costs[1] > 10


@pytest.mark.parametrize("cause", CAUSES)
def test_what_does_no_harm_has_no_effect(cause: str) -> None:
    """The world in which a fault could be, with nothing changed, differs from itself in nothing."""
    injection = replace(_injected(cause, 4, ""), harm=faults.nothing)
    effects = _compared(injection).effects(injection.names, injection.whole)
    assert {value for some in effects.values() for each in some for value in each.values()} == {0.0}


@pytest.mark.parametrize("null", [each.__name__ for each in nulls.NULLS])
def test_a_null_world_has_no_truth_to_find(null: str) -> None:
    """Nothing is wrong in it, though something happens."""
    spans, truths = scenario.live(Scenario(1, "small", null=null))
    assert len(spans) > 1000
    assert truths == []


def test_several_faults_do_not_share_components() -> None:
    """Faults of one run are put on agents, recipes and classes of their own."""
    causes = ("slow_context_preparation", "oversized_context", "retry_loop")
    injections = scenario.injected(Scenario(9, "small", tuple((cause, 3, "") for cause in causes)))
    agents = [next(name for name in each.names if name in build(9).agents) for each in injections]
    assert len(set(agents)) == len(agents)


def test_ingest_takes_all_that_is_told(tmp_path: Path) -> None:
    """The real command rejects nothing, and the baselines can be asked about what it stored."""
    result = run(Scenario(2, "small", (("slow_context_preparation", 5, "index"),)), product=False)
    assert set(result.judged) == {"thresholds", "max-z", "last child + medians"}
    assert result.judged["thresholds"].told[0].rank == 1


def test_ingest_takes_damaged_telemetry(tmp_path: Path) -> None:
    """Sampled, with clocks that disagree and spans missing, it is still telemetry."""
    how = Perturbation(sampled=0.2, keeps_errors=True, skew=0.5, missing=0.2)
    assert run(Scenario(2, "small", null="even_failures", how=how), product=False).truths == []


def test_kept_traces_say_with_what_probability() -> None:
    """A threshold below the randomness in the trace's id; traces kept for an error have a threshold of their own: 0."""
    spans = engine.happen(build(4), 400)
    kept, states = perturb.sample(spans, Perturbation(sampled=0.05, keeps_errors=True))
    failed = {span.trace for span in spans if span.parent is None and span.error}
    assert {span.trace for span in kept} == set(states) > failed
    assert {states[trace] for trace in failed} == {"ot=th:0"}
    assert {states[trace] for trace in set(states) - failed} == {"ot=th:f333333333333"}
    assert all(trace[-14:] >= "f3333333333330" for trace in set(states) - failed)


def test_thresholds_are_spelled_as_specified() -> None:
    """Half of all is `ot=th:8`, everything `ot=th:0`, one in a hundred what the specification's tables have."""
    told = [perturb.tracestate(perturb.threshold(share)) for share in (0.5, 1, 0.25)]
    assert told == ["ot=th:8", "ot=th:0", "ot=th:c"]


def test_clocks_that_disagree_move_whole_services(tmp_path: Path) -> None:
    """A service's spans are shifted alike; their durations stay."""
    spans = [span for span in engine.happen(build(4), 2) if span.service == "workers"]
    texts = []
    for place, shift in enumerate((0.0, 0.5)):
        otlp.write(spans, tmp_path / str(place), {"workers": shift}, {})
        texts.append((tmp_path / str(place)).read_text())
    moved = f'"startTimeUnixNano":"{otlp.EPOCH_NS + round((spans[0].start + 0.5) * 1e9)}"'
    assert moved in texts[1]
    assert moved not in texts[0]


def test_the_simulator_is_an_outsider() -> None:
    """What makes the worlds loads nothing of what is judged in them."""
    code = (
        "import sys; from detection import running, plan, tables; print([m for m in sys.modules if 'tachograph' in m])"
    )
    bench = Path(engine.__file__).parents[1]
    done = subprocess.run([sys.executable, "-c", code], cwd=bench, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
