"""Forecasts: medians over all executions, intervals for a later measurement, and refusals with a reason."""

import random
import statistics
from collections.abc import Sequence

import pytest
from replay_cases import MS, broken, chain, run, step

from tachograph.measure.replay import Attempt, CannotReplay, Change, Forecast, Run, Step, build, predict

BOTH = Change(parallel=(("b", "c"),))


def forecast(runs: Sequence[Run], change: Change, **more: int) -> Forecast:
    return predict(build("r", runs), change, **more)


def many(
    count: int, chance: random.Random, *, together: bool = False, slower: float = 0.0, first: int = 0
) -> list[Run]:
    """Executions of a, b and c with random times; b and c together, if asked, and then slowed down by each other."""
    made = []
    for number in range(first, first + count):
        a, b, c = (chance.lognormvariate(0, 0.3) * mean for mean in (100, 200, 200))
        if together:
            shared = min(b, c) * (1 + slower)  # until the shorter is done both are slowed down
            ends = [a + shared if time == min(b, c) else a + shared + time - min(b, c) for time in (b, c)]
            steps = [step("a", 0, a), step("b", a, ends[0]), step("c", a, ends[1])]
        else:
            steps = [step("a", 0, a), step("b", a, a + b), step("c", a + b, a + b + c)]
        made.append(run(*steps, took=max(one.end for one in steps) / MS, number=number))
    return made


def test_percentiles_are_over_all_executions_failures_included() -> None:
    """Two that succeed go from 630 to 420 ms, the one that fails from 320 to 420: the median from 630 to 420."""
    found = forecast([chain(0), chain(1), broken(2)], BOTH)
    assert (found.baseline_p50_ms, found.predicted_p50_ms) == (630, 420)
    assert found.change_pct == pytest.approx(100 * (420 / 630 - 1))
    assert (found.executions, found.replay_error_pct) == (3, 0)
    assert found.success_change_pp == 0
    assert found.contention_basis == "assumed"


def test_executions_that_are_all_alike_leave_no_doubt_of_chance() -> None:
    """Only that of contention, which nobody measured; nothing is not a number."""
    found = forecast([chain(number) for number in range(20)], Change(drop=("b",)))
    assert found.ci_pct == pytest.approx((found.change_pct, found.change_pct))
    assert found.success_ci_pp is not None


def test_days_that_are_all_slow_widen_the_interval() -> None:
    """The same forty executions in turn, and in two blocks of twenty, are not worth the same."""
    took = [630.0, 700.0] * 20
    orders = (took, sorted(took))
    widths = []
    for order in orders:
        runs = [run(*chain().steps, took=one + number / 100, number=number) for number, one in enumerate(order)]
        low, high = forecast(runs, Change(scale=(("a", 0.5),))).p95_ci_pct or (0, 0)
        widths.append(high - low)
    assert widths[1] > widths[0]


def test_dropping_what_fails_brings_success() -> None:
    """One of four failed at b, and would have gone on like the others."""
    found = forecast([chain(0), chain(1), chain(2), broken(3)], Change(drop=("b",)))
    assert (found.baseline_success, found.predicted_success, found.success_change_pp) == (0.75, 1, 25)


def test_weights_count_as_executions() -> None:
    """One execution of 630 ms that stands for nine outweighs two of 320 ms."""
    heavy = run(*chain().steps, took=630, weight=9.0)
    assert forecast([heavy, broken(1), broken(2)], Change()).baseline_p50_ms == pytest.approx(630, rel=0.1)


@pytest.mark.parametrize("count", [1, 2])
def test_too_few_executions_give_no_interval(count: int) -> None:
    """But what the replay says of them."""
    found = forecast([chain(number) for number in range(count)], BOTH)
    assert found.predicted_p50_ms == 420
    assert (found.ci_pct, found.p95_ci_pct, found.success_ci_pp) == (None, None, None)


def test_a_later_measurement_falls_into_nine_of_ten_intervals() -> None:
    """Of 200 forecasts from 25 executions each, held against the median of 25 further ones with the change."""
    inside = 0
    for seed in range(200):
        chance = random.Random(seed)
        recorded, later = many(25, chance), many(25, chance, together=True)
        base = statistics.median(run.duration_ns for run in recorded)
        measured = 100 * (statistics.median(run.duration_ns for run in later) / base - 1)
        low, high = forecast(recorded, BOTH).ci_pct or (0, 0)
        inside += low <= measured <= high
    assert 0.85 <= inside / 200 <= 0.97


def test_contention_is_taken_from_executions_whose_steps_overlapped() -> None:
    """Each slows the other down by half: the slope is found, and half of the recorded executions stay as they are."""
    chance = random.Random(3)
    recorded = many(200, chance) + many(200, chance, together=True, slower=0.5, first=200)
    found = forecast(recorded, BOTH)
    assert found.contention_basis == "measured"
    assert found.contention == pytest.approx(1.5, abs=0.1)
    later = statistics.median(run.duration_ns for run in many(2_000, chance, together=True, slower=0.5)) / MS
    assert found.predicted_p50_ms == pytest.approx(later, rel=0.05)


def busy(number: int, cpu: float | None, cores: float | None = 2.0, **more: float) -> Run:
    """An execution of two steps of 100 ms that keep so many processors busy."""
    steps = [step(name, at, at + 100, cpu=cpu, cores=cores, **more) for name, at in (("b", 0), ("c", 100))]
    return run(*steps, took=200, number=number)


def test_processor_time_tells_contention_where_none_was_measured() -> None:
    """Two steps with two processors busy each get no faster on two; two with one each take half, and what is lost where
    all processors are busy."""
    runs = [busy(number, 2.0) for number in range(20)]
    found = forecast(runs, BOTH)
    assert (found.contention_basis, found.change_pct) == ("processor time", 0)
    found = forecast([busy(number, 1.0) for number in range(20)], BOTH)
    assert found.change_pct == pytest.approx(100 / (2 * 0.85) - 100)
    assert found.ci_pct is not None
    assert found.ci_pct[0] <= -49  # an own core each
    assert -30 < found.ci_pct[1] < -20  # two threads of one core


def test_where_nothing_is_known_the_interval_says_so() -> None:
    """It is wider towards no gain than for steps that wait for a model, wider still on a host that is pressed."""
    waiting = [busy(number, None, waiting_ns=95 * MS) for number in range(20)]
    unknown = [busy(number, None) for number in range(20)]
    pressed = [busy(number, None, cpu_pressure=0.4) for number in range(20)]
    found = [forecast(runs, BOTH) for runs in (waiting, unknown, pressed)]
    assert {round(one.change_pct) for one in found} == {-50}
    ends = [one.ci_pct[1] for one in found if one.ci_pct]
    assert ends == sorted(ends)
    assert ends[0] < -48 < ends[1] < ends[2]
    assert all("assumed" in " ".join(one.assumptions) or "pressed" in " ".join(one.assumptions) for one in found)


def test_what_stands_against_it_is_said() -> None:
    """A file that one step writes and the other reads, and a dependency that is declared."""
    steps = [
        step("b", 0, 10, [], writes=frozenset({"report.txt"})),
        step("c", 10, 20, ["b"], reads=frozenset({"report.txt"})),
    ]
    said = " ".join(forecast([run(*steps, took=20, number=number) for number in range(3)], BOTH).assumptions)
    assert "report.txt" in said
    assert "c says that it depends on b" in said


def test_what_cannot_be_replayed_is_refused() -> None:
    """Times that contradict what is declared, executions without steps, agents that nobody saw."""
    torn = [run(step("b", 0, 100, []), step("c", 0, 100, ["b"]), took=100, number=number) for number in range(3)]
    with pytest.raises(CannotReplay, match=r"off by 100\.0 %"):
        forecast(torn, BOTH)
    with pytest.raises(CannotReplay, match="no steps"):
        forecast([run(took=100)], BOTH)
    with pytest.raises(CannotReplay, match="never did step b"):
        forecast([chain()], Change(agents=(("b", "nobody"),)))
    with pytest.raises(CannotReplay, match="input tokens"):
        forecast([chain()], Change(cap_context=100))


def attempt(agent: str, start: float, end: float, tokens: int, *, ok: bool = True) -> Attempt:
    return Attempt(agent, int(start * MS), int(end * MS), ok, tokens, tokens, int((end - start) * MS))


def test_a_cap_on_context_saves_what_its_tokens_cost() -> None:
    """A millisecond for ten tokens within a task; complex tasks have more tokens and take longer for other reasons."""
    chance = random.Random(1)
    runs = []
    for number in range(100):
        base, task = ((100, "simple"), (900, "complex"))[number % 2]
        tokens = base * 10 + chance.randrange(1_000)
        took = base + tokens / 10
        steps = [step("b", 0, took, attempts=(attempt("coder", 0, took, tokens),))]
        runs.append(run(*steps, took=took, number=number, task=task))
    found = forecast(runs, Change(cap_context=5_000))
    # Simple tasks stay, complex ones (9,000 to 9,999 tokens) come down to 5,000 tokens: 900 + 500 ms.
    assert found.predicted_p95_ms == pytest.approx(1_400, rel=0.02)
    assert found.baseline_p95_ms > 1_800


def test_another_agent_takes_as_long_as_it_does_elsewhere() -> None:
    """Half as long on the same task, and always right where the other fails in one of five."""
    runs = []
    for number in range(100):
        quick = number % 2 == 0
        agent, took, ok = ("fast", 50.0, True) if quick else ("slow", 100.0, number % 10 != 1)
        tried = attempt(agent, 0, took, 10, ok=ok)
        runs.append(run(step("b", 0, took, ok=ok, attempts=(tried,)), took=took, success=ok, number=number))
    found = forecast(runs, Change(agents=(("b", "fast"),)))
    assert found.predicted_p50_ms == pytest.approx(50)
    assert (found.baseline_success, found.predicted_success) == (0.9, 1)


def test_executions_with_missing_spans_change_as_the_others_do() -> None:
    """Half of them lack b, which therefore cannot be replayed in them."""
    torn = [Step("a", 5 * MS, 105 * MS), Step("c", 325 * MS, 625 * MS)]
    runs = [chain(number) for number in range(12)]
    runs += [run(*torn, took=630, number=number, partial=True) for number in range(12, 24)]
    assert forecast(runs, BOTH).predicted_p50_ms == pytest.approx(420)
