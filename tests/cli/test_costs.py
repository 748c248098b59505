"""Costs as the commands tell them: per agent, recipe, model and success, with the user's own prices first."""

import json
from pathlib import Path
from typing import Any

import pytest
from support import Run
from telemetry import FAILED, agent, call, line, recipe, write

OPUS = {"gen_ai.request.model": "claude-opus-4-1", "gen_ai.provider.name": "anthropic"}
WINDOW = ("--since", "2025-10-01", "--until", "2025-11-01")


@pytest.fixture
def told(tmp_path: Path) -> Path:
    """Two recipes, one of which failed, each with an agent that called Claude Opus 4.1 and a model nobody knows.

    At 15 and 75 dollars a million tokens a call of 1,000 and 100 costs 0.0225 dollars.
    """
    spans = [
        recipe(1), agent(2, parent=1), call(3, (1_000, 100), parent=2, facts=OPUS), call(4, parent=2),
        recipe(5, **FAILED), agent(6, parent=5), call(7, (1_000, 100), parent=6, facts=OPUS),
    ]  # fmt: skip
    return write(tmp_path / "told.jsonl", line(*spans))


def asked(tachograph: Run, *arguments: str) -> Any:
    """The JSON of an answer."""
    ended = tachograph(*arguments, "--format", "json")
    assert ended.returncode == 0, ended.stderr
    return json.loads(ended.stdout)


def test_agents_and_recipes(told: Path, tachograph: Run) -> None:
    """What all calls cost, what failed cost, and what a success costs; the call without a price is counted."""
    assert tachograph("ingest", told).returncode == 0
    for (found,) in (asked(tachograph, "agents"), asked(tachograph, "recipes")):
        assert found["cost_usd"] == pytest.approx(0.045)
        assert found["wasted_cost_usd"] == pytest.approx(0.0225)
        assert found["unpriced_calls"] == 1
    (of_agent,), (of_recipe,) = asked(tachograph, "agents"), asked(tachograph, "recipes")
    assert of_agent["cost_per_success_usd"] == pytest.approx(0.045 / 2)
    assert of_recipe["cost_per_success_usd"] == pytest.approx(0.045 / 1)
    assert [(it["model"], it["calls"], it["cost_usd"]) for it in of_agent["cost_by_model"]] == [
        ("claude-opus-4-1", 2, pytest.approx(0.045)), ("m", 1, None),
    ]  # fmt: skip


def test_the_report(told: Path, tachograph: Run, tmp_path: Path) -> None:
    """The same in its summary, as text, Markdown and on the page: a lower bound, and which model has no price."""
    tachograph("ingest", told)
    cost = asked(tachograph, "report", *WINDOW)["summary"]["cost"]
    assert (cost["calls"], cost["unpriced_calls"], cost["cost_usd"]) == (3, 1, pytest.approx(0.045))
    text = " ".join(tachograph("report", *WINDOW).stdout.split())
    assert "≥ $0.0450 for 3 model calls, $0.0225 (50.0 %) of it for results that were thrown away." in text
    assert "Left out, for want of a known price: calls of m, 1 in all." in text
    for kind in ("markdown", "html"):
        file = tmp_path / f"report.{kind}"
        assert tachograph("report", *WINDOW, "--format", kind, "-o", file).returncode == 0
        assert "≥ $0.0450 for 3 model calls" in file.read_text().replace("\\", "")


def test_metrics(told: Path, tachograph: Run) -> None:
    """What is exported for Prometheus has the cost by agent and model, and nothing where none is known."""
    tachograph("ingest", told)
    lines = tachograph("export", "--format", "prometheus").stdout.splitlines()
    found = [it for it in lines if it.startswith("dev_agency_agent_cost_usd_total{")]
    assert [it.rsplit(" ", 1)[0] for it in found] == [
        'dev_agency_agent_cost_usd_total{agent_name="coder",model="claude-opus-4-1"}'
    ]
    assert float(found[0].rsplit(" ", 1)[1]) == pytest.approx(0.045)


def test_ones_own_prices(told: Path, tachograph: Run, tmp_path: Path) -> None:
    """A file that is named later prices what is stored with the next ingest; the one in the home needs no name."""
    tachograph("ingest", told)
    file = write(tmp_path / "mine.toml", b'[[price]]\nmodel = "m"\ninput = 1000.0\noutput = 0.0\n')
    assert tachograph("ingest", told, TACHOGRAPH_PRICES=str(file)).returncode == 0
    (found,) = asked(tachograph, "agents")
    assert (found["cost_usd"], found["unpriced_calls"]) == (pytest.approx(0.145), 0)
    (tmp_path / "home" / "prices.toml").write_bytes(file.read_bytes().replace(b"1000.0", b"2000.0"))
    assert tachograph("ingest", told).returncode == 0
    (found,) = asked(tachograph, "agents")
    assert found["cost_usd"] == pytest.approx(0.245)


def test_a_price_file_that_says_nonsense(told: Path, tachograph: Run, tmp_path: Path) -> None:
    """One line, wrong use."""
    file = write(tmp_path / "mine.toml", b'[[price]]\nmodel = "m"\n')
    refused = tachograph("ingest", told, TACHOGRAPH_PRICES=str(file))
    assert (refused.returncode, refused.stderr.count("\n")) == (2, 1)
    assert "says nothing of input" in refused.stderr


def test_doctor_names_models_without_a_price(told: Path, tachograph: Run) -> None:
    """As a fact, and no fault of the telemetry."""
    tachograph("ingest", told)
    (found,) = (it for it in asked_of_doctor(tachograph) if it["check"] == "priced")
    assert (found["state"], "calls without a known cost: 1 (m)" in found["finding"]) == ("ok", True)


def asked_of_doctor(tachograph: Run) -> Any:
    """Its findings, whatever its exit status is."""
    return json.loads(tachograph("doctor", "--format", "json").stdout)
