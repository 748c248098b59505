"""The critical path, on the cases of another tracer's user interface and on random trees."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tachograph.semantics.critical_path import Node, Section, critical_path

CASES = ("test1", "test2", "test3", "test4", "test5")


def read(file: Path) -> tuple[list[Node], list[Section]]:
    case = json.loads(file.read_text())
    nodes = []
    for span in case["trace"]["spans"]:
        parents = [ref["spanID"] for ref in span["references"] if ref["refType"] == "CHILD_OF"]
        start = span["startTime"]
        nodes.append(Node(span["spanID"], parents[0] if parents else None, start, start + span["duration"]))
    expected = [Section(s["spanID"], s["sectionStart"], s["sectionEnd"]) for s in case["criticalPathSections"]]
    return nodes, sorted(expected, key=lambda section: section.start)


@pytest.mark.parametrize("case", CASES)
def test_known_cases_give_exactly_the_expected_sections(case: str, fixtures: Path) -> None:
    """Five traces with sections that were worked out elsewhere; a FOLLOWS_FROM link holds nothing up."""
    nodes, expected = read(fixtures / "critical_path" / f"{case}.json")
    root = min((node for node in nodes if node.parent is None), key=lambda node: node.start)
    assert critical_path(root, nodes) == expected


def test_back_to_back_siblings_are_both_on_the_path() -> None:
    """A child that starts in the very nanosecond in which its sibling ended was waiting for it."""
    nodes = [Node("a", "root", 0, 50), Node("b", "root", 50, 100)]
    assert critical_path(Node("root", None, 0, 100), nodes) == [Section("a", 0, 50), Section("b", 50, 100)]


def test_a_child_that_outlives_its_parent_is_cut_to_it() -> None:
    """The path ends where the root ends, whatever still runs in the background."""
    assert critical_path(Node("root", None, 10, 100), [Node("a", "root", 5, 500)]) == [Section("a", 10, 100)]


def test_a_tree_deeper_than_the_stack_is_walked() -> None:
    """A chain of 50,000 spans, each the only child of the one before."""
    depth = 50_000
    nodes = [Node(i, i - 1, i, 2 * depth - i) for i in range(1, depth)]
    assert len(critical_path(Node(0, None, 0, 2 * depth), nodes)) == 2 * depth - 1


def test_a_cycle_of_parents_ends() -> None:
    """Nonsense in the data gives a path of what hangs under the root, not a hang."""
    nodes = [Node("a", "b", 0, 5), Node("b", "a", 0, 5)]
    assert critical_path(Node("root", None, 0, 10), nodes) == [Section("root", 0, 10)]


@st.composite
def trees(draw: st.DrawFn) -> tuple[Node, list[Node]]:
    size = draw(st.integers(0, 12))
    times = st.tuples(st.integers(0, 40), st.integers(0, 40))
    nodes = []
    for index in range(1, size + 1):
        low, high = sorted(draw(times))
        nodes.append(Node(index, draw(st.integers(0, index - 1)), low, high))
    return Node(0, None, 5, draw(st.integers(5, 40))), nodes


@given(trees())
def test_sections_cover_the_root_without_gap_or_overlap(tree: tuple[Node, list[Node]]) -> None:
    """Whatever the tree: the sections are in order, touch each other and add up to the root's duration."""
    root, nodes = tree
    sections = critical_path(root, nodes)
    edges = [root.start, *(section.end for section in sections)]
    assert [section.start for section in sections] == edges[:-1]
    assert edges[-1] == root.end


@given(trees())
def test_a_section_lies_within_its_own_span(tree: tuple[Node, list[Node]]) -> None:
    """No span is blamed for time in which it did not run."""
    root, nodes = tree
    spans = {node.id: node for node in (root, *nodes)}
    for section in critical_path(root, nodes):
        assert spans[section.id].start <= section.start < section.end <= spans[section.id].end
