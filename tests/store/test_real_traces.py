"""Real runs of seven agent frameworks: what the store says of them equals a short computation from the files."""

import json
from pathlib import Path
from typing import Any

import pytest
from telemetry import rows

from tachograph.store import Store, ingest, read_trace

FRAMEWORKS = ("agno", "google", "langchain", "llama_index", "openai", "smolagents", "tinyagent")


def facts(span: dict[str, Any]) -> dict[str, Any]:
    return {pair["key"]: next(iter(pair["value"].values())) for pair in span["attributes"]}


@pytest.mark.parametrize("framework", FRAMEWORKS)
def test_one_run_of_a_framework(store: Store, fixtures: Path, framework: str) -> None:
    """Nothing is rejected; tokens, cost, duration and success are those of the one agent in the file."""
    file = fixtures / "agent_traces" / f"{framework}.otlp.jsonl"
    (group,) = json.loads(file.read_text())["resourceSpans"]
    spans = group["scopeSpans"][0]["spans"]
    (root,) = [span for span in spans if facts(span)["gen_ai.operation.name"] == "invoke_agent"]
    calls = [facts(span) for span in spans if facts(span)["gen_ai.operation.name"] == "call_llm"]
    tools = [span for span in spans if facts(span)["gen_ai.operation.name"] == "execute_tool"]

    result = ingest(store, [file])
    assert (result.spans, result.executions, result.rejected) == (len(spans), 1, 0)
    (found,) = rows(
        store,
        "SELECT name, success, duration_ns, input_tokens, own_input_tokens, output_tokens, model_calls, tool_calls, "
        "usage_known, wasted_tokens FROM executions",
    )
    sent = sum(int(call["gen_ai.usage.input_tokens"]) for call in calls)
    received = sum(int(call["gen_ai.usage.output_tokens"]) for call in calls)
    duration = int(root["endTimeUnixNano"]) - int(root["startTimeUnixNano"])
    assert found == ("any_agent", True, duration, sent, sent, received, len(calls), len(tools), True, 0)
    cost = sum(call["gen_ai.usage.input_cost"] + call["gen_ai.usage.output_cost"] for call in calls)
    assert rows(store, "SELECT cost_usd FROM executions") == [(pytest.approx(cost),)]


def test_calls_whose_parents_are_missing_are_adopted(store: Store, fixtures: Path) -> None:
    """google-adk leaves out the spans between: all its calls hang under the agent that was running."""
    ingest(store, [fixtures / "agent_traces" / "google.otlp.jsonl"])
    ((trace, agent, partial),) = rows(store, "SELECT trace_id, span_id, partial FROM executions")
    assert partial
    below = [span for span in read_trace(store, trace) if span.span_id != agent]
    assert len(below) == 6
    assert {span.adopted_parent_id for span in below} == {agent}


def test_all_of_them_together(store: Store, fixtures: Path) -> None:
    """As a folder, twice."""
    first = ingest(store, [fixtures / "agent_traces"])
    assert (first.executions, first.rejected, first.duplicates) == (len(FRAMEWORKS), 0, 0)
    again = ingest(store, [fixtures / "agent_traces"])
    assert (again.spans, again.duplicates) == (0, first.spans)
