"""Drag: what removing a span would gain, by two algorithms that know nothing of each other, and by hand."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tachograph.measure.drag import Tree
from tachograph.semantics.critical_path import Node, critical_path


def test_a_share_of_the_path_overstates_what_a_parallel_step_costs() -> None:
    """a takes 100 of 100, but without it b still takes 90."""
    tree = Tree(Node("r", None, 0, 100), [Node("a", "r", 0, 100), Node("b", "r", 0, 90)])
    assert tree.drags() == {"r": 100, "a": 10}
    assert tree.duration({"a"}) == 90
    assert tree.duration({"a", "b"}) == 0


def test_what_follows_moves_up() -> None:
    """r works 10, then a and b in parallel, 5 of its own, then c; without c its own work stays."""
    nodes = [Node("a", "r", 10, 60), Node("b", "r", 10, 40), Node("c", "r", 65, 95)]
    tree = Tree(Node("r", None, 0, 100), nodes)
    assert tree.duration() == 100
    assert tree.drags() == {"r": 100, "a": 20, "c": 30}


def test_a_grandchild_gains_no_more_than_its_parent() -> None:
    """x is all of a, which b hides but for 10."""
    nodes = [Node("a", "r", 0, 100), Node("b", "r", 0, 90), Node("x", "a", 0, 100)]
    assert Tree(Node("r", None, 0, 100), nodes).drags() == {"r": 100, "a": 10, "x": 10}


def test_declared_dependencies_decide() -> None:
    """c waits for a only, though b ended later; b is not on the way."""
    nodes = [Node("a", "r", 0, 50, ()), Node("b", "r", 0, 55, ()), Node("c", "r", 60, 100, ("a",))]
    tree = Tree(Node("r", None, 0, 100), nodes)
    assert tree.drags() == {"r": 100, "a": 45, "c": 40}  # without a, the 55 of b are the longest way
    assert tree.duration({"b"}) == 100


def test_a_long_trace_is_quick_enough_to_be_looked_at() -> None:
    """50,000 spans, half in a row, half below them; nothing recurses and nothing is quadratic."""
    nodes = [Node(at, 0, 10 * at, 10 * at + 9) for at in range(1, 25_001)]
    nodes += [Node(-at, at, 10 * at + 1, 10 * at + 8) for at in range(1, 25_001)]
    tree = Tree(Node(0, None, 0, 260_000), nodes)
    drags = tree.drags()
    assert (drags[1], drags[-1], drags[25_000]) == (9, 7, 9)
    assert tree.duration() == 260_000


@st.composite
def trees(draw: st.DrawFn, *, declared: bool = True) -> tuple[Node, list[Node]]:
    """Spans below one root; some declare which of their earlier siblings they waited for."""
    nodes: list[Node] = []
    for at in range(1, draw(st.integers(1, 10))):
        parent = draw(st.integers(0, at - 1))
        low, high = sorted((draw(st.integers(0, 60)), draw(st.integers(0, 60))))
        siblings = [node.id for node in nodes if node.parent == parent and node.end <= low]
        after = None
        if declared and draw(st.booleans()):
            after = tuple(draw(st.lists(st.sampled_from(siblings), unique=True)) if siblings else ())
        nodes.append(Node(at, parent, low, high, after))
    return Node(0, None, 0, draw(st.integers(30, 70))), nodes


@given(trees())
def test_unchanged_a_trace_takes_as_long_as_it_did(tree: tuple[Node, list[Node]]) -> None:
    """Whatever overlaps, outlives its parent or is declared."""
    root, nodes = tree
    assert Tree(root, nodes).duration() == root.end - root.start


@given(trees())
def test_ways_round_a_span_and_timing_the_tree_without_it_agree(tree: tuple[Node, list[Node]]) -> None:
    """For every span of every tree."""
    root, nodes = tree
    made = Tree(root, nodes)
    drags, whole = made.drags(), made.duration()
    for node in made.lengths:
        assert drags.get(node, 0) == pytest.approx(whole - made.duration({node}))


@given(trees(declared=False))
def test_what_gains_anything_is_on_the_critical_path(tree: tuple[Node, list[Node]]) -> None:
    """The backward walk and the longest ways find the same spans: what has drag held the root up, itself or through
    what is below it."""
    root, nodes = tree
    above = {node.id: node.parent for node in nodes}
    held = set()
    for section in critical_path(root, nodes):
        at = section.id
        while at is not None:
            held.add(at)
            at = above.get(at)
    assert set(Tree(root, nodes).drags()) <= held


@st.composite
def graphs(draw: st.DrawFn) -> tuple[list[Node], list[int], int]:
    """Steps that declare what they wait for and begin some time after the last of it; with those gaps."""
    nodes: list[Node] = []
    gaps = []
    for at in range(draw(st.integers(1, 9))):
        after = tuple(draw(st.lists(st.integers(0, at - 1), unique=True)) if at else ())
        gaps.append(draw(st.integers(0, 9)))
        start = max((nodes[edge].end for edge in after), default=0) + gaps[at]
        nodes.append(Node(at, "r", start, start + draw(st.integers(1, 30)), after))
    return nodes, gaps, max(node.end for node in nodes) + draw(st.integers(0, 5))


@given(graphs())
def test_the_backward_walk_takes_a_longest_path_of_the_declared_graph(graph: tuple[list[Node], list[int], int]) -> None:
    """Worked out forwards from lengths and gaps alone, without looking at a clock."""
    nodes, gaps, end = graph
    longest: list[int] = []
    for node in nodes:
        before = max((longest[edge] for edge in node.after or ()), default=0)
        longest.append(before + gaps[node.id] + node.end - node.start)
    sections = critical_path(Node("r", None, 0, end), nodes)
    path = [section.id for section in sections if section.id != "r"]
    assert longest[path[-1]] == max(longest)
    for first, second in pairwise(path):
        assert first in (nodes[second].after or ())
        assert longest[second] == longest[first] + gaps[second] + nodes[second].end - nodes[second].start
    assert not nodes[path[0]].after
