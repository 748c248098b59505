"""Every cause leads to recommendations with numbers, evidence and criteria; the same change is made once."""

import re
from collections.abc import Callable
from dataclasses import replace

import pytest
from stories import CASES, Case

from tachograph.detect import Findings
from tachograph.detect.publish import CATEGORIES
from tachograph.measure.replay import Run, Runs, Step, build
from tachograph.measure.replay.steps import Attempt
from tachograph.recommend import Calibration, Material, recommend
from tachograph.recommend.groups import together, waits_after
from tachograph.recommend.remedies import REMEDIES
from tachograph.records import (
    BottleneckDetection,
    Effect,
    Evidence,
    Feature,
    PerformanceImpact,
    PerformanceRecommendation,
    ToolUsage,
)
from tachograph.records.history import History

Answer = Callable[[Case], tuple[Findings, list[PerformanceRecommendation]]]


def finding(cause: str, remedy: dict[str, object], *components: str, **more: object) -> BottleneckDetection:
    """A finding of a fifth of the time, for what takes no telemetry to test."""
    made = BottleneckDetection(
        category=CATEGORIES.get(cause, "agent_selection"), severity="high", description=f"{components[0]} loses 20 %",
        affected_components=list(components), performance_impact=PerformanceImpact(1, 0, 50), suggested_fixes=[],
        priority_score=50, id=f"{cause}/{components[0]}", detector=cause, cause=cause, claim="measured",
        effect=Effect(20.0, "percent", (15.0, 25.0)), q_value=0.01, n=100, evidence=Evidence(["e1"], ["t1"]),
        assumptions=[], remedy={**remedy, "cause": cause, "components": list(components)},
    )  # fmt: skip
    return replace(made, **more)  # type: ignore[arg-type]


def made_of(empty: History, *findings: BottleneckDetection, **more: object) -> list[PerformanceRecommendation]:
    return recommend(Material(list(findings), empty, **more))  # type: ignore[arg-type]


def test_every_cause_has_a_remedy() -> None:
    """Those of the contract, and what comes under other causes' categories."""
    assert set(REMEDIES) == {*CATEGORIES, "regression", "attribute_difference", "error_pattern"}
    assert all(REMEDIES.values())


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.cause)
def test_a_cause_leads_to_a_recommendation(answered: Answer, case: Case) -> None:
    """With a prediction whose interval is beyond zero, evidence that exists, effort, criteria that name commands."""
    found, made = answered(case)
    ids = {one.id for one in found.bottlenecks}
    first = next(one for one in found.bottlenecks if one.cause == case.cause)
    mine = [one for one in made if first.id in one.bottleneck_ids]
    assert mine
    for one in made:
        assert set(one.bottleneck_ids) <= ids
        assert one.evidence.execution_ids
        assert one.implementation_effort in ("low", "medium", "high")
        assert one.implementation_steps
        assert all("`tachograph " in criterion for criterion in one.success_criteria)
        said = one.prediction
        assert said.interval_pct is not None
        low, high = said.interval_pct
        assert low <= said.change_pct <= high  # type: ignore[operator]
        assert low > 0 if said.measure == "success_rate" else high < 0
        assert re.search(r"\d", one.expected_improvement.time_savings_estimate)
        assert one.role
        assert one.component
    simulated = case.cause in ("step_order", "unnecessary_sequential_dependency")
    assert mine[0].claim == ("simulated" if simulated else "observational")


@pytest.mark.parametrize(
    ("cause", "remedy", "components", "says"),
    [
        ("regression", {"component": "ann", "attribute": "version", "value": "2"}, ("ann", "2"), "back"),
        ("regression", {"component": "ann", "since": "2025-10-27", "came": ""}, ("ann",), "about 2025-10-27"),
        ("attribute_difference", {"component": "ann", "attribute": "model", "value": "m"}, ("ann", "m"), "another"),
        ("error_pattern", {"message": "no such file", "condition": {"name": "ann"}}, ("ann",), "no such file"),
        ("retry_loop", {"component": "ship/test", "part": "attempts", "retries": 1}, ("ship/test",), "2 failed"),
        ("step_order", {"recipe": "ship", "first": "a", "then": "b", "kind": "steps"}, ("ship", "b"), "come before b"),
        ("step_order", {"recipe": "ship", "check": "b", "after": "a"}, ("ship", "b"), "when a has ended"),
        ("network_latency", {"server": "s", "model": "m"}, ("s", "m"), "out of the rotation"),
        ("network_latency", {"tool": "fetch", "server": "s"}, ("fetch", "s"), "Cache what fetch"),
        ("oversized_context", {"agent": "ann", "cap": 30_000}, ("ann",), "Cap the context"),
    ],
)  # fmt: skip
def test_kinds_of_a_cause(
    empty: History, cause: str, remedy: dict[str, object], components: tuple[str, ...], says: str
) -> None:
    """Each names the component and what to do."""
    made = made_of(empty, finding(cause, remedy, *components))
    assert any(says in one.title for one in made)
    assert all(components[0] in f"{one.title} {one.description}" for one in made)


def test_what_would_not_help_is_not_recommended(empty: History) -> None:
    """A gain below 5 % of the time, or one whose interval has zero in it."""
    remedy = {"agent": "ann", "part": "repeated"}
    assert made_of(empty, finding("retry_loop", remedy, "ann", effect=Effect(4.0, "percent", (1.0, 7.0)))) == []
    assert made_of(empty, finding("retry_loop", remedy, "ann", effect=Effect(9.0, "percent", (-1.0, 19.0)))) == []
    assert len(made_of(empty, finding("retry_loop", remedy, "ann"))) == 1


def test_the_same_change_for_two_bottlenecks_is_one(empty: History) -> None:
    """It lists both ids; the steps of both."""
    wrong = finding("wrong_agent", {"agent": "bob", "instead": "ann", "place": "port"}, "bob", "port", "ann")
    idle = finding("underutilised_agent", {"instead": "ann", "place": "port"}, "ann", "port", "bob")
    made = made_of(empty, wrong, idle)
    assert len(made) == 1
    assert made[0].bottleneck_ids == [wrong.id, idle.id]


def test_changes_that_work_against_each_other_say_so(empty: History) -> None:
    """Two remedies of one bottleneck do not add up; more agents and other routing of one place is a choice."""
    large = finding("oversized_context", {"agent": "ann", "cap": 30_000}, "ann")
    one, other = made_of(empty, large)
    assert other.id in one.conflicts[0]
    assert "do not add up" in one.conflicts[0]
    wrong = finding("wrong_agent", {"agent": "bob", "instead": "ann", "place": "port"}, "bob", "port", "ann")
    nobody = finding("missing_specialist", {"place": "port", "agents": ["ann", "bob"]}, "port", "ann", "bob")
    made = made_of(empty, wrong, nobody)
    route = next(one for one in made if one.title.startswith("Give"))
    assert any("works against it at port" in conflict for conflict in route.conflicts)


def test_ids_do_not_depend_on_size(empty: History) -> None:
    """The same change next week has the same id."""
    remedy = {"agent": "ann", "part": "repeated"}
    one, other = (
        made_of(empty, finding("retry_loop", remedy, "ann", effect=Effect(size, "percent", (10.0, 50.0))))[0].id
        for size in (20.0, 40.0)
    )
    assert one == other


def test_predictions_are_corrected_by_earlier_ones(empty: History) -> None:
    """What came half true so far is promised half as large."""
    loop = finding("retry_loop", {"agent": "ann", "part": "repeated"}, "ann")
    made = made_of(empty, loop, calibration=Calibration({"observational": 0.5}))
    assert made[0].prediction.change_pct == pytest.approx(-10)
    assert made[0].prediction.interval_pct == (-12.5, -7.5)


def tool(**more: object) -> ToolUsage:
    usage = ToolUsage("app build", 200, 40, 50, 0.9, 0.1, 800.0, 2_000.0, 0.8, [], [], 3)
    return replace(usage, **more)  # type: ignore[arg-type]


def test_tools_are_recommended_from_their_usage(empty: History) -> None:
    """Error-prone, slow, and with options that nobody finds, even without a bottleneck; good ones not at all."""
    rare = [Feature("--fast", 2, 0.05, 2), Feature("--dry-run", 30, 0.75, 90)]
    cases = {
        "fail less often": tool(error_rate=0.3, success_rate=0.7),
        "below 10 s": tool(p50_ms=15_000.0, error_rate=0.0),
        "--fast": tool(features=rare, error_rate=0.0),
    }
    for says, usage in cases.items():
        made = made_of(empty, tools=[usage])
        assert [says in one.title for one in made] == [True]
        assert made[0].category == "tool_optimization"
    assert made_of(empty, tools=[tool(error_rate=0.04)]) == []
    assert made_of(empty, tools=[tool(count=5, error_rate=0.9)]) == []


def serial(number: int, *, fails: bool = False) -> Run:
    """Four steps, one after the other; b, c and d wait for a only; d takes three times as long, and may fail."""
    ms = 1_000_000
    ends, steps = 0, []
    for name, took in (("a", 100), ("b", 100), ("c", 100), ("d", 300)):
        after = () if name == "a" else ("a",)
        times = (ends * ms, (ends + took + number) * ms)
        steps.append(Step(name, *times, ok=not (fails and name == "d"), after=after))
        ends += took + number
    return Run(f"e{number}", f"t{number}", number * 10_000 * ms, ends * ms, not fails, tuple(steps))


def test_groups_are_those_that_gain_most() -> None:
    """All three beside each other, not pair by pair; the steps of a file then wait for the same."""
    runs: Runs = build("ship", [serial(number) for number in range(20)])
    assert together(runs, [("b", "c"), ("c", "d"), ("b", "d")]) == (("b", "c", "d"),)
    assert together(runs, [("b", "c")]) == (("b", "c"),)
    chain = {"a": [], "b": ["a"], "c": ["b"], "d": ["c"]}
    assert waits_after(chain, [("b", "c")]) == {"a": [], "b": ["a"], "c": ["a"], "d": ["b", "c"]}


def by_ann(number: int) -> Run:
    """Three steps of 400 ms in a row: ann's two, each with 250 ms for preparing her context, then bob's."""
    ms, steps = 1_000_000, []
    for place, (name, agent) in enumerate((("write", "ann"), ("document", "ann"), ("check", "bob"))):
        start, end = place * 400 * ms, (place + 1) * 400 * ms
        attempt = Attempt(agent, start, end, ok=True, context_ns=250 * ms)
        steps.append(Step(name, start, end, attempts=(attempt,)))
    return Run(f"e{number}", f"t{number}", number * 10_000 * ms, 1_200 * ms, success=True, steps=tuple(steps))


def test_steps_of_one_agent_in_a_row_are_merged_where_it_prepares_its_context_twice(empty: History) -> None:
    """It saves the second preparation: 250 of 1,200 ms. Not what another agent does, nor what others come between."""
    slow = finding("slow_context_preparation", {"agent": "ann", "part": "context"}, "ann")
    made = made_of(empty, slow, runs=[build("ship", [by_ann(number) for number in range(20)])])
    (merge,) = [one for one in made if one.title == "Make one step of write and document in ship"]
    assert merge.claim == "simulated"
    assert merge.prediction.change_pct == pytest.approx(-100 * 250 / 1_200, abs=0.01)
    other = finding("slow_context_preparation", {"agent": "bob", "part": "context"}, "bob")
    made = made_of(empty, other, runs=[build("ship", [by_ann(number) for number in range(20)])])
    assert not any("one step" in one.title for one in made)


def test_all_changes_to_a_recipe_together_are_replayed_at_once(empty: History) -> None:
    """Their gains do not add up, so one replay says what they bring, and they say that they concern the same steps."""
    runs = build("ship", [serial(number % 20, fails=number % 10 < 9) for number in range(60)])
    free = finding(
        "unnecessary_sequential_dependency",
        {"recipe": "ship", "parallel": [["b", "d"]], "steps": ["b", "d"], "declared": True}, "ship",
    )  # fmt: skip
    order = finding(
        "step_order", {"recipe": "ship", "order": ["a", "d", "b", "c"], "step": "d"}, "ship", claim="simulated"
    )
    made = made_of(empty, free, order, runs=[runs])
    assert [one.claim for one in made] == ["simulated", "simulated"]
    parallel = next(one for one in made if one.title == "Run b beside d in ship at the same time")
    assert parallel.prediction.p50_change_pct == pytest.approx(100 * (419 / 638 - 1), abs=0.01)
    together, single = made[0].combined, [one.prediction.p50_change_pct or 0 for one in made]
    assert together is not None
    assert together.p50_change_pct is not None
    assert sum(single) < together.p50_change_pct <= max(single)
    assert all(other.id in one.conflicts[0] for one, other in (made, made[::-1]))
