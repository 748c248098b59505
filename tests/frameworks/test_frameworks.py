"""Real frameworks at work with a model on loopback: what is recorded is what the program and the model saw."""

import json
from pathlib import Path

import pytest
from cases import CASES, NEWEST
from model_server import ModelServer
from running import Clocked, Ran, Work, counted, figures, run, seen
from support import Span

ALL = pytest.mark.parametrize("work", CASES, ids=str, indirect=True)


@ALL
def test_units_are_those_that_the_program_clocked(work: Work) -> None:
    """Agents, recipes, steps and tools are the program's own, as often, with the outcomes that it saw; each lies within
    the time that it took by the program's clock, or around it, where the clock stands in its body."""
    assert "tachograph: " not in work.ran.stderr, work.ran.stderr
    assert counted(seen(work.ran)) == counted(work.ran.clock)
    for clocked, recorded in _pairs(work.ran.clock, seen(work.ran)):
        assert _lies_in(clocked, recorded) or _lies_in(recorded, clocked), (clocked, recorded)


@ALL
def test_tokens_are_those_that_the_model_counted(work: Work) -> None:
    """Agents have the tokens of the requests that the model got, each once, streamed ones too, but for those that no
    agent made."""
    assert any(asked.is_streamed for asked in work.asked) or not work.case.streams
    told = [agent["tokens"] for agent in work.figures["agents"]]
    told += [_tokens(span) for span in work.ran.spans if span.name.startswith("chat ") and AGENT not in span.attributes]
    by_model = work.tokens
    if work.case.tells_cache != "always":
        untold = [asked for asked in work.asked if asked.is_streamed or work.case.tells_cache == "never"]
        hidden = sum(asked.cached_tokens for asked in untold)
        by_model = {**by_model, "input": by_model["input"] + hidden, "cache_read": by_model["cache_read"] - hidden}
    assert {kind: sum(tokens[kind] for tokens in told) for kind in by_model} == by_model


AGENT = "gen_ai.agent.name"


def _tokens(span: Span) -> dict[str, int]:
    whole, cached, output = (
        span.attributes.get(f"gen_ai.usage.{kind}", 0)
        for kind in ("input_tokens", "cache_read.input_tokens", "output_tokens")
    )
    return {"input": whole - cached, "cache_read": cached, "output": output}


@ALL
def test_model_calls_last_as_long_as_their_requests(work: Work) -> None:
    """There are as many model calls as the model got requests, and each request lies within one."""
    calls = [span for span in work.ran.spans if span.attributes.get("gen_ai.operation.name") == "chat"]
    assert len(calls) == len(work.asked)
    for asked in work.asked:
        assert any(call.start <= asked.start and asked.end <= call.end for call in calls)


@pytest.mark.parametrize("work", NEWEST, ids=str, indirect=True)
def test_a_short_command_says_the_same(work: Work, tmp_path: Path, installed: Path, model: ModelServer) -> None:
    """Under `tachograph run` as under the launcher; there the command itself is told of, besides."""
    case = work.case
    ran = figures(run(case.environment, case.program, model, tmp_path / "home", (installed,), launcher="tachograph"))
    assert [len(work.figures["tools"]), len(ran["tools"])] == [0, 1]
    assert {**ran, "tools": []} == work.figures


BESIDE = [pytest.param(case, other, id=f"{case}-{other}") for case in NEWEST for other in case.others]


@pytest.mark.parametrize(("work", "other"), BESIDE, indirect=["work"])
def test_figures_stay_as_they_are_beside_another_instrumentation(
    work: Work, other: str, tmp_path: Path, installed: Path, model: ModelServer
) -> None:
    """With the framework's own instrumentation, or one of somebody else's, every figure is what it is without."""
    beside = run(work.case.environment, work.case.program, model, tmp_path / "home", (installed,), other)
    assert _scopes(beside) - {"tachograph"}, "the other one recorded nothing"
    assert figures(beside) == work.figures


def _scopes(ran: Ran) -> set[str]:
    lines = [line for file in (ran.home / "spool").glob("*.otlp.jsonl") for line in file.read_text().splitlines()]
    return {
        scope["scope"]["name"]
        for line in lines
        for resource in json.loads(line).get("resourceSpans", [])
        for scope in resource["scopeSpans"]
    }


def _lies_in(inner: Clocked, outer: Clocked) -> bool:
    return outer.start <= inner.start and inner.end <= outer.end


def _pairs(clock: list[Clocked], recorded: list[Clocked]) -> list[tuple[Clocked, Clocked]]:
    """Each unit of the clock with the recorded one of its role and name, in the order of their starts."""

    def ordered(units: list[Clocked]) -> list[Clocked]:
        return sorted(units, key=lambda unit: (unit.role, unit.name, unit.start))

    return list(zip(ordered(clock), ordered(recorded), strict=True))
