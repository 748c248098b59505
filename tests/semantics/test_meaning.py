"""Roles, outcomes and token usage of single spans, in our own words and in other dialects."""

from typing import Any

import pytest

from tachograph import vocabulary as v
from tachograph.semantics import dialects, roles
from tachograph.semantics.outcome import outcome
from tachograph.semantics.usage import Usage, usage


@pytest.mark.parametrize(
    ("name", "attributes", "role", "component"),
    [
        ("invoke_agent coder", {v.OPERATION: "invoke_agent", v.AGENT_NAME: "coder"}, "agent", "coder"),
        ("invoke_workflow fix", {v.OPERATION: "invoke_workflow", v.RECIPE_NAME: "fix"}, "recipe", "fix"),
        ("call_llm m", {v.OPERATION: "call_llm", v.REQUEST_MODEL: "m"}, "model", "m"),
        ("embeddings m", {v.OPERATION: "embeddings", "gen_ai.response.model": "m"}, "model", "m"),
        ("execute_tool ls", {v.OPERATION: "execute_tool", v.TOOL_NAME: "ls"}, "tool", "ls"),
        ("prepare_context", {v.OPERATION_KIND: "prepare_context"}, "context", "prepare_context"),
        ("step test", {v.STEP_NAME: "test"}, "step", "test"),
        ("whatever", {v.STEP_NAME: "test", v.STEP_INDEX: 0}, "step", "test"),
        ("GET /", {v.STEP_NAME: "test"}, "other", "GET /"),
        ("chat m", {v.OPERATION: "chat", v.STEP_NAME: "test", v.AGENT_NAME: "coder"}, "model", "chat m"),
        ("app go", {v.COMMAND_NAME: "app go"}, "command", "app go"),
        ("ls", {v.EXECUTABLE_NAME: "ls", v.EXIT_CODE: 0}, "command", "ls"),
        ("odd", {v.OPERATION: ["chat"], v.OPERATION_KIND: ["x"]}, "other", "odd"),
    ],
)
def test_a_span_has_one_role_and_one_name(name: str, attributes: dict[str, Any], role: str, component: str) -> None:
    """Inherited attributes do not make a span what its parent is; odd values do not disturb."""
    assert roles.role(name, attributes) == role
    assert roles.component(name, attributes, role) == component


@pytest.mark.parametrize(
    ("attributes", "error", "expected"),
    [
        ({}, False, "success"),
        ({}, True, "failure"),
        ({v.EXIT_CODE: 3}, False, "failure"),
        ({v.EXIT_CODE: 0}, False, "success"),
        ({v.OUTCOME: "timeout"}, False, "timeout"),
        ({v.OUTCOME: "success"}, True, "success"),
        ({v.OUTCOME: "splendid"}, True, "failure"),
    ],
)
def test_an_outcome_is_named_or_follows_from_status_and_exit_code(
    attributes: dict[str, Any], error: bool, expected: str
) -> None:
    """The attribute wins over the status; a word that is no outcome counts as absent."""
    assert outcome(attributes, status_is_error=error) == expected


def test_cached_tokens_are_counted_once() -> None:
    """The convention's input includes what was cached; the parts add up to input + output again."""
    found = usage({v.INPUT_TOKENS: 100, v.OUTPUT_TOKENS: 20, v.CACHE_READ_TOKENS: 60, v.CACHE_WRITE_TOKENS: 10})
    assert found == Usage(input=30, cache_read=60, cache_write=10, output=20)
    assert found.total == 120


def test_the_older_name_of_cache_writes_is_read() -> None:
    """`cache_creation` became `cache_write`."""
    found = usage({v.INPUT_TOKENS: 50, "gen_ai.usage.cache_creation.input_tokens": 40})
    assert found == Usage(input=10, cache_write=40)


@pytest.mark.parametrize("value", [True, "12", -1, 1.5, None, float("nan"), float("inf")])
def test_what_is_no_count_is_unknown_usage(value: Any) -> None:
    """Unknown is not zero: a span with nonsense for tokens reports no usage at all."""
    assert usage({v.INPUT_TOKENS: value}) is None


def test_a_fact_split_over_two_attributes_is_added_up() -> None:
    """Some dialects report the cost of input and output apart."""
    split = {"gen_ai.usage.input_cost": 0.25, "gen_ai.usage.output_cost": 0.5}
    assert dialects.read(split, v.COST_USD) == 0.75
    assert dialects.read({**split, v.COST_USD: 2.0}, v.COST_USD) == 2.0
    assert dialects.read({}, v.COST_USD) is None


_CALL = {v.INPUT_TOKENS: 100, v.OUTPUT_TOKENS: 20, v.CACHE_READ_TOKENS: 60, v.CACHE_WRITE_TOKENS: 10}


@pytest.mark.parametrize(
    ("attributes", "role", "component"),
    [
        ({"openinference.span.kind": "LLM", "llm.model_name": "m"}, "model", "m"),
        ({"openinference.span.kind": "EMBEDDING", "embedding.model_name": "m"}, "model", "m"),
        ({"openinference.span.kind": "AGENT", "agent.name": "coder"}, "agent", "coder"),
        ({"openinference.span.kind": "TOOL", "tool.name": "ls"}, "tool", "ls"),
        ({"openinference.span.kind": "CHAIN"}, "other", "span"),
        ({"openinference.span.kind": ["LLM"]}, "other", "span"),
        ({"traceloop.span.kind": "workflow", "traceloop.entity.name": "fix"}, "recipe", "fix"),
        ({"traceloop.span.kind": "task", "traceloop.entity.name": "test"}, "step", "test"),
        ({"traceloop.span.kind": "agent", "traceloop.entity.name": "coder"}, "agent", "coder"),
        ({"traceloop.span.kind": "tool", "traceloop.entity.name": "ls"}, "tool", "ls"),
        ({"llm.request.type": "chat", "gen_ai.response.model": "m"}, "model", "m"),
        ({v.OPERATION: "invoke_agent", "openinference.span.kind": "LLM", v.AGENT_NAME: "a"}, "agent", "a"),
    ],
)
def test_other_dialects_name_the_same_roles(attributes: dict[str, Any], role: str, component: str) -> None:
    """By the kind of a span; what the convention itself says wins, and a chain may be anything."""
    assert roles.role("span", attributes) == role
    assert roles.component("span", attributes, role) == component


@pytest.mark.parametrize(
    "names",
    [
        ("gen_ai.usage.prompt_tokens", "gen_ai.usage.completion_tokens", "gen_ai.usage.cache_read_input_tokens"),
        ("llm.token_count.prompt", "llm.token_count.completion", "llm.token_count.prompt_details.cache_read"),
        ("llm.usage.prompt_tokens", "llm.usage.completion_tokens", v.CACHE_READ_TOKENS),
    ],
)
def test_other_dialects_report_the_same_usage(names: tuple[str, str, str]) -> None:
    """Input includes what was cached, under whichever name; a total alone says nothing of its parts."""
    used = dict(zip(names, (100, 20, 60), strict=True))
    assert usage(used) == usage({**_CALL, v.CACHE_WRITE_TOKENS: 0})
    assert usage({"llm.usage.total_tokens": 120, "llm.token_count.total": 120}) is None


def test_attributes_of_a_dialect_get_our_names_as_well() -> None:
    """Nothing that was said is lost, our own name wins, and where there is no dialect nothing is copied."""
    said = {
        "openinference.span.kind": "LLM",
        "llm.model_name": "m",
        "llm.cost.prompt": 0.25,
        "llm.cost.completion": 0.5,
    }
    found = dialects.canonical(said)
    assert found == {**said, v.OPERATION: "chat", v.REQUEST_MODEL: "m", v.COST_USD: 0.75}
    assert dialects.canonical({**said, v.REQUEST_MODEL: "ours"})[v.REQUEST_MODEL] == "ours"
    ours = {v.OPERATION: "chat", v.REQUEST_MODEL: "m", **_CALL}
    assert dialects.canonical(ours) is ours


def test_every_fact_of_the_table_is_a_name_of_the_vocabulary() -> None:
    """A slip of the pen there would be an attribute that nobody reads."""
    known = {value for value in vars(v).values() if isinstance(value, str)}
    assert {*dialects.ALIASES, *dialects.KINDS, *dialects.BY_KIND, *dialects.SUMS} <= known
    assert not dialects.FOREIGN & {*dialects.ALIASES, *dialects.KINDS, *dialects.BY_KIND, *dialects.SUMS}
