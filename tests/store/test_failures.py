"""Where failures began: each once, with what was said there."""

from pathlib import Path
from typing import Any

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from telemetry import FAILED, agent, call, hex_id, line, read, recipe, rows, settled, span, step, tool

from tachograph.store import Store
from tachograph.store.settling.failures import beginnings

BROKE = {"status": {"code": 2, "message": "it broke"}}
SILENT = {"status": {"code": 2}}


def said(message: str) -> dict[str, Any]:
    return {"status": {"code": 2, "message": message}}


def began(store: Store) -> dict[str, str]:
    """The message of each failure by the id of the span where it began."""
    return dict(rows(store, "SELECT span_id, message FROM failures"))  # type: ignore[arg-type]


def test_a_failure_that_went_up_counts_where_it_began(store: Store, file: Path) -> None:
    """The innermost span of the chain; everything around it only handed it on."""
    chain = [recipe(1, **FAILED), step(2, parent=1, **FAILED), agent(3, parent=2, **FAILED)]
    settled(store, file, [*chain, tool(4, parent=3, **said("disk full")), call(5, parent=3)])
    assert began(store) == {hex_id(4): "disk full"}


def test_failures_that_do_not_touch_are_two(store: Store, file: Path) -> None:
    """Two tools failed below one agent; and another failed below an agent that succeeded: it was made good."""
    spans = [
        recipe(1, **FAILED), agent(2, parent=1, **FAILED),
        tool(3, parent=2, **said("a")), tool(4, parent=2, **said("b")),
        agent(5, parent=1), tool(6, parent=5, **said("c")),
    ]  # fmt: skip
    settled(store, file, spans)
    assert began(store) == {hex_id(3): "a", hex_id(4): "b", hex_id(6): "c"}
    found = rows(store, "SELECT span_id, recovered, execution_id, recipe_name FROM failures ORDER BY span_id")
    assert found == [
        (hex_id(3), False, hex_id(2), "bug_fix"),
        (hex_id(4), False, hex_id(2), "bug_fix"),
        (hex_id(6), True, hex_id(5), "bug_fix"),
    ]


def test_a_success_between_divides_a_chain(store: Store, file: Path) -> None:
    """What failed above it failed for a reason of its own."""
    settled(store, file, [recipe(1, **said("late")), agent(2, parent=1), tool(3, parent=2, **said("no"))])
    assert began(store) == {hex_id(1): "late", hex_id(3): "no"}


def test_a_span_that_says_nothing_leaves_it_to_the_one_around_it(store: Store, file: Path) -> None:
    """The innermost span that says something stands for the chain, silent ones below and above it do not."""
    spans = [recipe(1, **SILENT), agent(2, parent=1, **BROKE), tool(3, parent=2, **SILENT), span(4, parent=3, **SILENT)]
    settled(store, file, spans)
    assert began(store) == {hex_id(2): "it broke"}


def test_a_chain_in_which_nobody_says_anything(store: Store, file: Path) -> None:
    """Begins at its innermost span, with the exit code or the outcome for words."""
    command = span(1, {"dev_agency.command.name": "build", "process.exit.code": -9})
    timeout = agent(2, facts={"dev_agency.outcome": "timeout"}, parent=3)
    settled(store, file, [command, agent(3, **SILENT), timeout])
    assert began(store) == {hex_id(1): "exit code -9", hex_id(2): "timeout"}


def test_what_is_said_is_the_message_else_the_type(store: Store, file: Path) -> None:
    """Masked; a message that is nothing but a value is told with its type."""
    typed = {"error.type": "KeyError"}
    spans = [
        agent(1, facts=typed, **said("'user_7'")),
        agent(2, facts=typed, **SILENT),
        agent(3, **said("no file /a/b")),
    ]
    settled(store, file, spans)
    assert began(store) == {hex_id(1): "KeyError: <*>", hex_id(2): "KeyError", hex_id(3): "no file <*>"}


def test_skipped_and_cancelled(store: Store, file: Path) -> None:
    """A skip is no failure, a cancellation is one."""
    skipped = step(1, facts={"dev_agency.outcome": "skip"})
    settled(store, file, [skipped, agent(2, facts={"dev_agency.outcome": "cancellation"})])
    assert began(store) == {hex_id(2): "cancellation"}


def test_what_comes_later_is_settled_anew(store: Store, file: Path) -> None:
    """The tool below arrives with a second file: the failure moves to it and is not there twice."""
    read(store, file, line(agent(1, **FAILED)))
    assert began(store) == {hex_id(1): "it broke"}
    read(store, file.with_name("late.jsonl"), line(tool(2, parent=1, **said("no space"))))
    assert began(store) == {hex_id(2): "no space"}


def test_a_long_chain_and_a_span_without_any_execution(store: Store, file: Path) -> None:
    """A thousand failing spans are one failure; without an execution around it the span stands for itself."""
    settled(store, file, [span(n, parent=n - 1 or None, **FAILED) for n in range(1, 1_001)])
    assert rows(store, "SELECT span_id, execution_id, recovered FROM failures") == [(hex_id(1000), hex_id(1000), False)]


@given(st.lists(st.tuples(st.integers(0, 99), st.booleans(), st.booleans()), max_size=12))
def test_any_tree_gives_what_walking_it_gives(spans: list[tuple[int, bool, bool]]) -> None:
    """Arrays against a walk from each span to its root: who failed, who says something, who hangs where is drawn."""
    parents = [number % at - 1 if at else -1 for at, (number, _, _) in enumerate(spans)]
    failed, says = [span[1] for span in spans], [span[2] for span in spans]

    def chain(at: int) -> list[int]:
        above = []
        while (at := parents[at]) >= 0 and failed[at]:
            above.append(at)
        return above

    everyone = range(len(spans))
    below = {at: [other for other in everyone if failed[other] and at in chain(other)] for at in everyone}
    expected = [
        failed[at]
        and not any(says[other] for other in below[at])
        and (says[at] or not (below[at] or any(says[other] for other in chain(at))))
        for at in everyone
    ]
    made = beginnings(np.array(parents, dtype=np.int64), np.array(failed, dtype=bool), np.array(says, dtype=bool))
    assert made.tolist() == expected
