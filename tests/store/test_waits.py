"""What executions lose to refusals, to calls made again and to input sent again, by hand."""

from pathlib import Path
from typing import Any

import pytest
from telemetry import agent, line, read, rows, span

from tachograph.semantics.sampling import weight
from tachograph.store import Store

MS = 1_000_000


def model(number: int, start: int, end: int, **facts: Any) -> dict[str, Any]:
    """A model call, ms."""
    about = {
        "gen_ai.operation.name": "chat",
        "gen_ai.request.model": "m",
        **{k.replace("__", "."): v for k, v in facts.items()},
    }
    failed = facts.get("http__response__status_code", 200) >= 400
    more = {"status": {"code": 2}} if failed else {}
    return span(number, about, parent=1, start=start * MS, end=end * MS, **more)


def tool(number: int, start: int, end: int, call: str, *, ok: bool = True) -> dict[str, Any]:
    """A tool call, ms."""
    about = {"gen_ai.operation.name": "execute_tool", "gen_ai.tool.name": "t", "dev_agency.call.hash": call}
    return span(number, about, parent=1, start=start * MS, end=end * MS, **({} if ok else {"status": {"code": 2}}))


def lost(store: Store, file: Path, *spans: dict[str, Any]) -> dict[str, Any]:
    """The agent's row, times in ms."""
    assert read(store, file, line(agent(1, start=0, end=100_000 * MS), *spans)).rejected == 0
    names = "blocked_ns, blocked_calls, repeated_ns, repeated_calls, reread_ns, reread_calls, resent_tokens"
    ((*found,),) = rows(store, f"SELECT {names} FROM executions WHERE role = 'agent'")
    made = dict(zip(names.split(", "), found, strict=True))
    return {k.removesuffix("_ns"): v // MS if k.endswith("_ns") else v for k, v in made.items()}


def test_refusals_and_the_waits_after_them_are_blocked_time(store: Store, file: Path) -> None:
    """429 for 10 ms, 90 ms until the next attempt; 503 for 20 ms, 80 ms until the one that goes well: 200 ms."""
    found = lost(
        store,
        file,
        model(2, 0, 10, http__response__status_code=429),
        model(3, 100, 120, http__response__status_code=503),
        model(4, 200, 500, http__response__status_code=200),
    )
    assert (found["blocked"], found["blocked_calls"]) == (200, 2)


def test_the_same_call_in_a_row_is_a_loop_with_all_that_lies_between(store: Store, file: Path) -> None:
    """Two repetitions, each from the end of the call before: 40 + 60 ms, the model's turns between them included."""
    tools = [tool(2, 0, 10, "a", ok=False), tool(4, 40, 50, "a"), tool(6, 100, 110, "a")]
    found = lost(store, file, *tools, model(3, 10, 40), model(5, 50, 100))
    assert (found["repeated"], found["repeated_calls"], found["reread_calls"]) == (100, 2, 0)


def test_what_a_program_waits_before_it_tries_again_is_lost(store: Store, file: Path) -> None:
    """One turn of the model, and its call is made three times: 20 ms each, with the wait before it."""
    tools = [tool(3 + i, 10 + 20 * i, 20 + 20 * i, "a", ok=False) for i in range(3)]
    assert lost(store, file, model(2, 0, 10), *tools)["repeated"] == 40


def test_a_call_made_again_after_others_was_forgotten(store: Store, file: Path) -> None:
    """It had brought its result: the time since the call before it, 15 ms."""
    found = lost(store, file, tool(2, 0, 10, "a"), tool(3, 10, 20, "b"), tool(4, 25, 35, "a"))
    assert (found["reread"], found["reread_calls"], found["repeated_calls"]) == (15, 1, 0)


def test_calls_side_by_side_are_no_repetition(store: Store, file: Path) -> None:
    """Three of the same at once, and three more at 30 ms: these run for 10 ms, 20 after the others."""
    at_once = [tool(number, 0, 10, "a") for number in (2, 3, 4)]
    again = [tool(number, 30, 40, "a") for number in (5, 6, 7)]
    assert lost(store, file, *at_once) | {"blocked_calls": 0} == dict.fromkeys(lost(store, file, *at_once), 0)
    found = lost(store, file, *at_once, *again)
    assert (found["repeated"], found["repeated_calls"], found["reread_calls"]) == (30, 3, 0)


@pytest.mark.parametrize("new", [20, 22])
def test_a_call_made_again_beside_a_new_one_takes_what_it_runs_longer(store: Store, file: Path, new: int) -> None:
    """From 20 to 40 ms, the new one until 35, whichever of the two begins first."""
    beside = [tool(4, 20, 40, "a"), tool(5, new, 35, "b")]
    found = lost(store, file, tool(2, 0, 10, "a"), model(3, 10, 20), *beside)
    assert found["repeated"] + found["reread"] == 5 + (new - 20)


def test_input_sent_at_once_was_not_sent_before(store: Store, file: Path) -> None:
    """No cache has a prompt that is only being read."""
    usage = {"gen_ai__usage__input_tokens": 1_000, "gen_ai__usage__output_tokens": 1}
    calls = [model(2, 0, 10, **usage), model(3, 1, 11, **usage), model(4, 20, 30, **usage)]
    assert lost(store, file, *calls)["resent_tokens"] == 1_000


def test_a_tool_around_others_is_not_what_they_take(store: Store, file: Path) -> None:
    """It calls the same one three times, 10 ms each and nothing between: 20 ms are lost."""
    outer, inner = tool(2, 0, 32, "outer"), [tool(3 + i, 10 * i + 1, 10 * i + 11, "a") for i in range(3)]
    for each in inner:
        each["parentSpanId"] = outer["spanId"]
    assert lost(store, file, outer, *inner)["repeated"] == 20


def test_input_sent_again_counts_without_what_a_cache_spared(store: Store, file: Path) -> None:
    """1,000, then 1,500 of which 400 cached, then 1,200: 600 and 1,200 tokens were sent before."""
    usage = [(1_000, 0), (1_500, 400), (1_200, 0)]
    calls = [
        model(
            2 + i, 10 * i, 10 * i + 5,
            gen_ai__usage__input_tokens=whole, gen_ai__usage__output_tokens=1,
            gen_ai__usage__cache_read__input_tokens=cached,
        )
        for i, (whole, cached) in enumerate(usage)
    ]  # fmt: skip
    assert lost(store, file, *calls)["resent_tokens"] == 600 + 1_200


@pytest.mark.parametrize(
    ("state", "stands_for"),
    [
        (None, 1.0),
        ("", 1.0),
        ("vendor=x", 1.0),
        ("ot=th:0", 1.0),
        ("ot=th:8", 2.0),
        ("ot=th:c", 4.0),
        ("ot=rv:abcdef01234567;th:f", 16.0),
        ("vendor=x,ot=th:fd70a3d70a3d71", 100.0),
        ("ot=th:zz", 1.0),
        ("hot=th:8", 1.0),
    ],
)
def test_a_sampled_span_stands_for_as_many_as_its_threshold_says(state: str | None, stands_for: float) -> None:
    """1 / (1 - th / 2^56), the specification's own examples among them."""
    assert weight(state) == pytest.approx(stands_for, rel=1e-6)


def test_a_round_that_asks_for_something_new_as_well_is_not_wasted(store: Store, file: Path) -> None:
    """Read again beside a new call: its own 5 ms. Alone: with the 30 ms in which the model asked for it."""
    first = [model(2, 0, 10), tool(3, 10, 20, "a")]
    beside = [model(4, 20, 50), tool(5, 50, 55, "a"), tool(6, 55, 65, "b")]
    alone = [model(7, 65, 95), tool(8, 95, 100, "a")]
    found = lost(store, file, *first, *beside, *alone)
    assert (found["repeated"], found["reread"]) == (5, 35)


def test_a_model_that_says_what_it_asks_counts_once(store: Store, file: Path) -> None:
    """Asked the same again, 20 ms; the round of a call made again is counted with the call."""
    asks = {"dev_agency__call__hash": "same"}
    calls = [model(2, 0, 10, **asks), tool(3, 10, 20, "a"), model(4, 20, 40, **asks), tool(5, 40, 50, "a")]
    found = lost(store, file, *calls)
    assert found["repeated"] + found["reread"] == 30
