"""Golden files: a turn of an agent in each dialect, by its documented names, and exactly what the store makes of it."""

from pathlib import Path
from typing import Any

import pytest
from telemetry import rows

from tachograph.store import Store, ingest

FOLDER = Path(__file__).with_name("dialects")
S = 1_000_000_000
COLUMNS = (
    "name", "outcome", "duration_ns", "input_tokens", "cache_read_tokens", "cache_write_tokens", "output_tokens",
    "model_calls", "tool_calls", "tool_ns", "person_ns", "cost_usd",
)  # fmt: skip
# All tell of the same two calls of a model, of 100 and 200 tokens of input, and of one call of a tool, which fails.
CONVENTION = ("coder", "success", 10 * S, 230, 60, 10, 60, 2, 1, 1 * S, 0, None)
EXPECTED = {
    "genai_1_41": [CONVENTION],
    "genai_next": [CONVENTION],
    "openinference": [CONVENTION],
    "openllmetry": [CONVENTION],
    "copilot_chat": [("coder", "success", 10 * S, 240, 60, 0, 60, 2, 1, 1 * S, 0, None)],
    "claude_code_spans": [("claude-code", "success", 30 * S, 230, 60, 10, 60, 3, 1, 1 * S, 10 * S, None)],
    "claude_code_events": [("claude-code", "failure", 20 * S, 230, 60, 10, 60, 3, 1, 1 * S, 0, 0.75)],
    "codex_events": [
        ("codex", "success", 8 * S, 240, 60, 0, 60, 2, 1, 1 * S, 0, None),
        ("codex", "failure", 3 * S, 0, 0, 0, 0, 1, 0, 0, 0, None),
    ],
    "gemini_cli_events": [("gemini-cli", "failure", 10 * S, 240, 60, 0, 60, 3, 1, 1 * S, 0, None)],
    "qwen_code_events": [("qwen-code", "cancellation", 10 * S, 240, 60, 0, 60, 3, 1, 1 * S, 0, None)],
    "qwen_code_spans": [("qwen-code", "success", 30 * S, 240, 60, 0, 60, 2, 1, 1 * S, 10 * S, None)],
}
FAILED_TOOLS = "SELECT count(*) FROM failures WHERE role = 'tool'"


def golden(name: str) -> Path:
    return FOLDER / f"{name}.jsonl"


def executions(store: Store) -> list[tuple[Any, ...]]:
    return rows(store, f"SELECT {', '.join(COLUMNS)} FROM executions ORDER BY start_ns")


def test_each_file_is_expected_and_each_expected_is_a_file() -> None:
    """No golden file goes unread."""
    assert {file.stem for file in FOLDER.glob("*.jsonl")} == EXPECTED.keys()


@pytest.mark.parametrize("dialect", EXPECTED)
def test_a_turn_in_a_dialect(store: Store, dialect: str) -> None:
    """Tokens, calls, failures, times and cost are exact, nothing is rejected, and a second reading adds nothing."""
    first = ingest(store, [golden(dialect)])
    assert executions(store) == EXPECTED[dialect]
    assert rows(store, FAILED_TOOLS) == [(1,)]
    assert (first.rejected, first.executions) == (0, len(EXPECTED[dialect]))
    again = ingest(store, [golden(dialect)])
    assert (again.spans, again.executions, again.duplicates) == (0, 0, first.spans)


def test_a_second_reading_from_elsewhere_adds_nothing(store: Store, tmp_path: Path) -> None:
    """Ids are hashed from what the agent calls its turns and calls, wherever they are read."""
    copied = tmp_path / "copy.jsonl"
    copied.write_bytes(golden("codex_events").read_bytes())
    ingest(store, [golden("codex_events")])
    result = ingest(store, [copied])
    assert (result.spans, result.executions) == (0, 0)
    assert executions(store) == EXPECTED["codex_events"]


@pytest.mark.parametrize("order", [("spans", "events"), ("events", "spans")])
def test_spans_and_events_of_the_same_session_count_once(store: Store, order: tuple[str, str]) -> None:
    """Whichever comes first: the turn is the one that has a span."""
    for kind in order:
        ingest(store, [golden(f"claude_code_{kind}")])
    assert executions(store) == EXPECTED["claude_code_spans"]


def test_waiting_for_a_person_is_no_time_of_the_tool(store: Store) -> None:
    """Of eleven seconds ten were waited for somebody to allow the call."""
    ingest(store, [golden("claude_code_spans")])
    assert rows(store, "SELECT tool_ns, person_ns, blocked_calls FROM executions") == [(S, 10 * S, 1)]


def test_what_only_metrics_carry_is_passed_over_and_said(store: Store) -> None:
    """Their sums are those of the events."""
    assert ingest(store, [golden("claude_code_events")]).skipped_metrics == 1


def test_events_that_tell_of_no_call_stay_log_records(store: Store) -> None:
    """None is lost, known or not."""
    ingest(store, [golden("claude_code_events")])
    assert rows(store, "SELECT count(*) FROM logs WHERE event_name = 'something_new'") == [(1,)]
    assert rows(store, "SELECT count(*) FROM logs") == [(8,)]
