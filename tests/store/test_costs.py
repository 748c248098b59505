"""What calls cost: what they state, else tokens at the prices of that time; worked out by hand here."""

from pathlib import Path
from typing import Any

import pytest
from telemetry import FAILED, START, agent, call, execution, line, read, recipe, rows, settled, step, tool

from tachograph.measure import costs, performance
from tachograph.records import Window
from tachograph.store import PricesUnreadable, Store, ingest, open_store

EVER = Window(0, 2**63 - 1)
SONNET = {"gen_ai.request.model": "claude-sonnet-4-5", "gen_ai.provider.name": "anthropic"}
PRICES = b"""
[[price]]
model = "mine-*"
input = 1.0
output = 2.0
"""


def sonnet(number: int, used: tuple[int, int], cached: tuple[int, int] = (0, 0), **more: Any) -> dict[str, Any]:
    """A call of Claude Sonnet 4.5, of whose input `cached` tokens were read from and written to a cache."""
    facts = SONNET | more.pop("facts", {})
    read, write = cached
    facts |= {"gen_ai.usage.cache_read.input_tokens": read, "gen_ai.usage.cache_write.input_tokens": write}
    return call(number, used, facts=facts, **more)


def mine(number: int, used: tuple[int, int] = (1_000_000, 0), **more: Any) -> dict[str, Any]:
    """A call of a model that only the price file of these tests knows, at a dollar."""
    return call(number, used, facts={"gen_ai.request.model": "mine-1"} | more.pop("facts", {}), **more)


@pytest.fixture
def prices(tmp_path: Path) -> Path:
    """A price file: a dollar a million tokens of input of mine-1, two of output."""
    file = tmp_path / "prices.toml"
    file.write_bytes(PRICES)
    return file


def test_a_call_costs_its_tokens(store: Store, file: Path) -> None:
    """Sonnet 4.5 at 3 and 15 dollars a million tokens, 0.30 from and 3.75 into the cache, each token once:
    700 · 3 + 200 · 0.30 + 100 · 3.75 + 50 · 15 = 3285 millionths of a dollar."""
    settled(store, file, [agent(1), sonnet(2, (1_000, 50), (200, 100), parent=1)])
    assert execution(store, 1)["cost_usd"] == pytest.approx(0.003285, rel=1e-12)
    (found,) = costs.summary(store, EVER).models
    assert (found.model, found.calls, found.unpriced_calls) == ("claude-sonnet-4-5", 1, 0)
    assert found.cost_usd == pytest.approx(0.003285, rel=1e-12)


def test_a_large_input_has_its_own_price(store: Store, file: Path) -> None:
    """Above 200,000 tokens of input all of them cost 6 dollars a million, output 22.50; up to there 3 and 15."""
    settled(store, file, [agent(1), sonnet(2, (200_001, 100), parent=1), agent(3), sonnet(4, (200_000, 100), parent=3)])
    assert execution(store, 1)["cost_usd"] == pytest.approx(200_001 * 6e-6 + 100 * 22.5e-6, rel=1e-12)
    assert execution(store, 3)["cost_usd"] == pytest.approx(200_000 * 3e-6 + 100 * 15e-6, rel=1e-12)


def test_prices_have_dates(store: Store, file: Path) -> None:
    """o3 cost 10 dollars a million tokens of input before 10 June 2025, and 2 from then on."""
    before, after = 1_749_513_599 * 10**9 - START, 1_749_513_600 * 10**9 - START
    facts = {"gen_ai.request.model": "o3", "gen_ai.provider.name": "openai"}
    first = call(2, (1_000_000, 0), parent=1, facts=facts, start=before, end=before + 1)
    second = call(4, (1_000_000, 0), parent=3, facts=facts, start=after, end=after + 1)
    settled(store, file, [agent(1, start=before, end=before + 2), first, agent(3, start=after, end=after + 2), second])
    assert [execution(store, number)["cost_usd"] for number in (1, 3)] == [pytest.approx(10), pytest.approx(2)]


def test_how_a_request_was_served_decides(store: Store, file: Path) -> None:
    """A flexible tier has its own price: GPT-5 at half of 1.25 dollars."""
    facts = {"gen_ai.request.model": "gpt-5", "gen_ai.provider.name": "openai"}
    flexible = facts | {"openai.response.service_tier": "flex"}
    late = 10**18
    calls = [
        call(number, (1_000_000, 0), parent=number - 1, facts=told, start=late, end=late + 1)
        for number, told in ((2, facts), (4, flexible))
    ]
    settled(store, file, [agent(1, start=late, end=late + 2), agent(3, start=late, end=late + 2), *calls])
    assert [execution(store, number)["cost_usd"] for number in (1, 3)] == [pytest.approx(1.25), pytest.approx(0.625)]


def test_what_is_not_known_is_no_zero(store: Store, file: Path) -> None:
    """A model without a price, a call without a model and one without usage are unknown, and counted as such."""
    nameless = {**call(4, parent=1), "attributes": [it for it in call(4)["attributes"] if "model" not in it["key"]]}
    settled(store, file, [agent(1), call(2, parent=1), call(3, None, parent=1, facts=SONNET), nameless])
    found = execution(store, 1)
    assert (found["cost_usd"], found["wasted_cost_usd"], found["unpriced_calls"]) == (None, None, 3)
    summary = costs.summary(store, EVER)
    assert (summary.cost_usd, summary.calls, summary.unpriced_calls) == (None, 3, 3)
    assert set(summary.unpriced_models) == {"m", "claude-sonnet-4-5", "unnamed"}


def test_a_call_that_failed_without_usage_is_no_unknown_cost(store: Store, file: Path) -> None:
    """A request that was refused is not paid for."""
    settled(store, file, [agent(1), call(2, None, parent=1, facts=SONNET, **FAILED), sonnet(3, (1_000, 0), parent=1)])
    found = execution(store, 1)
    assert (found["cost_usd"], found["unpriced_calls"]) == (pytest.approx(0.003), 0)


def test_what_runs_on_ones_own_machine_has_no_list_price(store: Store, file: Path) -> None:
    """A model of a known name that a local server runs costs nobody knows what."""
    settled(store, file, [agent(1), sonnet(2, (1_000, 0), parent=1, facts={"gen_ai.provider.name": "ollama"})])
    assert execution(store, 1)["cost_usd"] is None


def test_the_model_that_answered_is_what_is_paid(store: Store, file: Path) -> None:
    """A deployment has any name; what answered has its own. The cost stands under the name that was asked for."""
    facts = {"gen_ai.request.model": "our-deployment", "gen_ai.response.model": "claude-sonnet-4-5"}
    settled(store, file, [agent(1), sonnet(2, (1_000_000, 0), parent=1, facts=facts)])
    (found,) = costs.summary(store, EVER).models
    assert (found.model, found.cost_usd) == ("our-deployment", pytest.approx(6.0))


def test_a_stated_cost_wins_and_is_held_against_the_price(store: Store, file: Path) -> None:
    """The one that telemetry states counts; both are told, over the calls that have both."""
    stated = {"dev_agency.cost.usd": 0.5}
    settled(store, file, [agent(1), sonnet(2, (100_000, 0), parent=1, facts=stated), sonnet(3, (1_000, 0), parent=1)])
    assert execution(store, 1)["cost_usd"] == pytest.approx(0.503)
    summary = costs.summary(store, EVER)
    assert (summary.stated_usd, summary.computed_usd) == (0.5, pytest.approx(0.3))
    assert summary.cost_usd == pytest.approx(0.503)


def test_a_stated_total_stands_for_calls_that_state_none(store: Store, file: Path) -> None:
    """An agent that states what it cost is believed before prices; calls that state theirs before the agent."""
    total = {"dev_agency.cost.usd": 2.0}
    settled(
        store, file,
        [
            agent(1, facts=total), sonnet(2, (100_000, 0), parent=1), call(3, parent=1),
            agent(4, facts=total), sonnet(5, (1_000, 0), parent=4, facts={"dev_agency.cost.usd": 0.25}),
            sonnet(6, (1_000_000, 0), parent=4),
        ],
    )  # fmt: skip
    assert [execution(store, n)["cost_usd"] for n in (1, 4)] == [2.0, pytest.approx(6.25)]
    assert [execution(store, n)["unpriced_calls"] for n in (1, 4)] == [0, 0]


def test_a_total_of_tokens_around_calls_is_not_priced_again(store: Store, file: Path) -> None:
    """Only leaf calls are paid; a wrapper around a call that states its cost adds nothing."""
    wrapper = sonnet(2, (5_000, 0), parent=1)
    settled(
        store, file,
        [
            agent(1, facts=SONNET | {"gen_ai.usage.input_tokens": 9_000, "gen_ai.usage.output_tokens": 0}), wrapper,
            sonnet(3, (1_000, 0), parent=2),
            agent(4), sonnet(5, (5_000, 0), parent=4), call(6, None, parent=5, facts={"dev_agency.cost.usd": 0.125}),
        ],
    )  # fmt: skip
    assert [execution(store, n)["cost_usd"] for n in (1, 4)] == [pytest.approx(0.003), 0.125]
    assert [execution(store, n)["unpriced_calls"] for n in (1, 4)] == [0, 0]


def test_a_call_that_two_tell_of_costs_what_either_states(store: Store, file: Path) -> None:
    """The span counts, the event of the same request is left out, and what only the event states is the cost."""
    facts = {"gen_ai.response.id": "r1"}
    stated = sonnet(3, (1_000, 0), parent=1, facts=facts | {"dev_agency.cost.usd": 0.5})
    file.write_bytes(
        line(agent(1), sonnet(2, (1_000, 0), parent=1, facts=facts)) + line(stated).replace(b'"tests"', b'"b"')
    )
    ingest(store, [file])
    found = execution(store, 1)
    assert (found["model_calls"], found["cost_usd"], found["unpriced_calls"]) == (1, 0.5, 0)
    summary = costs.summary(store, EVER)
    assert (summary.calls, summary.stated_usd, summary.computed_usd) == (1, 0.5, pytest.approx(0.003))


def test_what_was_thrown_away_is_told(store: Store, file: Path, prices: Path) -> None:
    """Of five dollars three are wasted: a failed call, a call made again, a call in a step that failed."""
    again = {"dev_agency.call.hash": "same"}
    spans = [
        recipe(1), step(2, parent=1), agent(3, parent=2), mine(4, parent=3, **FAILED),
        mine(5, parent=3, facts=again), mine(6, parent=3, facts=again, start=1_000, end=2_000), mine(7, parent=3),
        step(8, "fix", parent=1, **FAILED), agent(9, "fixer", parent=8), mine(10, parent=9),
    ]  # fmt: skip
    file.write_bytes(line(*spans))
    ingest(store, [file], prices=prices)
    found = {number: execution(store, number) for number in (1, 3, 9)}
    assert {n: (it["cost_usd"], it["wasted_cost_usd"]) for n, it in found.items()} == {1: (5, 3), 3: (4, 2), 9: (1, 1)}
    by_agent = {it.agent_name: (it.cost_usd, it.wasted_cost_usd) for it in performance.agents(store, EVER)}
    assert by_agent == {"coder": (4, 2), "fixer": (1, 1)}
    (whole,) = performance.recipes(store, EVER)
    assert (whole.cost_usd, whole.wasted_cost_usd, whole.cost_per_success_usd) == (5, 3, 5)
    summary = costs.summary(store, EVER)
    assert (summary.cost_usd, summary.wasted_cost_usd, summary.calls) == (5, 3, 5)


def test_cost_per_success(store: Store, file: Path, prices: Path) -> None:
    """What all executions cost, failures included, shared among those that succeeded; unknown where none did."""
    spans = [agent(1), mine(2, parent=1), agent(3), mine(4, parent=3), agent(5, **FAILED), mine(6, parent=5)]
    lost = [agent(7, "hopeless", **FAILED), mine(8, parent=7), recipe(9, **FAILED), mine(10, parent=9)]
    file.write_bytes(line(*spans, *lost))
    ingest(store, [file], prices=prices)
    found = {it.agent_name: it.cost_per_success_usd for it in performance.agents(store, EVER)}
    assert found == {"coder": 1.5, "hopeless": None}
    (whole,) = performance.recipes(store, EVER)
    assert (whole.cost_usd, whole.cost_per_success_usd) == (1, None)


def test_calls_outside_any_agent_are_in_the_total(store: Store, file: Path, prices: Path) -> None:
    """They belong to no agent and are paid all the same; a person's and a skipped execution's calls are not counted."""
    skipped, person = {"dev_agency.outcome": "skip"}, {"dev_agency.executor": "human"}
    spans = [mine(1), tool(2), mine(3, parent=2), agent(4, facts=skipped), mine(5, parent=4)]
    file.write_bytes(line(*spans, agent(6, facts=person), mine(7, parent=6)))
    ingest(store, [file], prices=prices)
    assert (costs.summary(store, EVER).cost_usd, costs.summary(store, EVER).calls) == (2, 2)


def test_the_price_file_wins(store: Store, file: Path, prices: Path) -> None:
    """Over the list price, from its date on, for the provider that it names; the last entry that fits holds."""
    prices.write_text("""
        price = [
          { model = "claude-*", provider = "Anthropic", from = 2025-10-09, input = 1, output = 2, cache_read = 0.5 },
          { model = "claude-sonnet-*", above = 1000, from = 2025-10-09, input = 7, output = 2, request = 0.25 },
        ]
    """)
    early = -86_400 * 10**9
    spans = [
        agent(1), sonnet(2, (1_000, 100), (600, 100), parent=1), agent(3), sonnet(4, (1_001, 0), parent=3),
        agent(5, start=early, end=early + 2), sonnet(6, (1_000, 0), parent=5, start=early, end=early + 1),
    ]  # fmt: skip
    file.write_bytes(line(*spans))
    ingest(store, [file], prices=prices)
    found = [execution(store, number)["cost_usd"] for number in (1, 3, 5)]
    assert found == [pytest.approx(c) for c in (400e-6 + 600 * 0.5e-6 + 100 * 2e-6, 0.25 + 1_001 * 7e-6, 0.003)]
    assert {source for (source,) in rows(store, "SELECT source FROM prices")} >= {"prices.toml"}


def test_other_prices_change_what_is_stored(store: Store, file: Path, prices: Path) -> None:
    """The next ingest prices anew what has other prices now, and leaves the rest as it is."""
    file.write_bytes(line(agent(1), mine(2, parent=1), agent(3, trace="1" * 32), sonnet(4, (1_000, 0), trace="1" * 32)))
    ingest(store, [file])
    assert [execution(store, n)["cost_usd"] for n in (1,)] == [None]
    ingest(store, [], prices=prices)
    assert execution(store, 1)["cost_usd"] == 1
    prices.write_bytes(PRICES.replace(b"1.0", b"3.0"))
    ingest(store, [], prices=prices)
    assert execution(store, 1)["cost_usd"] == 3
    assert costs.summary(store, EVER).cost_usd == pytest.approx(3.003)
    ingest(store, [])
    assert execution(store, 1)["cost_usd"] is None


def test_figures_agree(store: Store, fixtures: Path) -> None:
    """Over real traces the sums by model, by agent and of executions are the same."""
    ingest(store, [fixtures / "agent_traces"])
    for name, cost in rows(store, "SELECT name, sum(own_cost_usd) FROM executions WHERE role = 'agent' GROUP BY name"):
        found = costs.by_model(costs.rows(store, EVER, name))
        assert costs.known_sum(model.cost_usd for model in found) == (None if cost is None else pytest.approx(cost))


@pytest.mark.parametrize(
    ("content", "why"),
    [
        ("price = 5", "[[price]]"), ("[prices]\nmodel = 'm'", "[[price]]"), ("[[price]]\ninput = 1", "no model"),
        ("[[price]]\nmodel = 'm'\ninput = 1", "output"), ("[[price]]\nmodel = 'm'\ninput = 1\noutput = -1", "amount"),
        ("[[price]]\nmodel = 'm'\ninput = 1\noutput = 'a'", "amount"), ("price = [1]", "no table"),
        ("[[price]]\nmodel = 'm'\ninput = 1\noutput = 1\nfrom = 'May'", "date"), ("[[", "Invalid"),
        ("[[price]]\nmodel = 'm'\ninput = 1\noutput = 1\ninptu = 1", "inptu"), ("[[price]]\nmodel = 1", "no text"),
    ],
)  # fmt: skip
def test_a_price_file_that_cannot_be_read(store: Store, file: Path, prices: Path, content: str, why: str) -> None:
    """One line says what is wrong, and nothing is stored."""
    prices.write_text(content)
    file.write_bytes(line(agent(1)))
    with pytest.raises(PricesUnreadable, match=r"docs/cost\.md") as refused:
        ingest(store, [file], prices=prices)
    assert why in str(refused.value)
    assert rows(store, "SELECT count(*) FROM spans") == [(0,)]


def test_a_price_file_that_is_missing(store: Store, tmp_path: Path) -> None:
    """Whoever names one wants it."""
    with pytest.raises(PricesUnreadable, match="No such file"):
        ingest(store, [], prices=tmp_path / "none.toml")


def test_a_second_ingest_looks_nothing_up(tmp_path: Path, file: Path) -> None:
    """Prices are kept with the store: the catalogue is loaded for new models only."""
    import subprocess
    import sys

    with open_store(tmp_path / "store.db") as store:
        read(store, file, line(agent(1), sonnet(2, (1_000, 0), parent=1)))
    more = tmp_path / "more.jsonl"
    more.write_bytes(line(agent(3), sonnet(4, (2_000, 0), parent=3)))
    code = (
        "import sys; from pathlib import Path; from tachograph.store import ingest, open_store\n"
        "with open_store(sys.argv[1]) as store: assert ingest(store, [Path(sys.argv[2])]).spans == 2\n"
        "sys.exit('genai_prices' in sys.modules)"
    )
    command = [sys.executable, "-c", code, str(tmp_path / "store.db"), str(more)]
    assert subprocess.run(command, check=False).returncode == 0
    with open_store(tmp_path / "store.db", read_only=True) as store:
        assert execution(store, 3)["cost_usd"] == pytest.approx(0.006)
