"""Two instrumentations that tell of the same calls: figures are as if one of them were not there, and it is said."""

import json
from pathlib import Path
from typing import Any

import pytest
from telemetry import agent, attributes, rows, span

from tachograph.store import Store, ingest

COLUMNS = (
    "name", "input_tokens", "cache_read_tokens", "output_tokens", "wasted_tokens", "model_calls", "model_ns",
    "tool_calls",
)  # fmt: skip
# Start, end, input with what a cache held, cached, output of an agent's calls; the middle two are alike.
CALLS = ((100, 300, 100, 40, 20), (300, 500, 150, 0, 30), (500, 700, 150, 0, 30), (750, 900, 90, 10, 5))
OURS, THEIRS = "tachograph", "somebody.else"


def genai(call: tuple[int, ...], name: str | None = None) -> dict[str, Any]:
    facts = {
        "gen_ai.operation.name": "chat", "gen_ai.request.model": "m", "gen_ai.usage.input_tokens": call[2],
        "gen_ai.usage.cache_read.input_tokens": call[3], "gen_ai.usage.output_tokens": call[4],
    }  # fmt: skip
    return facts | ({"gen_ai.response.id": name} if name else {})


def openinference(call: tuple[int, ...], _: str | None = None) -> dict[str, Any]:
    return {
        "openinference.span.kind": "LLM", "llm.model_name": "m", "llm.token_count.prompt": call[2],
        "llm.token_count.prompt_details.cache_read": call[3], "llm.token_count.completion": call[4],
    }  # fmt: skip


def openllmetry(call: tuple[int, ...], _: str | None = None) -> dict[str, Any]:
    return {
        "llm.request.type": "chat", "gen_ai.request.model": "m", "gen_ai.usage.prompt_tokens": call[2],
        "gen_ai.usage.cache_read_input_tokens": call[3], "gen_ai.usage.completion_tokens": call[4],
    }  # fmt: skip


def line(**scopes: list[dict[str, Any]]) -> bytes:
    told = [{"scope": {"name": name}, "spans": spans} for name, spans in scopes.items()]
    service = {"attributes": attributes({"service.name": "test"})}
    return json.dumps({"resourceSpans": [{"resource": service, "scopeSpans": told}]}).encode() + b"\n"


def once(named: bool = False) -> list[dict[str, Any]]:
    """An agent with its calls, as one instrumentation tells."""
    calls = [
        span(10 + at, genai(call, f"r{at}" if named else None), parent=1, name="chat m", start=call[0], end=call[1])
        for at, call in enumerate(CALLS)
    ]
    return [agent(1, start=0, end=1_000), *calls]


def figures(store: Store, folder: Path, data: bytes) -> list[tuple[Any, ...]]:
    file = folder / "telemetry.jsonl"
    file.write_bytes(data)
    assert ingest(store, [file]).rejected == 0
    return rows(store, f"SELECT {', '.join(COLUMNS)} FROM executions ORDER BY start_ns, name")


EXPECTED = [("coder", 440, 50, 85, 0, 4, 750, 0)]


@pytest.mark.parametrize("dialect", [genai, openinference, openllmetry])
@pytest.mark.parametrize("nested", [True, False], ids=["below", "beside"])
@pytest.mark.parametrize("named", [True, False], ids=["named", "unnamed"])
def test_a_second_instrumentation_changes_no_figure(
    store: Store, tmp_path: Path, dialect: Any, nested: bool, named: bool
) -> None:
    """Its spans lie in ours, where the innermost counts, or beside them, a little shorter; two alike stay two."""
    less = 0 if nested else 5
    theirs = [
        span(
            50 + at,
            dialect(call),
            parent=10 + at if nested else 1,
            name="llm",
            start=call[0] + less,
            end=call[1] - less,
        )
        for at, call in enumerate(CALLS)
    ]
    assert figures(store, tmp_path, line(**{OURS: once(named), THEIRS: theirs})) == EXPECTED
    assert rows(store, "SELECT doubled_calls, doubled_tokens FROM executions") == ([(0, 0)] if nested else [(4, 575)])


def test_one_alone(store: Store, tmp_path: Path) -> None:
    """What the others are held against, worked out by hand."""
    assert figures(store, tmp_path, line(**{OURS: once()})) == EXPECTED
    assert rows(store, "SELECT doubled_calls, doubled_tokens FROM executions") == [(0, 0)]


def test_calls_that_are_not_the_same_count(store: Store, tmp_path: Path) -> None:
    """Of another response, another time, another model; and what one instrumentation says twice."""
    call = CALLS[0]
    other = [
        span(50, genai(call, "another"), parent=1, name="chat m", start=call[0], end=call[1]),
        span(51, openinference(CALLS[1]), parent=1, name="llm", start=920, end=950),
        span(52, {**openinference(CALLS[3]), "llm.model_name": "n"}, parent=1, name="llm", start=760, end=890),
    ]
    ((_, tokens, cached, output, _, calls, _, _),) = figures(store, tmp_path, line(**{OURS: once(True), THEIRS: other}))
    added = (call, CALLS[1], CALLS[3])
    assert calls == 7
    assert tokens + cached == 490 + sum(one[2] for one in added)
    assert output == 85 + sum(one[4] for one in added)


def test_a_stream_without_usage_is_unknown(store: Store, tmp_path: Path) -> None:
    """It is counted among the calls that say none, not as one that used nothing."""
    silent = span(60, {"gen_ai.operation.name": "chat", "gen_ai.request.model": "m"}, parent=1, start=910, end=950)
    figures(store, tmp_path, line(**{OURS: [*once(), silent]}))
    assert rows(store, "SELECT model_calls, unmetered_calls, input_tokens FROM executions") == [(5, 1, 440)]
