"""Recipes as graphs of their steps, from telemetry that says what waits for what and from some that does not."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from telemetry import TRACE, line, recipe, step

from tachograph.measure.graphs import graphs
from tachograph.records import RecipeGraph, Window
from tachograph.store import ingest, open_store

ALWAYS = Window(0, 2**63 - 1)
# Name, start, end: audit and document run side by side, and audit takes longer.
STEPS = [("reproduce", 0, 100), ("fix", 110, 400), ("audit", 410, 900), ("document", 410, 600)]
WAITS: dict[str, list[str]] = {"reproduce": [], "fix": ["reproduce"], "audit": ["fix"], "document": ["fix"]}


def made(tmp_path: Path, runs: Sequence[list[dict[str, Any]]]) -> list[RecipeGraph]:
    """The graphs of executions, each a trace."""
    file = tmp_path / "runs.jsonl"
    file.write_bytes(b"".join(line(*spans) for spans in runs))
    with open_store(tmp_path / "store.duckdb") as store:
        ingest(store, [file])
        return graphs(store, ALWAYS)


def run(number: int, *, declared: bool, stretch: int = 1) -> list[dict[str, Any]]:
    """One execution; its steps say what they wait for, or do not."""
    trace = f"{number:032x}"
    steps = [
        step(
            10 * number + at,
            name,
            trace=trace,
            parent=10 * number,
            start=start * stretch,
            end=end * stretch,
            facts={"dev_agency.step.depends_on": WAITS[name]} if declared else {},
        )
        for at, (name, start, end) in enumerate(STEPS, 1)
    ]
    return [recipe(10 * number, trace=trace, start=0, end=1_000 * stretch), *steps]


def test_graph_of_a_recipe_that_names_what_its_steps_wait_for(tmp_path: Path) -> None:
    """Steps come in order with what they declare; the path is what held the executions up, with its shares."""
    [graph] = made(tmp_path, [run(number, declared=True) for number in (1, 2, 3)])
    assert (graph.recipe_name, graph.executions) == ("bug_fix", 3)
    assert [step.name for step in graph.steps] == ["reproduce", "fix", "audit", "document"]
    assert {step.name: step.depends_on for step in graph.steps} == WAITS
    assert all(step.declared and step.success_rate == 1 for step in graph.steps)
    assert graph.critical_path == ["reproduce", "fix", "audit"]
    assert [step.critical_share for step in graph.steps] == [0.1, 0.29, 0.49, 0]
    assert [step.p50_duration_ms for step in graph.steps] == [1e-4, 2.9e-4, 4.9e-4, 1.9e-4]


def test_what_steps_wait_for_is_observed_where_nothing_says_it(tmp_path: Path) -> None:
    """A step waits for those that always ended before it began, but for those that follow from others."""
    [graph] = made(tmp_path, [run(number, declared=False) for number in (1, 2)])
    assert {step.name: step.depends_on for step in graph.steps} == WAITS
    assert not any(step.declared for step in graph.steps)


def test_two_executions_of_one_recipe_in_a_trace(tmp_path: Path) -> None:
    """A step belongs to the execution that is its parent, so that no graph mixes two of them."""
    both = [*run(1, declared=True), *run(2, declared=True, stretch=2)]
    for span in both:
        span["traceId"] = TRACE
    [graph] = made(tmp_path, [both])
    assert graph.executions == 2
    assert [step.executions for step in graph.steps] == [2, 2, 2, 2]
    assert [step.critical_share for step in graph.steps] == [0.1, 0.29, 0.49, 0]


def test_failed_executions_do_not_tell_the_path_while_others_succeed(tmp_path: Path) -> None:
    """Executions that stop early would make the path of a recipe look short."""
    failed = []
    for number in (4, 5, 6):
        spans = run(number, declared=True)[:2]
        spans[0]["status"] = {"code": 2, "message": json.dumps("stopped")}
        failed.append(spans)
    [graph] = made(tmp_path, [run(1, declared=True), *failed])
    assert graph.executions == 4
    assert graph.critical_path == ["reproduce", "fix", "audit"]


def test_recipe_without_steps_has_no_graph(tmp_path: Path) -> None:
    """There is nothing to draw."""
    assert made(tmp_path, [[recipe(1)]]) == []
