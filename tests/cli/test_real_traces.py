"""Traces of seven agent frameworks that nobody here wrote, against figures from a short script of its own."""

import json
from pathlib import Path
from typing import Any

import pytest
from support import Run

FRAMEWORKS = ("agno", "google", "langchain", "llama_index", "openai", "smolagents", "tinyagent")


def by_hand(file: Path) -> dict[str, Any]:
    """What the one agent run in the file used; calls go by their operation, parents are not looked at."""
    spans = [
        ({a["key"]: next(iter(a["value"].values())) for a in span["attributes"]}, span)
        for line in file.read_text().splitlines()
        for resource in json.loads(line)["resourceSpans"]
        for scope in resource["scopeSpans"]
        for span in scope["spans"]
    ]
    (agent,) = [span for attributes, span in spans if attributes["gen_ai.operation.name"] == "invoke_agent"]
    calls = [attributes for attributes, _ in spans if attributes["gen_ai.operation.name"] == "call_llm"]
    return {
        "spans": len(spans),
        "input": sum(int(call["gen_ai.usage.input_tokens"]) for call in calls),
        "output": sum(int(call["gen_ai.usage.output_tokens"]) for call in calls),
        "cost": sum(call["gen_ai.usage.input_cost"] + call["gen_ai.usage.output_cost"] for call in calls),
        "ms": (int(agent["endTimeUnixNano"]) - int(agent["startTimeUnixNano"])) / 1e6,
        "ok": agent["status"].get("code") != 2,
        "trace": agent["traceId"],
    }


@pytest.mark.parametrize("framework", FRAMEWORKS)
def test_figures_of_each_framework(framework: str, fixtures: Path, tachograph: Run) -> None:
    """Nothing rejected; tokens, duration, cost and success as computed by hand; every span in its trace."""
    file = fixtures / "agent_traces" / f"{framework}.otlp.jsonl"
    expected = by_hand(file)
    result = json.loads(tachograph("ingest", file, "--format", "json").stdout)
    assert result == {"spans": expected["spans"], "executions": 1, "duplicates": 0, "rejected": 0}
    (agent,) = json.loads(tachograph("agents", "--format", "json").stdout)
    assert agent["agent_name"] == "any_agent"
    assert (agent["tokens"]["input"], agent["tokens"]["output"]) == (expected["input"], expected["output"])
    assert agent["avg_tokens_used"] == expected["input"] + expected["output"]
    assert agent["avg_duration_ms"] == pytest.approx(expected["ms"], rel=1e-9)
    assert agent["cost_usd"] == pytest.approx(expected["cost"], rel=1e-9)
    assert agent["success_rate"] == (1.0 if expected["ok"] else 0.0)
    trace = json.loads(tachograph("trace", expected["trace"], "--format", "json").stdout)
    assert len(trace["spans"]) == expected["spans"]
    assert {span["role"] for span in trace["spans"]} == {"agent", "model", "tool"}
    assert trace["partial"] == (framework == "google")


def test_all_of_them_together(fixtures: Path, tachograph: Run) -> None:
    """A folder is read whole; one agent ran seven times."""
    files = [fixtures / "agent_traces" / f"{framework}.otlp.jsonl" for framework in FRAMEWORKS]
    expected = [by_hand(file) for file in files]
    tachograph("ingest", fixtures / "agent_traces")
    (agent,) = json.loads(tachograph("agents", "any_agent", "--format", "json").stdout)
    assert agent["total_invocations"] == 7
    assert agent["tokens"]["input"] == sum(one["input"] for one in expected)
    assert agent["avg_duration_ms"] == pytest.approx(sum(one["ms"] for one in expected) / 7, rel=1e-9)


def test_a_span_of_no_known_kind_stays_visible(tachograph: Run) -> None:
    """It counts for nothing, and is shown with its name."""
    ids = {"traceId": "ab" * 16, "startTimeUnixNano": "1", "endTimeUnixNano": "9"}
    spans = [
        {**ids, "spanId": "11" * 8, "name": "GET /users"},
        {**ids, "spanId": "22" * 8, "parentSpanId": "11" * 8, "name": "SELECT"},
    ]
    line = json.dumps({"resourceSpans": [{"scopeSpans": [{"spans": spans}]}]})
    assert json.loads(tachograph("ingest", "-", "--format", "json", stdin=line).stdout)["spans"] == 2
    assert "GET /users" in (text := tachograph("trace", "abab").stdout)
    assert "SELECT" in text
    assert json.loads(tachograph("agents", "--format", "json").stdout) == []
