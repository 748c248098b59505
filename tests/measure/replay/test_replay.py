"""Replaying one execution: unchanged it gives back its duration, with a change what was worked out by hand."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from replay_cases import MS, alone, broken, chain, run, step

from tachograph.measure.replay import Attempt, Change, Contention, Run, Runs, Step, build, replay, replay_error
from tachograph.measure.replay.changes import changed
from tachograph.measure.replay.simulator import simulate


def test_of_a_chain_without_declarations_the_second_starts_when_the_first_could() -> None:
    """b from 115 to 315 and c, 10 ms after a as well, from 115 to 415; then the last 5 ms."""
    (only,) = build("r", [chain()]).runs
    assert replay(only, Change(parallel=(("b", "c"),))) == 420
    assert replay(only, Change(parallel=(("a", "c"),))) == 320  # a 5-105, c 10 ms after the start, b 115-315


def test_declared_dependencies_hold_where_the_steps_are_not_named() -> None:
    """c still waits for b, which it says it needs, though a and c may run together."""
    (only,) = build("r", [chain(after=([], ["a"], ["b"]))]).runs
    assert replay(only, Change(parallel=(("a", "c"),))) == 630
    assert replay(only, Change(parallel=(("b", "c"),))) == 420


def test_what_came_after_one_of_them_comes_after_all_of_them() -> None:
    """d ran after c, and so after b; it still does, though it only says c."""
    steps = [step("b", 0, 300, []), step("c", 300, 400, ["b"]), step("d", 400, 500, ["c"])]
    assert replay(alone(*steps, took=500), Change(parallel=(("b", "c"),))) == 400


def test_a_parallel_step_is_lost_work_where_its_sibling_fails() -> None:
    """c would have run on beside the failing b until 415: the execution gets longer, and fails all the same."""
    failed = next(run for run in build("r", [chain(0), broken(1)]).runs if not run.success)
    assert replay(failed, Change()) == 320
    assert replay(failed, Change(parallel=(("b", "c"),))) == 420
    assert not simulate(changed(failed.graph, Change(parallel=(("b", "c"),)))).success


def test_a_dropped_step_fails_nothing_any_more() -> None:
    """Without b the execution goes on as its like did: a to 105, c 10 ms later, 5 ms at the end."""
    failed = next(run for run in build("r", [chain(0), broken(1)]).runs if not run.success)
    after = simulate(changed(failed.graph, Change(drop=("b",))))
    assert (after.duration, after.success) == (420 * MS, True)
    assert replay(build("r", [chain()]).runs[0], Change(drop=("b",))) == 420


def test_failing_first_saves_what_came_before() -> None:
    """With b in front of a, the failing execution ends after b: 5 ms for its turn, 10 of its own, 200, 5."""
    failed = next(run for run in build("r", [chain(0), broken(1)]).runs if not run.success)
    assert replay(failed, Change(order=("b", "a"))) == pytest.approx(10 + 200 + 5)
    assert replay(build("r", [chain()]).runs[0], Change(order=("b", "a"))) == 630


def test_a_step_can_be_faster_or_slower() -> None:
    """Its gaps stay."""
    (only,) = build("r", [chain()]).runs
    assert replay(only, Change(scale=(("c", 0.5),))) == 480
    assert replay(only, Change(scale=(("a", 2),))) == 730
    assert replay(only, Change(scale=(("b", 0.0),)) | Change(scale=(("c", 0.0),))) == 130


def test_workers_follow_what_is_declared() -> None:
    """Three steps that need nothing: one at a time 60 ms, two at a time 40, three at a time 30."""
    only = alone(step("a", 0, 10, []), step("b", 10, 30, []), step("c", 30, 60, []), took=60)
    took = [replay(only, Change(workers=workers)) for workers in (1, 2, 3)]
    assert took == [60, 40, 30]


def test_of_steps_that_wait_for_a_place_the_first_in_the_list_comes_first() -> None:
    """Two places: with d (30 ms) last it has them to itself for 20 ms; begun first, the other three run beside it."""
    steps = [step("a", 0, 10, []), step("b", 0, 10, []), step("c", 10, 20, []), step("d", 10, 40, [])]
    only = alone(*steps, took=40)
    assert replay(only, Change(workers=2)) == 40
    assert replay(only, Change(workers=2, order=("d", "a", "b", "c"))) == 30


def test_an_order_keeps_what_waits_behind_what_it_waits_for() -> None:
    """c needs b, whatever the list says: b takes the one place first."""
    only = alone(step("a", 0, 10, []), step("b", 10, 30, []), step("c", 30, 60, ["b"]), took=60)
    made = changed(only.graph, Change(workers=1, order=("c", "b", "a")))
    assert made.names == ["b", "c", "a"]


def test_workers_change_nothing_where_nothing_is_known() -> None:
    """An order of time is all that there is, so it is kept."""
    assert replay(build("r", [chain()]).runs[0], Change(workers=3)) == 630


def test_an_order_of_the_engine_is_no_dependency() -> None:
    """b and c both need a only; one worker ran them in turn, two run them at once."""
    only = build("r", [chain(after=([], ["a"], ["a"]))]).runs[0]
    assert replay(only, Change()) == 630
    assert replay(only, Change(workers=2)) == 420


def test_files_say_what_waits_for_what() -> None:
    """c reads what a wrote, and b has nothing to do with either: a, b and c with two workers."""
    files = {"a": ("", "x"), "b": ("y", "z"), "c": ("x", "w")}
    times = {"a": (0, 100), "b": (100, 300), "c": (300, 400)}
    steps = [
        step(name, *times[name], reads=frozenset(reads), writes=frozenset(writes))
        for name, (reads, writes) in files.items()
    ]
    assert replay(alone(*steps, took=400), Change(workers=2)) == 200


def test_a_cap_on_attempts_saves_their_time_and_costs_their_success() -> None:
    """The third attempt had succeeded; with two the step fails and c does not run."""
    tries = [step("b", 10, 30, ok=False), step("b", 40, 60, ok=False), step("b", 70, 90)]
    only = alone(step("a", 0, 10), *tries, step("c", 90, 100), took=100)
    after = simulate(changed(only.graph, Change(attempts=(("b", 2),))))
    assert (after.duration, after.success) == (60 * MS, False)
    assert replay(only, Change(attempts=(("b", 3),))) == 100


def test_attempts_inside_a_step_are_cut_as_well() -> None:
    """An agent that was called twice within its step."""
    calls = (Attempt("coder", 0, 40 * MS, ok=False), Attempt("coder", 45 * MS, 80 * MS, ok=True))
    only = alone(step("a", 0, 85, attempts=calls), took=90)
    after = simulate(changed(only.graph, Change(attempts=(("a", 1),))))
    assert (after.duration, after.success) == (50 * MS, False)


def test_only_overlapped_work_is_stretched() -> None:
    """Two steps of 100 and 300 ms that halve each other's pace: 200 ms together, then 200 of the longer one alone."""
    only = alone(step("a", 0, 100), step("b", 100, 400), took=400)
    both = Change(parallel=(("a", "b"),))
    assert replay(only, both) == 300
    assert replay(only, both, Contention(slope=1.0)) == pytest.approx(400)
    assert replay(only, Change(), Contention(slope=1.0)) == pytest.approx(400)


def test_processors_are_shared() -> None:
    """Three steps that keep one processor busy each, on two: half as slow again; one that waits is not slowed down.
    And where a processor does less while all are busy, that."""
    only = alone(step("a", 0, 100), step("b", 100, 200), step("c", 200, 300), took=300)
    busy = Contention(cpu={"a": 1.0, "b": 1.0, "c": 1.0}, cores=2, shared=1.0)
    assert replay(only, Change(parallel=(("a", "b", "c"),)), busy) == pytest.approx(150)
    idle = Contention(cpu={"a": 1.0, "b": 1.0, "c": 0.0}, cores=2, shared=1.0)
    assert replay(only, Change(parallel=(("a", "b", "c"),)), idle) == pytest.approx(100)
    threads = Contention(cpu=busy.cpu, cores=2, shared=0.75)
    assert replay(only, Change(parallel=(("a", "b", "c"),)), threads) == pytest.approx(200)


def test_a_step_that_outlives_its_recipe_holds_it_until_its_end() -> None:
    """Whatever it does in the background afterwards."""
    only = alone(step("a", 0, 50), step("b", 50, 500), took=100)
    assert replay(only, Change()) == 100
    assert replay(only, Change(drop=("b",))) == 50


def test_times_that_contradict_the_declarations_are_not_given_back() -> None:
    """c says that it waits for a and b, but ran with them: a replay that obeys takes longer than the recording."""
    runs = build("r", [run(step("a", 0, 100, []), step("c", 0, 100, ["a"]), took=100)])
    assert replay_error(runs) == 100


def test_clocks_that_differ_a_little_are_borne() -> None:
    """b begins a moment before a has ended; it waited for it all the same."""
    only = alone(step("a", 0, 100), step("b", 99.5, 300), took=300)
    assert replay(only, Change(drop=("a",))) == pytest.approx(200.5)


@st.composite
def executions(draw: st.DrawFn) -> Run:
    """An execution of steps with random declarations that its times obey."""
    ends: dict[str, int] = {}
    steps = []
    for number in range(draw(st.integers(0, 8))):
        after = draw(st.lists(st.sampled_from(sorted(ends)), unique=True)) if ends else []
        start = max((ends[name] for name in after), default=0) + draw(st.integers(0, 9))
        ends[f"s{number}"] = start + draw(st.integers(0, 30))
        known = draw(st.booleans())
        steps.append(
            Step(f"s{number}", start, ends[f"s{number}"], ok=draw(st.booleans()), after=tuple(after) if known else None)
        )
    duration = max(ends.values(), default=0) + draw(st.integers(1, 9))
    return Run("e", "t", 0, duration, success=draw(st.booleans()), steps=tuple(steps))


@given(st.lists(executions(), min_size=1, max_size=4))
def test_unchanged_every_execution_takes_as_long_as_it_did(recorded: list[Run]) -> None:
    """And ends as it ended; whatever is declared, overlaps or fails, and whatever its likes did."""
    for one in build("r", recorded).runs:
        after = simulate(changed(one.graph, Change()))
        # A declared order that the allowance for clocks cuts into costs at most that allowance.
        assert after.duration == pytest.approx(one.duration_ns, rel=1e-9)
        assert after.success == one.success


@given(executions())
def test_two_simulators_agree(recorded: Run) -> None:
    """One goes through the steps in their order, the other from event to event in time."""
    (only,) = build("r", [recorded]).runs
    changes = [Change(), Change(drop=("s1",)), Change(parallel=(("s0", "s2"),)), Change(scale=(("s1", 3.0),))]
    for graph in (changed(only.graph, change) for change in changes):
        assert simulate(graph, workers=99).duration == pytest.approx(simulate(graph).duration)


@given(executions(), st.integers(1, 4))
def test_a_limit_of_workers_stays_within_grahams_bounds(recorded: Run, workers: int) -> None:
    """Between the longest path and that path with all work shared out (Graham 1969), gaps taken as work."""
    (only,) = build("r", [recorded]).runs
    graph = changed(only.graph, Change(workers=workers))
    graph.works = [work + gap for work, gap in zip(graph.works, graph.gaps, strict=True)]
    graph.gaps = [0] * len(graph.works)
    path = simulate(graph).duration - graph.tail
    made = simulate(graph, workers).duration - graph.tail
    whole = sum(graph.works[: graph.recorded])
    assert path - 1e-6 <= made <= whole / workers + (1 - 1 / workers) * path + 1e-6


def test_runs_name_their_steps_in_order() -> None:
    """Also those that only some executions came to."""
    made: Runs = build("r", [broken(0), chain(1)])
    assert made.steps == ("a", "b", "c")
