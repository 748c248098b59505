"""`tachograph what-if`, through the real command line on ingested telemetry."""

import json
import statistics
from pathlib import Path
from typing import Any

import pytest
from support import Run
from telemetry import FAILED, agent, line, recipe, span, step

MS = 1_000_000
DECLARED = {"test": ["implement"], "security": ["implement"], "package": ["test", "security"], "implement": []}


def execution(
    number: int, times: list[tuple[str, float]], *, fails: str = "", facts: Any = None
) -> list[dict[str, Any]]:
    """The spans of one execution whose steps ran one after the other, 1 ms apart; it ends with the step that fails."""
    trace, zero, at = f"{number:032x}", number * 10_000 * MS, 1.0
    made = []
    for index, (name, took) in enumerate(times):
        more = {"dev_agency.step.index": index, **(facts or {}).get(name, {})}
        status = FAILED if name == fails else {}
        start, end = zero + int(at * MS), zero + int((at + took) * MS)
        identity = number * 100 + index + 1
        made.append(step(identity, name, trace=trace, parent=number * 100, start=start, end=end, facts=more, **status))
        at += took + 1
        if name == fails:
            break
    whole = {"start": zero, "end": zero + int(at * MS), "trace": trace}
    return [recipe(number * 100, "ship", **whole, **(FAILED if fails else {})), *made]


@pytest.fixture
def shop(tmp_path: Path, tachograph: Run) -> Run:
    """A store of 20 executions, 4 of which failed at the test; security and test both wait for implement."""
    spans = []
    for number in range(1, 21):
        times = [("implement", 100.0 + number), ("test", 200.0), ("security", 150.0), ("package", 50.0)]
        facts = {name: {"dev_agency.step.depends_on": after} for name, after in DECLARED.items()}
        spans += execution(number, times, fails="test" if number % 5 == 0 else "", facts=facts)
    (tmp_path / "shop.jsonl").write_bytes(line(*spans))
    assert tachograph("ingest", "shop.jsonl").returncode == 0
    return tachograph


def durations(*, changed: bool) -> list[float]:
    """Worked out by hand: 1 ms before each step and at the end; a failing test ends the execution, but with the change
    security runs on beside it, for less time than the test."""
    found = []
    for number in range(1, 21):
        implement = 1 + 100 + number
        checks = 1 + 200 if changed or number % 5 == 0 else 1 + 200 + 1 + 150
        found.append(implement + checks + (0 if number % 5 == 0 else 1 + 50) + 1)
    return found


def test_the_answer_has_the_contracts_fields(shop: Run) -> None:
    """And the values that were worked out by hand."""
    ended = shop("what-if", "ship", "--parallel", "test,security", "--format", "json")
    assert (ended.returncode, ended.stderr) == (0, "")
    made = json.loads(ended.stdout)
    base, predicted = (statistics.median(durations(changed=changed)) for changed in (False, True))
    assert made["recipe"] == "ship"
    assert made["executions"] == 20
    assert made["baseline_p50_ms"] == pytest.approx(base)
    assert made["predicted_p50_ms"] == pytest.approx(predicted)
    assert made["change_pct"] == pytest.approx(100 * (predicted / base - 1))
    low, high = made["ci_pct"]
    assert low <= made["change_pct"] <= high
    assert made["replay_error_pct"] == pytest.approx(0)
    assert made["contention_basis"] == "assumed"


def test_nothing_changed_is_no_change(shop: Run) -> None:
    """The recorded median comes back."""
    made = json.loads(shop("what-if", "ship", "--format", "json").stdout)
    assert (made["change_pct"], made["success_change_pp"]) == (0, 0)
    assert made["predicted_p50_ms"] == pytest.approx(statistics.median(durations(changed=False)))


@pytest.mark.parametrize(
    ("options", "change"),
    [
        (["--drop", "security"], lambda took, failed: took - (0 if failed else 151)),
        (["--scale", "implement=2"], None),
        (["--workers", "2"], lambda took, failed: took - (0 if failed else 151)),
        (["--drop", "security", "--drop", "package"], lambda took, failed: took - (0 if failed else 202)),
    ],
)
def test_each_change_does_what_it_says(shop: Run, options: list[str], change: Any) -> None:
    """Changes of the same kind add up; scaled steps take their factor."""
    made = json.loads(shop("what-if", "ship", *options, "--format", "json").stdout)
    before = durations(changed=False)
    if change is None:
        expected = [took + 100 + number for number, took in enumerate(before, 1)]
    else:
        expected = [change(took, number % 5 == 0) for number, took in enumerate(before, 1)]
    assert made["predicted_p50_ms"] == pytest.approx(statistics.median(expected))


def test_text_says_what_it_means(shop: Run) -> None:
    """The change in words, the interval, and what was assumed."""
    said = shop("what-if", "ship", "--parallel", "test,security").stdout
    for words in (
        "What if ship: test and security in parallel",
        "90 % interval",
        "20 executions",
        "no contention assumed",
    ):
        assert words in said
    assert "\x1b" not in said


@pytest.mark.parametrize(
    ("arguments", "status", "says"),
    [
        (["what-if"], 2, "RECIPE"),
        (["what-if", "nothing"], 1, "there are: ship"),
        (["what-if", "ship", "--since", "2031-01-01"], 1, "there are: none"),
        (["what-if", "ship", "--drop", "nothing"], 2, "implement, test, security, package"),
        (["what-if", "ship", "--parallel", "test"], 2, "A,B"),
        (["what-if", "ship", "--scale", "test"], 2, "STEP=VALUE"),
        (["what-if", "ship", "--scale", "test=nan"], 2, "factor"),
        (["what-if", "ship", "--cap-context", "-1"], 2, "whole number"),
        (["what-if", "ship", "--cap-context", "100"], 1, "input tokens"),
        (["what-if", "ship", "--agent", "test=nobody"], 1, "never did step test"),
    ],
)
def test_wrong_use_is_one_line(shop: Run, arguments: list[str], status: int, says: str) -> None:
    """That says what there is instead; a recipe that did not run in the window is an answer that fails."""
    ended = shop(*arguments)
    assert (ended.returncode, ended.stdout) == (status, "")
    assert says in ended.stderr
    assert ended.stderr.count("\n") == 1


def test_what_cannot_be_replayed_is_refused(tmp_path: Path, tachograph: Run) -> None:
    """Steps that ran beside what they say they wait for: one clear line, and status 1."""
    spans = []
    for number in range(1, 4):
        trace = f"{number:032x}"
        spans += [
            recipe(number * 10, "ship", trace=trace, end=100 * MS),
            step(number * 10 + 1, "a", trace=trace, parent=number * 10, end=100 * MS),
            step(
                number * 10 + 2, "b", trace=trace, parent=number * 10, start=1, end=90 * MS,
                facts={"dev_agency.step.depends_on": ["a"]},
            ),
        ]  # fmt: skip
    (tmp_path / "torn.jsonl").write_bytes(line(*spans))
    assert tachograph("ingest", "torn.jsonl").returncode == 0
    ended = tachograph("what-if", "ship", "--parallel", "a,b", "--format", "json")
    assert (ended.returncode, ended.stdout) == (1, "")
    assert "cannot be replayed" in ended.stderr
    assert ended.stderr.count("\n") == 1


def test_files_links_and_agents_reach_the_replay(tmp_path: Path, tachograph: Run) -> None:
    """c points back at a with a link, b at nothing: with two workers b runs beside a and c. The agent's tokens and
    the steps below another span are found as well."""
    spans = []
    for number in range(1, 4):
        trace, zero = f"{number:032x}", number * 1_000 * MS
        link = {"links": [{"traceId": trace, "spanId": f"{number * 100 + 1:016x}"}]}
        none: dict[str, Any] = {"facts": {"dev_agency.step.depends_on": []}}
        below = {"trace": trace, "parent": number * 100 + 9}
        spans += [
            recipe(number * 100, "ship", trace=trace, start=zero, end=zero + 300 * MS),
            span(number * 100 + 9, name="loop", trace=trace, parent=number * 100, start=zero, end=zero + 300 * MS),
            step(number * 100 + 1, "a", start=zero, end=zero + 100 * MS, **below, **none),
            step(number * 100 + 2, "b", start=zero + 100 * MS, end=zero + 200 * MS, **below, **none),
            step(number * 100 + 3, "c", start=zero + 200 * MS, end=zero + 300 * MS, **below, **link),
            agent(number * 100 + 4, "coder", trace=trace, parent=number * 100 + 3, start=zero + 200 * MS,
                  end=zero + 300 * MS),
        ]  # fmt: skip
    (tmp_path / "spans.jsonl").write_bytes(line(*spans))
    assert tachograph("ingest", "spans.jsonl").returncode == 0
    made = json.loads(tachograph("what-if", "ship", "--workers", "2", "--format", "json").stdout)
    assert (made["baseline_p50_ms"], made["predicted_p50_ms"]) == (300, 200)
    ended = tachograph("what-if", "ship", "--agent", "c=nobody")
    assert ended.stderr.strip().endswith("those that did: coder")
